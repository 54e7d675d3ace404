using System.Text.Json;
using IdServer.Protocol.Authorize;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Token;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Issuance;

/// <summary>What an access token is made of.</summary>
internal readonly record struct AccessTokenContents(
    string Issuer,
    Client Client,
    ProvenGrant Proven,
    string Subject,
    string Scope,
    IReadOnlyList<ApiResource> Resources,
    ClaimsRequest? Claims,
    DateTimeOffset IssuedAt,
    DateTimeOffset ExpiresAt);

/// <summary>Writes JWT access tokens (RFC 9068 §2).</summary>
internal static class AccessTokenWriter
{
    public static string Sign(SigningKey key, in AccessTokenContents contents) => JwtSigner.Sign(key, TokenTypes.AccessTokenJwt, contents, Write);

    private static void Write(Utf8JsonWriter writer, AccessTokenContents contents)
    {
        var proven = contents.Proven;
        writer.WriteString(ClaimNames.Issuer, contents.Issuer);
        WriteAudience(writer, contents);
        writer.WriteString(ClaimNames.Subject, contents.Subject);
        writer.WriteString(ClaimNames.ClientId, contents.Client.ClientId);
        writer.WriteNumber(ClaimNames.IssuedAt, contents.IssuedAt.ToUnixTimeSeconds());
        writer.WriteNumber(ClaimNames.Expiration, contents.ExpiresAt.ToUnixTimeSeconds());
        writer.WriteString(ClaimNames.JwtId, Guid.CreateVersion7(contents.IssuedAt)); // its milliseconds are the time of issue for RevokedSet
        if (contents.Scope.Length > 0)
        {
            writer.WriteString(ClaimNames.Scope, contents.Scope);
        }

        proven.Confirmation?.WriteTo(writer); // RFC 9449 §6.1, RFC 8705 §3.1

        if (proven.GrantId is { } grantId)
        {
            writer.WriteString(ClaimNames.GrantId, grantId);
        }

        if (proven is { Grant: { } grant, User: { } user })
        {
            if (grant is { SessionId: { } sessionId, IsOffline: false }) // only a token that dies with the session names it
            {
                writer.WriteString(ClaimNames.SessionId, sessionId);
            }

            AuthenticationClaims.Write(writer, grant); // RFC 9068 §2.2.1
            user.Write(writer, ClaimNames.Rol);
            if (contents.Client.Sector is null || proven.Scopes.Contains(ScopeNames.Email)) // a name for one sector is none when the address stands beside it
            {
                user.Write(writer, ClaimNames.Email);
            }

            if (contents.Client.Sector is null || proven.Scopes.Contains(ScopeNames.Profile))
            {
                user.Write(writer, ClaimNames.Nombre);
            }
        }

        if (proven.Exchanged is { } exchanged)
        {
            writer.WriteBoolean(ClaimNames.Exchanged, true);
            if (exchanged.Actor is { } actor) // RFC 8693 §4.1
            {
                writer.WritePropertyName(ClaimNames.Actor);
                actor.WriteTo(writer);
            }
        }

        if (contents.Claims is { UserInfo: { Count: > 0 } asked })
        {
            writer.WriteStartArray(ClaimNames.UserInfoClaims);
            for (var i = 0; i < asked.Count; i++)
            {
                writer.WriteStringValue(asked[i]);
            }

            writer.WriteEndArray();
        }
    }

    // RFC 9068 §3: the APIs that the scopes belong to; this server too where it is one (userinfo), and alone where there is no other.
    private static void WriteAudience(Utf8JsonWriter writer, in AccessTokenContents contents)
    {
        var resources = contents.Resources;
        var servesUserInfo = contents.Proven is { Resource: null } proven && proven.Scopes.Contains(ScopeNames.OpenId);
        if (resources.Count == 0)
        {
            writer.WriteString(ClaimNames.Audience, contents.Issuer);
            return;
        }

        if (resources.Count == 1 && !servesUserInfo)
        {
            writer.WriteString(ClaimNames.Audience, resources[0].Identifier);
            return;
        }

        writer.WriteStartArray(ClaimNames.Audience);
        for (var i = 0; i < resources.Count; i++)
        {
            writer.WriteStringValue(resources[i].Identifier);
        }

        if (servesUserInfo)
        {
            writer.WriteStringValue(contents.Issuer);
        }

        writer.WriteEndArray();
    }
}
