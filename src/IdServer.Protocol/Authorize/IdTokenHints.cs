using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Authorize;

/// <summary>Reads <c>id_token_hint</c>: our signature and issuer are demanded, with superseded keys too; expiry is not (OIDC Core §3.1.2.1, requirements 10 and 46).</summary>
public sealed class IdTokenHints(ProtocolOptions options, KeyRing keys, TimeProvider time)
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
    public async ValueTask<IdTokenHint?> ReadAsync(string hint)
    {
        var outcome = await JwtValidator.ValidateAsync(hint, rules, keys.PublicKeys, time);
        return outcome.IsValid && JwtValidator.Text(outcome.Claims, ClaimNames.Subject) is { } subject
            ? new IdTokenHint(subject, JwtValidator.Text(outcome.Claims, ClaimNames.SessionId), outcome.Claims)
            : null;
    }
}

/// <summary>An ID token this server issued once.</summary>
public sealed record IdTokenHint(string Subject, string? SessionId, System.Text.Json.JsonElement Claims)
{
    /// <summary>Whether it was issued to this client.</summary>
    public bool IsFor(string clientId) => JwtValidator.HasAudience(Claims, clientId);

    /// <summary>The client it was issued to, when there is one only.</summary>
    public string? ClientId => JwtValidator.Text(Claims, ClaimNames.Audience);
}
