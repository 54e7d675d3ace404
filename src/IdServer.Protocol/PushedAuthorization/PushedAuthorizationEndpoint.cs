using IdServer.Protocol.Authorize;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Discovery;
using IdServer.Protocol.DPoP;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.PushedAuthorization;

/// <summary>Pushed authorization requests (RFC 9126): the client itself sends its request, every check happens here, and the browser carries a name for it only.</summary>
public sealed class PushedAuthorizationEndpoint(
    ProtocolOptions options,
    ClientAuthenticator authenticator,
    RequestAssembly assembly,
    AuthorizeChecks checks,
    DPoPProofs proofs,
    IPushedRequestStore store,
    IProtocolEvents events,
    TimeProvider time)
{
    public async ValueTask<OAuthResult<PushedAuthorizationResponse>> HandleAsync(ProtocolParameters parameters, RequestContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(context);

        // 1. No parameter twice (requirement 2).
        if (parameters.Repeated is not null)
        {
            return Refuse(OAuthError.InvalidRequest("A parameter came more than once: send each once."), null, context);
        }

        // 2. The client is who it says (§2). A failure has been reported by the authenticator.
        if (!(await authenticator.AuthenticateAsync(parameters, context, ct)).TryGet(out var authenticated, out var error))
        {
            return error;
        }

        var client = authenticated.Client;

        // 3. Every check of the authorization endpoint, answered here and never by redirect (§2.1, §2.3).
        if (!(await assembly.AssemblePushedAsync(parameters, client, ct)).TryGet(out var request, out error)
            || !(await checks.FindTargetAsync(request, ct)).TryGet(out var found, out error)
            || !(await checks.ParseAsync(request, found.Client, found.Target, ct)).TryGet(out _, out error))
        {
            return Refuse(error, client, context);
        }

        // 4. A proof says which key must redeem the code (RFC 9449 §10.1).
        if (context.DPoP is not null)
        {
            if (!(await proofs.DemandAsync(context, EndpointPaths.PushedAuthorization, ct)).TryGet(out var proofKey, out error))
            {
                return Refuse(error, client, context);
            }

            if (request[Parameters.DPoPJkt] is { } stated && stated != proofKey)
            {
                return Refuse(OAuthError.InvalidDPoPProof("dpop_jkt names another key than that of the DPoP proof."), client, context);
            }

            request = request.Without(Parameters.DPoPJkt);
            request.Add(Parameters.DPoPJkt, proofKey);
        }

        // 5. A name that only this client can use (§2.2, requirement 37).
        var handle = Handle.New(time);
        await store.SaveAsync(
            new PushedRequest
            {
                Key = handle.Key,
                ClientId = client.ClientId,
                Parameters = request.Encode(),
                ExpiresAt = time.GetUtcNow() + options.PushedRequestLifetime,
            },
            ct);
        events.Raise(new(EventKind.RequestPushed, client.ClientId, RemoteAddress: context.RemoteAddress));
        return new PushedAuthorizationResponse(PushedRequestUri.Of(handle), (long)options.PushedRequestLifetime.TotalSeconds);
    }

    private OAuthError Refuse(OAuthError error, Client? client, RequestContext context)
    {
        events.Raise(new(EventKind.PushedRequestRefused, client?.ClientId, Error: error.Code, Detail: error.Reason ?? error.Description, RemoteAddress: context.RemoteAddress));
        return error;
    }
}
