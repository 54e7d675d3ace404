using System.Text.Json;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.DeviceAuthorization;

/// <summary>A successful answer of the device authorization endpoint (RFC 8628 §3.2).</summary>
public sealed record DeviceAuthorizationResponse
{
    /// <summary>What the device polls with.</summary>
    public required string DeviceCode { get; init; }

    /// <summary>What the device shows, with its dash.</summary>
    public required string UserCode { get; init; }

    /// <summary>What the device shows beside it; short enough to type.</summary>
    public required string VerificationUri { get; init; }

    /// <summary>The same with the code in it: what a QR code holds.</summary>
    public required string VerificationUriComplete { get; init; }

    /// <summary>Seconds.</summary>
    public required long ExpiresIn { get; init; }

    /// <summary>Seconds between polls.</summary>
    public required long Interval { get; init; }

    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString(Parameters.DeviceCode, DeviceCode);
        writer.WriteString(Parameters.UserCode, UserCode);
        writer.WriteString(Parameters.VerificationUri, VerificationUri);
        writer.WriteString(Parameters.VerificationUriComplete, VerificationUriComplete);
        writer.WriteNumber(Parameters.ExpiresIn, ExpiresIn);
        writer.WriteNumber(Parameters.Interval, Interval);
        writer.WriteEndObject();
    }
}
