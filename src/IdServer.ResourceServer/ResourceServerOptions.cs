using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace IdServer.ResourceServer;

/// <summary>What an API must know to trust the tokens of its authorization server. Validated when the application starts.</summary>
public sealed class ResourceServerOptions : AuthenticationSchemeOptions
{
    /// <summary>REQUIRED. The issuer identifier (RFC 8414 §2), exactly as it stands in <c>iss</c>; https, or http on a loopback host.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>REQUIRED. The identifier of this API. A token without it in <c>aud</c> is refused (RFC 9068 §4).</summary>
    public string Audience { get; set; } = "";

    /// <summary>The scopes a caller may need here, for the metadata that tells strangers about this API (RFC 9728). Default: none are named.</summary>
    public IReadOnlyList<string> Scopes { get; set; } = [];

    /// <summary>How a token is checked. Default: <see cref="TokenValidation.Local"/>.</summary>
    public TokenValidation Validation { get; set; }

    /// <summary>This API's own credentials at the introspection endpoint and the revocation feed. REQUIRED unless <see cref="Validation"/> is <see cref="TokenValidation.Local"/>.</summary>
    public IntrospectionCredentials? Introspection { get; set; }

    /// <summary>How long an answer of the introspection endpoint may be reused, at most one minute. Zero asks on every request, so that a revoked token is refused on the very next call. Default: 5 seconds. With <see cref="TokenValidation.Feed"/> it counts only while the feed is down, and 2 seconds at most.</summary>
    public TimeSpan IntrospectionCache { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most revocations remembered with <see cref="TokenValidation.Feed"/>, some 40 bytes each. Were there more, the issuer would be asked about every token. Default: 1,000,000.</summary>
    public int MaximumRevocations { get; set; } = 1_000_000;

    /// <summary>Tolerated difference between the clocks of the two servers, at most five minutes. Default: 10 seconds.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The certificate whose key the caller has proved to hold (RFC 8705 §3), or null. Default: that of the TLS connection, where this process ends it; behind a proxy, what <c>UseCertificateForwarding</c> makes of the proxy's header counts as that.</summary>
    public Func<HttpContext, X509Certificate2?> ClientCertificate { get; set; } = context => context.Features.Get<ITlsConnectionFeature>()?.ClientCertificate;

    /// <summary>Whether only tokens that are bound to a key are accepted (RFC 9449). Default: bearer tokens too. A token that is bound always needs its proof.</summary>
    public bool RequireDPoP { get; set; }

    /// <summary>Whether proofs must carry a nonce of this API (RFC 9449 §9), for callers whose clocks are not to be trusted. Default: no; a proof is believed for a minute around its <c>iat</c>.</summary>
    public bool RequireDPoPNonce { get; set; }

    /// <summary>What the nonces are made of: 32 characters or more, the same on every node of this API. Default: a random secret of this process.</summary>
    public string? DPoPNonceSecret { get; set; }

    /// <summary>The address that callers reach this API at, which proofs must name, where a proxy in front changes scheme, host or the beginning of the path; without a slash at the end. Default: what the request says.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>How long this API waits for one answer of the authorization server. Default: 5 seconds. The rest of the connection is configured on the named <c>HttpClient</c> <see cref="ResourceServerServices.Backchannel"/>.</summary>
    public TimeSpan BackchannelTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>How a token is checked.</summary>
public enum TokenValidation
{
    /// <summary>As a JWT, against the issuer's published keys (RFC 9068 §4). No request per call; a revoked token lives until it expires.</summary>
    Local,

    /// <summary>By asking the issuer (RFC 7662). Revocation takes effect within <see cref="ResourceServerOptions.IntrospectionCache"/>.</summary>
    Introspection,

    /// <summary>As a JWT first, so that nothing forged or expired reaches the issuer, then by asking it.</summary>
    Both,

    /// <summary>
    /// As a JWT, and against everything the issuer has revoked, which <see cref="RevocationFeed"/> pulls from it. No request per call, and a revoked token is refused within
    /// <see cref="RevocationFeed.Bound"/>, mostly at once. While the feed is down the issuer is asked; while it does not answer either, nothing is accepted (503).
    /// </summary>
    Feed,
}

/// <summary>A confidential client that the issuer lets introspect for this API; authenticated by <c>client_secret_basic</c>.</summary>
public sealed class IntrospectionCredentials
{
    public string ClientId { get; set; } = "";

    public string ClientSecret { get; set; } = "";

    // RFC 6749 §2.3.1: both halves are form-urlencoded first.
    internal AuthenticationHeaderValue ToHeader() => new("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{WebUtility.UrlEncode(ClientId)}:{WebUtility.UrlEncode(ClientSecret)}")));
}
