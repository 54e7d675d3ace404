using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace IdServer.Protocol.Requests;

/// <summary>What the engine may know of an HTTP request beside its parameters.</summary>
/// <param name="Authorization">The <c>Authorization</c> header as it came, or null.</param>
/// <param name="RemoteAddress">Where the request came from, after trusted proxies; what failures are counted by.</param>
public sealed record RequestContext(string? Authorization, IPAddress? RemoteAddress)
{
    /// <summary>As it stands in the request line. Every endpoint but userinfo is for POST only.</summary>
    public string Method { get; init; } = "POST";

    /// <summary>The <c>DPoP</c> header as it came, or null; several are joined by commas (RFC 9110 §5.3), which no proof contains.</summary>
    public string? DPoP { get; init; }

    /// <summary>The certificate whose key the client has proved to hold in the TLS handshake (RFC 8705), or null. Who issued it, and for how long, nobody has looked at.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Its thumbprint, or null.</summary>
    public string? CertificateThumbprint => Certificate is null ? null : Tokens.MutualTls.CertificateThumbprint.Of(Certificate);
}
