using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Protocol.Users;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Memory;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Issuance;

/// <summary>
/// Reads access tokens of this server where they come back to it: introspection, userinfo, revocation. A signature is verified once and remembered; whether token,
/// grant, session, client and person still live is asked every time, so that a revoked JWT is dead at once (requirement 28).
/// </summary>
public sealed class AccessTokenReader
{
    private const int MostRemembered = 20_000;

    private readonly RecentlyUsed<TokenDigest, SignedAccessToken> remembered = new(MostRemembered);
    private readonly JwtRules rules;
    private readonly KeyRing keys;
    private readonly RevokedSet revoked;
    private readonly ClientCache clients;
    private readonly SubjectIdentifiers subjects;
    private readonly IUserClaimsSource users;
    private readonly TimeProvider time;

    public AccessTokenReader(ProtocolOptions options, KeyRing keys, RevokedSet revoked, ClientCache clients, SubjectIdentifiers subjects, IUserClaimsSource users, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(keys);

        // Our own clock made the times: no skew, or a token would outlive the memory of its revocation.
        rules = AccessTokenRules.For(options.Issuer, null) with { ClockSkew = TimeSpan.Zero };
        this.keys = keys;
        this.revoked = revoked;
        this.clients = clients;
        this.subjects = subjects;
        this.users = users;
        this.time = time;
        keys.Changed += (_, _) => remembered.Clear(); // a key that is gone vouches for nothing
    }

    /// <returns>Null when the token is not one of ours, has expired, or does not live any more.</returns>
    public async ValueTask<AccessToken?> ReadAsync(string token, CancellationToken ct) =>
        (await DemandAsync(token, ct)).TryGet(out var read, out _) ? read : null;

    /// <summary>The same, with an <c>invalid_token</c> error whose reason says for the log what is wrong.</summary>
    public async ValueTask<OAuthResult<AccessToken>> DemandAsync(string token, CancellationToken ct)
    {
        var digest = TokenDigest.Of(token);
        var signed = remembered.Find(digest);
        if (signed is null)
        {
            var epoch = remembered.Epoch;
            var outcome = await JwtValidator.ValidateAsync(token, rules, keys.PublicKeys, time);
            if (!outcome.IsValid)
            {
                return Refuse(outcome.Fault.ToString());
            }

            if (JwtValidator.Text(outcome.Claims, ClaimNames.ClientId) is not { } clientId || await clients.FindAsync(clientId, ct) is not { } issuedTo)
            {
                return Refuse("Its client is no longer registered.");
            }

            signed = SignedAccessToken.Read(outcome.Claims, issuedTo, subjects);
            if (signed is null)
            {
                return Refuse("A claim is missing.");
            }

            remembered.Remember(digest, signed, epoch);
        }

        if (signed.ExpiresAt <= time.GetUtcNow())
        {
            return Refuse(nameof(JwtFault.Expired));
        }

        if (revoked.HoldsToken(signed.Id, signed.GrantId, signed.SessionId, signed.UserId))
        {
            return Refuse("Revoked.");
        }

        if (await clients.FindAsync(signed.ClientId, ct) is not { } client)
        {
            return Refuse("Its client is no longer registered.");
        }

        var user = signed.Person is { } person ? await users.FindAsync(person, ct) : null;
        return signed.IsOfPerson && user is null ? Refuse("The account may not sign in any more.") : new AccessToken(signed, client, user);
    }

    // RFC 6750 §3.1: one sentence for expired, revoked, malformed and otherwise invalid.
    private static OAuthError Refuse(string reason) => OAuthError.InvalidToken("The access token is expired, revoked, or not one of this server: get a new one.", reason);
}
