using System.Collections.Frozen;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Discovery;
using IdServer.Protocol.DPoP;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Scopes;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Token;

/// <summary>The token endpoint (RFC 6749 §3.2): the phases that every grant shares. A grant proves, the issuer issues.</summary>
public sealed class TokenEndpoint(IEnumerable<ITokenGrant> grants, ClientAuthenticator authenticator, DPoPProofs proofs, ScopeCatalog catalog, TokenIssuer issuer, IProtocolEvents events)
{
    private readonly FrozenDictionary<string, ITokenGrant> grants = grants.ToFrozenDictionary(g => g.GrantType, StringComparer.Ordinal);

    public async ValueTask<OAuthResult<TokenResponse>> HandleAsync(ProtocolParameters parameters, RequestContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(context);

        // 1. No parameter twice (§3.2, requirement 2).
        if (parameters.Repeated is not null)
        {
            return Refuse(OAuthError.InvalidRequest("A parameter came more than once: send each once."), null, null, context);
        }

        // 2. A grant type that exists (§5.2).
        if (parameters[Parameters.GrantType] is not { } grantType)
        {
            return Refuse(OAuthError.InvalidRequest("grant_type is missing."), null, null, context);
        }

        if (!grants.TryGetValue(grantType, out var grant))
        {
            return Refuse(OAuthError.UnsupportedGrantType("This grant_type is not supported: see grant_types_supported in the discovery document."), null, null, context);
        }

        // 3. The client is who it says (§3.2.1). A failure has been reported by the authenticator.
        if (!(await authenticator.AuthenticateAsync(parameters, context, ct)).TryGet(out var client, out var error))
        {
            return error;
        }

        // 4. The client may use this grant (§5.2). After 3, so that only the client itself learns it.
        if (!client.Client.GrantTypes.Contains(grantType))
        {
            return Refuse(OAuthError.UnauthorizedClient($"This client is not registered for the grant type {grantType}."), client, grantType, context);
        }

        // 5. The client holds the key that the tokens will be bound to, where it says so or must (RFC 9449 §5). Before 7, so that a bad proof spends nothing.
        string? proofKey = null;
        if ((context.DPoP is not null || client.Client.DPoPBoundAccessTokens) && !(await proofs.DemandAsync(context, EndpointPaths.Token, ct)).TryGet(out proofKey, out error))
        {
            return Refuse(error, client, grantType, context);
        }

        // 6. Likewise the certificate (RFC 8705 §3). It is not looked at further: whoever bears the token must bring the same.
        if (client.Client.CertificateBoundAccessTokens && context.Certificate is null)
        {
            return Refuse(OAuthError.InvalidRequest("The client certificate is missing: this client gets tokens only over a connection with its certificate, at the addresses of mtls_endpoint_aliases."), client, grantType, context);
        }

        var confirmation = Confirmation.Of(proofKey, client.Client.CertificateBoundAccessTokens ? context.CertificateThumbprint : null);

        // 7. The grant proves what may be issued.
        if (!(await grant.ProveAsync(new TokenRequest(parameters, context) { ProofKey = proofKey }, client, ct)).TryGet(out var proven, out error))
        {
            return Refuse(error, client, grantType, context);
        }

        // 8. The one API that the access token is for, where the request names it (RFC 8707 §2.2).
        if (!ResourceIndicators.Narrow(catalog, parameters, proven).TryGet(out proven, out error))
        {
            return Refuse(error, client, grantType, context);
        }

        // 9. The issuer spends what was given for it, and issues.
        if (!(await issuer.IssueAsync(client.Client, confirmation is null ? proven : proven with { Confirmation = confirmation }, context.RemoteAddress, ct)).TryGet(out var response, out error))
        {
            return Refuse(error, client, grantType, context);
        }

        // 10. One event.
        events.Raise(new ProtocolEvent(EventKind.TokenIssued, client.Client.ClientId, proven.User?.Subject, proven.GrantId, grantType, RemoteAddress: context.RemoteAddress));
        return response;
    }

    private OAuthError Refuse(OAuthError error, AuthenticatedClient? client, string? grantType, RequestContext context)
    {
        var kind = error.Code == ErrorCodes.AuthorizationPending ? EventKind.TokenPending : EventKind.TokenRefused;
        events.Raise(new ProtocolEvent(kind, client?.Client.ClientId, GrantType: grantType, Error: error.Code, Detail: error.Reason ?? error.Description, RemoteAddress: context.RemoteAddress));
        return error;
    }
}
