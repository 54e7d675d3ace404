using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;

namespace IdServer.Protocol.Token;

/// <summary>The token endpoint (RFC 6749 §3.2).</summary>
public sealed class TokenEndpoint
{
    public ValueTask<OAuthResult<TokenResponse>> HandleAsync(ProtocolParameters parameters, RequestContext context, CancellationToken ct) => throw new NotSupportedException();
}
