using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.TokenRevocation;

/// <summary>Token revocation (RFC 7009, requirement 48). A client revokes its own tokens, and with one of them everything of the same grant.</summary>
public sealed class RevocationEndpoint(
    ClientAuthenticator authenticator,
    AccessTokenReader accessTokens,
    IRefreshTokenStore refreshTokens,
    IGrantStore grants,
    IRevocationStore revocations,
    IProtocolEvents events,
    TimeProvider time)
{
    // An API whose clock is behind may accept a token so much longer, and must hear of its revocation as long.
    private static readonly TimeSpan LongestClockSkew = TimeSpan.FromMinutes(5);

    /// <returns>Null for 200: the token is revoked, or there was nothing to revoke (§2.2).</returns>
    public async ValueTask<OAuthError?> HandleAsync(ProtocolParameters parameters, RequestContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(context);
        if (parameters.Repeated is not null) // requirement 2
        {
            return Refuse(OAuthError.InvalidRequest("A parameter came more than once: send each once."), null, context);
        }

        if (!(await authenticator.AuthenticateAsync(parameters, context, ct)).TryGet(out var client, out var error)) // §2.1: a public client by its client_id
        {
            return error;
        }

        if (parameters[Parameters.Token] is not { } token)
        {
            return Refuse(OAuthError.InvalidRequest("token is missing."), client.Client, context);
        }

        // §2.1: token_type_hint may be ignored, and unknown values must be. It is not needed: the two kinds look different.
        await (Handle.TryParse(token, out var handle)
            ? RevokeRefreshTokenAsync(handle, client.Client, context, ct)
            : RevokeAccessTokenAsync(token, client.Client, context, ct));
        return null;
    }

    // §2.1: the access tokens of the same grant die with it.
    private async ValueTask RevokeRefreshTokenAsync(Handle handle, Client client, RequestContext context, CancellationToken ct)
    {
        if (await refreshTokens.FindAsync(handle.Key, ct) is { GrantEndedAt: null, Grant: var grant } && grant.ClientId == client.ClientId)
        {
            await grants.EndAsync(grant.Id, time.GetUtcNow(), ct);
            Report(client, grant.Subject, grant.Id, TokenTypes.RefreshToken, context);
        }
    }

    // §2.1: the refresh token of the same grant dies too (MAY; requirement 48).
    private async ValueTask RevokeAccessTokenAsync(string text, Client client, RequestContext context, CancellationToken ct)
    {
        if (await accessTokens.ReadAsync(text, ct) is not { } token || token.Client.ClientId != client.ClientId)
        {
            return;
        }

        if (token is { GrantId: { } grantId, Signed.IsExchanged: false })
        {
            await grants.EndAsync(grantId, time.GetUtcNow(), ct);
        }
        else
        {
            await revocations.RevokeTokenAsync(token.Id, token.ExpiresAt + LongestClockSkew, time.GetUtcNow(), ct);
        }

        Report(client, token.User?.Subject, token.GrantId, TokenTypes.AccessToken, context);
    }

    private OAuthError Refuse(OAuthError error, Client? client, RequestContext context)
    {
        events.Raise(new ProtocolEvent(EventKind.RevocationRefused, client?.ClientId, Error: error.Code, Detail: error.Reason ?? error.Description, RemoteAddress: context.RemoteAddress));
        return error;
    }

    private void Report(Client client, string? subject, Guid? grantId, string kind, RequestContext context) =>
        events.Raise(new ProtocolEvent(EventKind.TokenRevoked, client.ClientId, subject, grantId, Detail: kind, RemoteAddress: context.RemoteAddress));
}
