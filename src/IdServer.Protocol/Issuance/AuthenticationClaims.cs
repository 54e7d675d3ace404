using System.Text.Json;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Issuance;

/// <summary>How and when the person signed in: <c>auth_time</c>, <c>acr</c>, <c>amr</c> (OIDC Core §2, RFC 9068 §2.2.1), where known.</summary>
internal static class AuthenticationClaims
{
    public static void Write(Utf8JsonWriter writer, Grant grant)
    {
        if (grant.AuthTime is { } authTime)
        {
            writer.WriteNumber(ClaimNames.AuthTime, authTime.ToUnixTimeSeconds());
        }

        if (!string.IsNullOrEmpty(grant.Acr)) // requirement 11: never an empty string
        {
            writer.WriteString(ClaimNames.Acr, grant.Acr);
        }

        if (grant.Amr.Count > 0)
        {
            writer.WriteStartArray(ClaimNames.Amr);
            for (var i = 0; i < grant.Amr.Count; i++)
            {
                writer.WriteStringValue(grant.Amr[i]);
            }

            writer.WriteEndArray();
        }
    }
}
