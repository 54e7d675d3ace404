using System.Text.Json;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Tokens.DPoP;

/// <summary>The claim <c>cnf</c> of an access token (RFC 7800 §3.1): the key its holder must prove to have.</summary>
public static class Confirmation
{
    /// <summary>A confirmation that no proof can satisfy: one by another method than <c>jkt</c>.</summary>
    public const string Unknown = "";

    /// <returns>The thumbprint of the key (RFC 9449 §6.1), <see cref="Unknown"/>, or null for a token that anybody may bear.</returns>
    public static string? KeyOf(JsonElement claims) =>
        !claims.TryGetProperty(ClaimNames.Confirmation, out var confirmation) ? null
        : confirmation.ValueKind == JsonValueKind.Object && JwtValidator.Text(confirmation, ClaimNames.JwkThumbprint) is { } thumbprint ? thumbprint
        : Unknown;

    /// <summary>Writes the claim.</summary>
    public static void Write(Utf8JsonWriter writer, string thumbprint)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject(ClaimNames.Confirmation);
        writer.WriteString(ClaimNames.JwkThumbprint, thumbprint);
        writer.WriteEndObject();
    }
}
