using IdServer.Protocol.Clients;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Protocol.Users;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Authorize;

/// <summary>Reads <c>id_token_hint</c>: our signature and issuer are demanded, with superseded keys too; expiry is not (OIDC Core §3.1.2.1, requirements 10 and 46).</summary>
public sealed class IdTokenHints(ProtocolOptions options, KeyRing keys, ClientCache clients, SubjectIdentifiers subjects, TimeProvider time)
{
    private readonly JwtRules rules = new()
    {
        Issuer = options.Issuer,
        Audiences = null,
        Types = [TokenTypes.IdTokenJwt],
        Algorithms = [Algorithms.ES256, Algorithms.RS256],
        DemandUnexpired = false,
    };

    /// <returns>Null when the hint is not an ID token of this server.</returns>
    public async ValueTask<IdTokenHint?> ReadAsync(string hint, CancellationToken ct)
    {
        var outcome = await JwtValidator.ValidateAsync(hint, rules, keys.PublicKeys, time);
        if (!outcome.IsValid
            || JwtValidator.Text(outcome.Claims, ClaimNames.Subject) is not { } subject
            || JwtValidator.Time(outcome.Claims, ClaimNames.Expiration) is null // signed userinfo has none
            || JwtValidator.Text(outcome.Claims, ClaimNames.Audience) is not { } clientId)
        {
            return null;
        }

        var client = await clients.FindAsync(clientId, ct);
        return new IdTokenHint(client is null ? null : subjects.Resolve(client, subject), JwtValidator.Text(outcome.Claims, ClaimNames.SessionId), clientId);
    }
}

/// <summary>An ID token this server issued once.</summary>
/// <param name="Subject">The person's id; null when its client is registered no longer.</param>
/// <param name="ClientId">Who it was issued to.</param>
public sealed record IdTokenHint(string? Subject, string? SessionId, string ClientId)
{
    /// <summary>Whether it was issued to this client.</summary>
    public bool IsFor(string clientId) => ClientId == clientId;
}
