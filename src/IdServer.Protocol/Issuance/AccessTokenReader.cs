using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Protocol.Users;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Issuance;

/// <summary>
/// Reads access tokens of this server where they come back to it: introspection, userinfo, revocation. Besides the signature it asks whether token, grant,
/// session, client and person still live, so that a revoked JWT is dead at once (requirement 28).
/// </summary>
public sealed class AccessTokenReader(ProtocolOptions options, KeyRing keys, RevokedSet revoked, ClientCache clients, IUserClaimsSource users, TimeProvider time)
{
    // Our own clock made the times: no skew, or a token would outlive the memory of its revocation.
    private readonly JwtRules rules = AccessTokenRules.For(options.Issuer, null) with { ClockSkew = TimeSpan.Zero };

    /// <returns>Null when the token is not one of ours, has expired, or does not live any more.</returns>
    public async ValueTask<AccessToken?> ReadAsync(string token, CancellationToken ct) =>
        (await DemandAsync(token, ct)).TryGet(out var read, out _) ? read : null;

    /// <summary>The same, with an <c>invalid_token</c> error whose reason says for the log what is wrong.</summary>
    public async ValueTask<OAuthResult<AccessToken>> DemandAsync(string token, CancellationToken ct)
    {
        var outcome = await JwtValidator.ValidateAsync(token, rules, keys.PublicKeys, time);
        if (!outcome.IsValid)
        {
            return Refuse(outcome.Fault.ToString());
        }

        var claims = outcome.Claims;
        if (!Guid.TryParse(JwtValidator.Text(claims, ClaimNames.JwtId), out var tokenId)
            || JwtValidator.Text(claims, ClaimNames.Subject) is not { } subject
            || JwtValidator.Text(claims, ClaimNames.ClientId) is not { } clientId
            || JwtValidator.Time(claims, ClaimNames.Expiration) is not { } expiresAt)
        {
            return Refuse("A claim is missing."); // never signed so by this version of the server
        }

        // RFC 9068 §2.2: the client is the subject where no person is involved.
        var isPerson = subject != clientId;
        var grantId = Id(claims, ClaimNames.GrantId);
        if (revoked.HoldsToken(tokenId, grantId, Id(claims, ClaimNames.SessionId), isPerson && Guid.TryParse(subject, out var userId) ? userId : null))
        {
            return Refuse("Revoked.");
        }

        if (await clients.FindAsync(clientId, ct) is not { } client)
        {
            return Refuse("Its client is no longer registered.");
        }

        var user = isPerson ? await users.FindAsync(subject, ct) : null;
        if (isPerson && user is null)
        {
            return Refuse("The account may not sign in any more.");
        }

        return new AccessToken
        {
            Id = tokenId,
            Client = client,
            User = user,
            GrantId = grantId,
            Scopes = JwtValidator.Text(claims, ClaimNames.Scope)?.Split(' ') ?? [],
            ExpiresAt = expiresAt,
            Claims = claims,
        };
    }

    // RFC 6750 §3.1: one sentence for expired, revoked, malformed and otherwise invalid.
    private static OAuthError Refuse(string reason) => OAuthError.InvalidToken("The access token is expired, revoked, or not one of this server: get a new one.", reason);

    private static Guid? Id(JsonElement claims, string name) => Guid.TryParse(JwtValidator.Text(claims, name), out var id) ? id : null;
}
