using System.Text.Json;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Upstream;

/// <summary>Checks the ID token of a provider (OIDC Core §3.1.3.7): signature by a key of its own set, issuer, audience, time, nonce.</summary>
internal static class UpstreamIdToken
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    /// <param name="mustBeNewerThan">When the sign-in began, if the person was to enter credentials for it.</param>
    /// <exception cref="UpstreamException">It cannot be believed, or the keys cannot be had.</exception>
    public static async ValueTask<JsonElement> CheckAsync(UpstreamProvider provider, UpstreamEndpoints endpoints, string? idToken, string nonce, DateTimeOffset? mustBeNewerThan, TimeProvider time, CancellationToken ct)
    {
        var rules = new JwtRules { Issuer = provider.Issuer, Audiences = [provider.ClientId], Types = null, Algorithms = Algorithms.Asymmetric, ClockSkew = ClockSkew };
        if (idToken is null || UnverifiedJwt.Read(idToken, rules.MaximumLength) is not { } unverified)
        {
            throw new UpstreamException(UpstreamFault.Untrusted, "it sent no ID token");
        }

        var keys = await endpoints.Keys!.GetAsync(ct) ?? throw new UpstreamException(UpstreamFault.Unavailable, "its keys could not be had");
        var candidates = keys.Candidates(unverified.KeyId, unverified.Algorithm);
        if (candidates.Count == 0 && await endpoints.Keys.RefreshAsync(keys, ct) is { } refreshed)
        {
            candidates = refreshed.Candidates(unverified.KeyId, unverified.Algorithm);
        }

        var outcome = await JwtValidator.ValidateAsync(idToken, rules, candidates, time);
        if (!outcome.IsValid)
        {
            throw new UpstreamException(UpstreamFault.Untrusted, $"its ID token is refused: {outcome.Fault}");
        }

        var claims = outcome.Claims;
        var party = JwtValidator.Text(claims, ClaimNames.AuthorizedParty);
        if (party is null ? HasSeveralAudiences(claims) : party != provider.ClientId) // OIDC Core §3.1.3.7, points 4 and 5
        {
            throw new UpstreamException(UpstreamFault.Untrusted, "its ID token is for another client");
        }

        if (JwtValidator.Text(claims, ClaimNames.Nonce) != nonce) // point 11
        {
            throw new UpstreamException(UpstreamFault.Untrusted, "its ID token has not the nonce of this sign-in");
        }

        if (mustBeNewerThan is { } begun && JwtValidator.Time(claims, ClaimNames.AuthTime) < begun - ClockSkew) // point 13
        {
            throw new UpstreamException(UpstreamFault.Untrusted, "credentials were not entered again, as this sign-in demands");
        }

        return claims;
    }

    private static bool HasSeveralAudiences(JsonElement claims) => claims.GetProperty(ClaimNames.Audience) is { ValueKind: JsonValueKind.Array } audiences && audiences.GetArrayLength() > 1;
}
