using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IdServer.Protocol.Authorize;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Issuance;

/// <summary>What an ID token is made of.</summary>
internal readonly record struct IdTokenContents(
    string Issuer,
    Client Client,
    UserClaims User,
    string Subject,
    Grant Grant,
    string? Nonce,
    string AccessToken,
    ClaimsRequest? Claims,
    DateTimeOffset IssuedAt,
    DateTimeOffset ExpiresAt);

/// <summary>Writes ID tokens (OIDC Core §2, §3.1.3.6).</summary>
internal static class IdTokenWriter
{
    public static string Sign(SigningKey key, in IdTokenContents contents) => JwtSigner.Sign(key, TokenTypes.IdTokenJwt, contents, Write);

    private static void Write(Utf8JsonWriter writer, IdTokenContents contents)
    {
        writer.WriteString(ClaimNames.Issuer, contents.Issuer);
        writer.WriteString(ClaimNames.Subject, contents.Subject);
        writer.WriteString(ClaimNames.Audience, contents.Client.ClientId);
        writer.WriteNumber(ClaimNames.Expiration, contents.ExpiresAt.ToUnixTimeSeconds());
        writer.WriteNumber(ClaimNames.IssuedAt, contents.IssuedAt.ToUnixTimeSeconds());
        AuthenticationClaims.Write(writer, contents.Grant);
        if (contents.Nonce is not null) // requirement 13: byte for byte
        {
            writer.WriteString(ClaimNames.Nonce, contents.Nonce);
        }

        if (contents.Grant.SessionId is { } sessionId) // requirement 47
        {
            writer.WriteString(ClaimNames.SessionId, sessionId);
        }

        WriteAccessTokenHash(writer, contents.AccessToken);
        if (contents.Claims is { IdToken: var asked }) // OIDC Core §5.5, requirement 12
        {
            for (var i = 0; i < asked.Count; i++)
            {
                contents.User.Write(writer, asked[i]);
            }
        }
    }

    // OIDC Core §3.1.3.6: the left half of the hash that belongs to the algorithm, SHA-256 for RS256 and ES256 alike.
    private static void WriteAccessTokenHash(Utf8JsonWriter writer, string accessToken)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> encoded = stackalloc byte[22];
        var ascii = ArrayPool<byte>.Shared.Rent(accessToken.Length);
        SHA256.HashData(ascii.AsSpan(0, Encoding.ASCII.GetBytes(accessToken, ascii)), digest);
        ArrayPool<byte>.Shared.Return(ascii);
        Base64Url.EncodeToUtf8(digest[..16], encoded);
        writer.WriteString(ClaimNames.AtHash, encoded);
    }
}
