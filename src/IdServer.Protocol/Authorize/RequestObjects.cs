using System.Text;
using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Authorize;

/// <summary>Request objects (RFC 9101, OIDC Core §6): authorization requests as JWTs that their clients have signed, by value or by reference. Encrypted ones are not offered.</summary>
public sealed class RequestObjects(ProtocolOptions options, ClientKeys keys, IDocumentFetcher documents, TimeProvider time)
{
    /// <summary>In characters; as long as any JWT here.</summary>
    private const int Longest = 16 * 1024;

    /// <summary>How long an object may live, and how old it may be, where objects are demanded (requirement 21).</summary>
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(60);

    /// <summary>The object that a registered address leads to (requirement 22).</summary>
    public async ValueTask<OAuthResult<string>> FetchAsync(string address, Client client, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (!client.RequestUris.Contains(address)) // OIDC Core §6.2: as text, with the fragment, which tells versions apart and is sent nowhere
        {
            return OAuthError.InvalidRequestUri("This request_uri is not registered for the application: register exactly this address, or push the request.");
        }

        return await documents.FetchAsync(new Uri(address), Longest, ct) is { } body
            ? Encoding.ASCII.GetString(body).Trim()
            : OAuthError.InvalidRequestUri("The document at request_uri could not be had.");
    }

    /// <summary>The parameters of an object that this client has signed for this server, which are all that count (requirement 20).</summary>
    /// <param name="demanded">Whether the client has to sign, so that the object must not be worth anything for long (requirement 21).</param>
    public async ValueTask<OAuthResult<ProtocolParameters>> ReadAsync(string text, Client client, bool demanded, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(client);
        var rules = new JwtRules
        {
            Issuer = client.ClientId,
            Audiences = [options.Issuer],
            Types = [TokenTypes.RequestObjectJwt, TokenTypes.IdTokenJwt],
            Algorithms = client.RequestObjectSigningAlgorithm is { } registered ? [registered] : Tokens.Registries.Algorithms.Asymmetric, // never none, for nobody
            MaximumLength = Longest,
            DemandUnexpired = false, // an object need not expire; see below
        };
        var outcome = await ValidateAsync(text, rules, client, ct);
        if (!outcome.IsValid)
        {
            return OAuthError.InvalidRequestObject(Sentence(outcome.Fault), $"Request object of {client.ClientId}: {outcome.Fault}.");
        }

        var claims = outcome.Claims;
        if (!IsOfNow(claims, rules.ClockSkew, demanded))
        {
            return OAuthError.InvalidRequestObject(demanded
                ? "exp or nbf of the request object is missing or past, or they are more than 60 minutes apart."
                : "The request object has expired.");
        }

        // RFC 9101 §10.8: the client signs other JWTs with the same keys. An assertion is about the client itself, a logout or event token has events.
        if (JwtValidator.Text(claims, ClaimNames.Subject) == client.ClientId || claims.TryGetProperty(ClaimNames.Events, out _))
        {
            return OAuthError.InvalidRequestObject("The JWT was made for another purpose than an authorization request.");
        }

        return RequestObjectMembers.Read(claims, client.ClientId);
    }

    // Whose keys to ask for says the request around the object, never the object.
    private async ValueTask<JwtOutcome> ValidateAsync(string text, JwtRules rules, Client client, CancellationToken ct) => UnverifiedJwt.Read(text, Longest) switch
    {
        null or { BringsKey: true } => new(JwtFault.Malformed, default), // RFC 8725 §3.10
        var jwt when !rules.Algorithms.Contains(jwt.Algorithm, StringComparer.Ordinal) => new(JwtFault.Algorithm, default), // before anything is fetched
        var jwt => await JwtValidator.ValidateAsync(text, rules, await keys.FindAsync(client, jwt.KeyId, jwt.Algorithm, ct), time),
    };

    // nbf in the future has been refused already.
    private bool IsOfNow(JsonElement claims, TimeSpan skew, bool demanded)
    {
        var now = time.GetUtcNow();
        var expires = JwtValidator.Time(claims, ClaimNames.Expiration);
        if (expires <= now - skew || (expires is null && claims.TryGetProperty(ClaimNames.Expiration, out _)))
        {
            return false;
        }

        return !demanded || (JwtValidator.Time(claims, ClaimNames.NotBefore) is { } begins && expires is { } ends && ends - begins <= LongestLife && now - begins <= LongestLife + skew);
    }

    private static string Sentence(JwtFault fault) => fault switch
    {
        JwtFault.Type => "The type of the JWT is not that of a request object: write oauth-authz-req+jwt as typ, or leave it out.",
        JwtFault.Algorithm => "The request object is not signed with an algorithm this client may use: see request_object_signing_alg and request_object_signing_alg_values_supported.",
        JwtFault.UnknownKey => "The request object is signed with a key that is not among the keys of this client.",
        JwtFault.Signature => "The signature of the request object is wrong.",
        JwtFault.Issuer => "iss of the request object is not the client_id.",
        JwtFault.Audience => "aud of the request object does not hold the issuer of this server.",
        JwtFault.NotYetValid => "nbf of the request object lies ahead.",
        _ => "The request object is not a signed JWT of at most 16 KB, or its header brings a key.",
    };
}
