using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;

namespace IdServer.Protocol.UserInfo;

/// <summary>The userinfo endpoint (OIDC Core §5.3).</summary>
public sealed class UserInfoEndpoint
{
    /// <param name="form">The form body of a POST; empty for GET. Never the query.</param>
    public ValueTask<OAuthResult<UserInfoResponse>> HandleAsync(ProtocolParameters form, RequestContext context, CancellationToken ct) => throw new NotSupportedException();
}
