using System.Text.Json;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Tokens.AccessTokens;

/// <summary>The claim <c>cnf</c> of an access token (RFC 7800 §3.1): what its holder must prove to have, both where it names both.</summary>
/// <param name="Key">Thumbprint of the key of DPoP proofs (<c>jkt</c>, RFC 9449 §6.1), or null.</param>
/// <param name="Certificate">Thumbprint of the certificate of the TLS connection (<c>x5t#S256</c>, RFC 8705 §3.1), or null.</param>
public sealed record Confirmation(string? Key, string? Certificate)
{
    // No thumbprint is empty: nothing satisfies it.
    private const string Never = "";

    // By a method that nobody here knows.
    private static readonly Confirmation Unknown = new(Never, null);

    /// <summary>Null for a token that anybody may bear.</summary>
    public static Confirmation? Of(string? key, string? certificate) => key is null && certificate is null ? null : new(key, certificate);

    /// <inheritdoc cref="Of"/>
    public static Confirmation? Read(JsonElement claims) =>
        !claims.TryGetProperty(ClaimNames.Confirmation, out var confirmation) ? null
        : confirmation.ValueKind == JsonValueKind.Object ? Of(Member(confirmation, ClaimNames.JwkThumbprint), Member(confirmation, ClaimNames.CertificateThumbprint)) ?? Unknown
        : Unknown;

    /// <summary>Writes the claim.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject(ClaimNames.Confirmation);
        if (Key is not null)
        {
            writer.WriteString(ClaimNames.JwkThumbprint, Key);
        }

        if (Certificate is not null)
        {
            writer.WriteString(ClaimNames.CertificateThumbprint, Certificate);
        }

        writer.WriteEndObject();
    }

    private static string? Member(JsonElement confirmation, string name) => confirmation.TryGetProperty(name, out _) ? JwtValidator.Text(confirmation, name) ?? Never : null;
}
