using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;

namespace IdServer.Protocol.TokenRevocation;

/// <summary>Token revocation (RFC 7009).</summary>
public sealed class RevocationEndpoint
{
    /// <returns>Null for 200.</returns>
    public ValueTask<OAuthError?> HandleAsync(ProtocolParameters parameters, RequestContext context, CancellationToken ct) => throw new NotSupportedException();
}
