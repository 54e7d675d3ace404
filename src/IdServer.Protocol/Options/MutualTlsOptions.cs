using System.Security.Cryptography.X509Certificates;

namespace IdServer.Protocol.Options;

/// <summary>Where clients present certificates (RFC 8705).</summary>
public sealed record MutualTlsOptions
{
    /// <summary>Where their endpoints are (§5): https, no trailing slash. The issuer itself when certificates are asked for there.</summary>
    public required string Address { get; init; }

    /// <summary>Whose certificates <c>tls_client_auth</c> believes, roots and what stands between; empty where that method is not offered.</summary>
    public IReadOnlyList<X509Certificate2> Authorities { get; init; } = [];
}
