using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Discovery;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Replay;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary>What the assertion of a client must be, whatever it is signed with (RFC 7523 §3, OIDC Core §9, requirement 31).</summary>
public sealed class ClientAssertion(ProtocolOptions options, IReplayCache replays, TimeProvider time)
{
    /// <summary>The one value of <c>client_assertion_type</c> (RFC 7523 §2.2).</summary>
    public const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    // In characters: more than any client needs, less than anybody can be kept busy with.
    private const int LongestAssertion = 8 * 1024;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(10);

    // JWTs of other purposes that the same key may have signed (RFC 8725 §2.8). Any other typ is the client's own affair.
    private static readonly string[] OtherTypes = ["dpop+jwt", "oauth-authz-req+jwt", "at+jwt", "logout+jwt", "secevent+jwt", "token-introspection+jwt"];

    // RFC 7523 §3 (3): the issuer names this server, and so does every address that it authenticates clients at (RFC 9126 §2).
    private readonly string[] audiences = [options.Issuer, .. EndpointPaths.OfClients.SelectMany(path => new[] { options.Issuer + path, (options.MutualTls?.Address ?? options.Issuer) + path }).Distinct()];

    /// <summary>Whether a request presents an assertion of one of these algorithms.</summary>
    internal static bool Recognizes(ProtocolParameters parameters, Func<string, bool> algorithm) =>
        parameters[Parameters.ClientAssertion] is { } assertion && algorithm(UnverifiedJwt.Read(assertion, LongestAssertion)?.Algorithm ?? "");

    /// <summary>Who the assertion says it is of; null when it cannot be read.</summary>
    internal static ClientEvidence? Read(ProtocolParameters parameters) =>
        parameters[Parameters.ClientAssertionType] == AssertionType
        && parameters[Parameters.ClientAssertion] is { } assertion
        && UnverifiedJwt.Read(assertion, LongestAssertion) is { } jwt
        && JwtValidator.Text(jwt.Claims, ClaimNames.Subject) is { Length: > 0 } clientId
            ? new ClientEvidence(clientId, Assertion: assertion)
            : null;

    /// <summary>Checks everything, and last whether it is used for the first time.</summary>
    /// <param name="algorithms">Of the method.</param>
    /// <param name="verify">Checks the signature and the rules with the client's keys.</param>
    /// <returns>Why it is refused, for the log; null when it is the client's.</returns>
    internal async ValueTask<string?> FaultAsync(string assertion, Client client, IReadOnlyList<string> algorithms, Func<UnverifiedJwt, JwtRules, ValueTask<JwtOutcome>> verify, CancellationToken ct)
    {
        if (UnverifiedJwt.Read(assertion, LongestAssertion) is not { } jwt)
        {
            return "The assertion cannot be read.";
        }

        if (jwt.BringsKey) // RFC 8725 §3.10
        {
            return "The assertion brings its own key.";
        }

        if (OtherTypes.Contains(jwt.Type, StringComparer.OrdinalIgnoreCase)) // RFC 8725 §3.11, §3.12
        {
            return $"The assertion is a JWT of another purpose: {jwt.Type}.";
        }

        var outcome = await verify(jwt, new JwtRules
        {
            Issuer = client.ClientId,
            Audiences = audiences,
            Types = null,
            Algorithms = client.Metadata.TokenEndpointAuthSigningAlg is { } registered ? [registered] : algorithms,
            MaximumLength = LongestAssertion,
            ClockSkew = ClockSkew,
        });
        if (!outcome.IsValid)
        {
            return $"The assertion is not believed: {outcome.Fault}.";
        }

        return ClaimsFault(outcome.Claims, client) ?? await ReplayFaultAsync(outcome.Claims, client, ct);
    }

    private string? ClaimsFault(JsonElement claims, Client client)
    {
        if (JwtValidator.Text(claims, ClaimNames.Subject) != client.ClientId) // RFC 7523 §3 (2)
        {
            return "The assertion's sub is not the client.";
        }

        if (client.Metadata.RequireIssuerAudience == true && JwtValidator.Text(claims, ClaimNames.Audience) != options.Issuer) // FAPI 2.0 Security Profile §5.3.2.1
        {
            return "The assertion's aud is not the issuer alone.";
        }

        var now = time.GetUtcNow();
        var lifetime = client.Metadata.ClientAssertionLifetime is { } seconds && seconds < options.ClientAssertionLifetime.TotalSeconds ? TimeSpan.FromSeconds(seconds) : options.ClientAssertionLifetime; // requirement 31
        if (JwtValidator.Time(claims, ClaimNames.Expiration) > now + lifetime + ClockSkew)
        {
            return "The assertion lives longer than it may.";
        }

        if (claims.TryGetProperty(ClaimNames.IssuedAt, out _))
        {
            if (JwtValidator.Time(claims, ClaimNames.IssuedAt) is not { } issuedAt || issuedAt > now + ClockSkew)
            {
                return "The assertion was made in the future.";
            }

            if (issuedAt < now - lifetime - ClockSkew)
            {
                return "The assertion was made too long ago.";
            }
        }

        return string.IsNullOrEmpty(JwtValidator.Text(claims, ClaimNames.JwtId)) ? "The assertion has no jti." : null;
    }

    // RFC 7523 §3 (7): it is remembered as long as its exp would be believed.
    private async ValueTask<string?> ReplayFaultAsync(JsonElement claims, Client client, CancellationToken ct)
    {
        var expiresAt = JwtValidator.Time(claims, ClaimNames.Expiration)!.Value + ClockSkew;
        return await replays.TryAddAsync(ReplayKey.OfAssertion(client.ClientId, JwtValidator.Text(claims, ClaimNames.JwtId)!), expiresAt, ct)
            ? null
            : "The assertion has been used before.";
    }
}
