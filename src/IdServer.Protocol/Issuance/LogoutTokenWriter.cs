using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Issuance;

/// <summary>What a logout token is made of.</summary>
internal readonly record struct LogoutTokenContents(string Issuer, string ClientId, string Subject, Guid SessionId, DateTimeOffset IssuedAt);

/// <summary>Writes logout tokens (OIDC Back-Channel Logout §2.4, requirement 47). They live for two minutes (§4).</summary>
internal static class LogoutTokenWriter
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    public static string Sign(SigningKey key, in LogoutTokenContents contents) => JwtSigner.Sign(key, TokenTypes.LogoutJwt, contents, static (writer, token) =>
    {
        writer.WriteString(ClaimNames.Issuer, token.Issuer);
        writer.WriteString(ClaimNames.Subject, token.Subject);
        writer.WriteString(ClaimNames.Audience, token.ClientId);
        writer.WriteNumber(ClaimNames.IssuedAt, token.IssuedAt.ToUnixTimeSeconds());
        writer.WriteNumber(ClaimNames.Expiration, (token.IssuedAt + Lifetime).ToUnixTimeSeconds());
        writer.WriteString(ClaimNames.JwtId, Guid.CreateVersion7(token.IssuedAt));
        writer.WriteString(ClaimNames.SessionId, token.SessionId);
        writer.WriteStartObject(ClaimNames.Events);
        writer.WriteStartObject(Event);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });
}
