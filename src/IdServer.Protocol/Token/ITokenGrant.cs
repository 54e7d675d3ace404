using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Errors;

namespace IdServer.Protocol.Token;

/// <summary>A grant type. It answers one question: does this request prove that the client may have tokens, and for what? It writes nothing except to end a stolen grant, and the time of a device's poll.</summary>
public interface ITokenGrant
{
    /// <summary>The value of <c>grant_type</c>.</summary>
    string GrantType { get; }

    ValueTask<OAuthResult<ProvenGrant>> ProveAsync(TokenRequest request, AuthenticatedClient client, CancellationToken ct);
}
