using IdServer.Protocol.Discovery;

namespace IdServer.Routes;

/// <summary>RFC 8414 §3, OIDC Discovery §4 and the JWKS over HTTP.</summary>
public sealed class DiscoveryRoute(DiscoveryDocuments documents)
{
    public Task MetadataAsync(HttpContext context) => OAuthWriter.DocumentAsync(context, documents.Metadata);

    public Task JwksAsync(HttpContext context) => OAuthWriter.DocumentAsync(context, documents.Jwks);
}
