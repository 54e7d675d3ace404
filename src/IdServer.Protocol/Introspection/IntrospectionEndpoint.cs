using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;

namespace IdServer.Protocol.Introspection;

/// <summary>Token introspection (RFC 7662).</summary>
public sealed class IntrospectionEndpoint
{
    public ValueTask<OAuthResult<IntrospectionResponse>> HandleAsync(ProtocolParameters parameters, RequestContext context, CancellationToken ct) => throw new NotSupportedException();
}
