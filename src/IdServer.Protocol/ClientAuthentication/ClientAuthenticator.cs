using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.ClientAuthentication;

/// <summary>
/// Client authentication (RFC 6749 §2.3, requirement 25): exactly one method in a request, and only the one the client is registered with.
/// Unknown client, wrong secret, expired secret and wrong method are one answer.
/// </summary>
public sealed class ClientAuthenticator(IEnumerable<IClientAuthenticationMethod> methods, ClientCache clients, IProtocolEvents events)
{
    private readonly IClientAuthenticationMethod[] methods = [.. methods];

    public async ValueTask<OAuthResult<AuthenticatedClient>> AuthenticateAsync(ProtocolParameters parameters, RequestContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(context);

        // 1. One method (§2.3). An unknown one counts too.
        var presented = (context.Authorization is null ? 0 : 1) + (parameters[Parameters.ClientSecret] is null ? 0 : 1) + (parameters[Parameters.ClientAssertion] is null ? 0 : 1);
        if (presented > 1)
        {
            return Refuse(OAuthError.InvalidRequest("The request authenticates the client in more than one way: use only the registered token_endpoint_auth_method."), null, context);
        }

        if (Array.Find(methods, m => m.Recognizes(parameters, context)) is not { } method)
        {
            return Refuse(OAuthError.InvalidClient("No client authentication, or one that is not supported."), null, context);
        }

        // 2. What it presents.
        if (method.Read(parameters, context) is not { } evidence)
        {
            return Refuse(OAuthError.InvalidClient($"The {method.Name} credentials cannot be read."), null, context);
        }

        if (parameters[Parameters.ClientId] is { } stated && stated != evidence.ClientId)
        {
            return Refuse(OAuthError.InvalidRequest("client_id in the body names another client than the Authorization header or the assertion."), null, context);
        }

        // 3. A client that only names itself is a public one, or its connection authenticates it (RFC 8705 §2): which it is, its registration says.
        var client = await clients.FindAsync(evidence.ClientId, ct);
        if (client is not null && client.TokenEndpointAuthMethod != method.Name && Array.Find(methods, m => m.Name == client.TokenEndpointAuthMethod && m.Recognizes(parameters, context)) is { } registered)
        {
            (method, evidence) = (registered, registered.Read(parameters, context)!);
        }

        // 4. Whether it is true. Verified even when the client or the method is wrong, so that the time says nothing.
        var fault = await method.FaultAsync(evidence, client, ct);
        if (client is null)
        {
            return Refuse(OAuthError.InvalidClient("Unknown client."), null, context);
        }

        if (client.TokenEndpointAuthMethod != method.Name)
        {
            return Refuse(OAuthError.InvalidClient($"Registered for {client.TokenEndpointAuthMethod}, used {method.Name}."), client, context);
        }

        return fault is null ? new AuthenticatedClient(client) : Refuse(OAuthError.InvalidClient(fault), client, context);
    }

    private OAuthError Refuse(OAuthError error, Client? client, RequestContext context)
    {
        events.Raise(new ProtocolEvent(EventKind.ClientAuthenticationFailed, client?.ClientId, Error: error.Code, Detail: error.Reason ?? error.Description, RemoteAddress: context.RemoteAddress));
        return error;
    }
}
