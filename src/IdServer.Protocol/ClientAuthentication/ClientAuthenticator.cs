using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary>Client authentication (RFC 6749 §2.3).</summary>
public sealed class ClientAuthenticator
{
    public ValueTask<OAuthResult<AuthenticatedClient>> AuthenticateAsync(ProtocolParameters parameters, RequestContext context, CancellationToken ct) => throw new NotSupportedException();
}
