using System.Text.Json;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.PushedAuthorization;

/// <summary>The answer to a pushed request (RFC 9126 §2.2).</summary>
/// <param name="ExpiresIn">Seconds.</param>
public sealed record PushedAuthorizationResponse(string RequestUri, long ExpiresIn)
{
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString(Parameters.RequestUri, RequestUri);
        writer.WriteNumber(Parameters.ExpiresIn, ExpiresIn);
        writer.WriteEndObject();
    }
}
