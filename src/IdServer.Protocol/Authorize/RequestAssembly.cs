using System.Text;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Authorize;

/// <summary>
/// Finds the parameters of an authorization request that count, wherever they stand (requirements 19 to 24): in the request itself or in what the client has pushed.
/// <see cref="AuthorizeChecks"/> reads nothing else. What is kept for an interaction is the outcome, so nothing is found twice.
/// </summary>
public sealed class RequestAssembly(ProtocolOptions options, ClientCache clients, IPushedRequestStore pushed, TimeProvider time)
{
    /// <summary>A request at the authorization endpoint.</summary>
    public async ValueTask<AssembledRequest> AssembleAsync(ProtocolParameters sent, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(sent);

        // 1. Whose request it is: client_id stands outside in every form (RFC 9101 §5, RFC 9126 §4). Without one, AuthorizeChecks says what is wrong.
        if (sent.Repeated is Parameters.ClientId || sent[Parameters.ClientId] is not { } clientId || await clients.FindAsync(clientId, ct) is not { } client)
        {
            return new(sent);
        }

        // 2. Of two values nobody can say which counts (requirement 2).
        if (sent.Repeated is Parameters.Request or Parameters.RequestUri)
        {
            return new(sent, Error: OAuthError.InvalidRequest($"The parameter {sent.Repeated} came more than once: send it once."));
        }

        // 3. What the client has pushed (RFC 9126 §4).
        if (sent[Parameters.RequestUri] is { } uri && uri.StartsWith(PushedRequestUri.Prefix, StringComparison.Ordinal))
        {
            return await FindPushedAsync(uri, client, ct);
        }

        // 4. The browser carries the request itself: not for everybody (requirement 24).
        if (options.RequirePushedAuthorizationRequests || client.RequirePushedAuthorizationRequests) // RFC 9126 §5 and §6
        {
            return new(sent, Error: OAuthError.InvalidRequest("This client must push its authorization requests: post them to the pushed authorization request endpoint and send the request_uri it answers with."));
        }

        return new(sent);
    }

    /// <summary>A request that its client has sent to the pushed authorization request endpoint, and has authenticated for.</summary>
    public static OAuthResult<ProtocolParameters> AssemblePushed(ProtocolParameters form, Client client)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(client);

        // 1. What is pushed is a request, not the name of one (RFC 9126 §2.1).
        if (form[Parameters.RequestUri] is not null)
        {
            return OAuthError.InvalidRequest("request_uri cannot be pushed: send the parameters themselves.");
        }

        // 2. The form without what authenticated the client, which may have named it (RFC 9126 §2.1).
        var parameters = form.Without(Parameters.ClientSecret, Parameters.ClientAssertion, Parameters.ClientAssertionType);
        if (parameters[Parameters.ClientId] is null)
        {
            parameters.Add(Parameters.ClientId, client.ClientId);
        }

        return parameters;
    }

    private async ValueTask<AssembledRequest> FindPushedAsync(string uri, Client client, CancellationToken ct)
    {
        // RFC 9126 §2.2: bound to the client. Where it is not this client's, nobody knows an address that the error may go to.
        if (!PushedRequestUri.TryParse(uri, out var handle)
            || await pushed.FindAsync(handle.Key, ct) is not { } request
            || request.ClientId != client.ClientId
            || !ProtocolParameters.TryParse(Encoding.UTF8.GetBytes(request.Parameters), out var parameters))
        {
            return new(new ProtocolParameters(), Error: Unusable("Unknown, or of another client."));
        }

        return request.SpentAt is not null ? new(parameters, Error: Unusable("Spent."))
            : request.ExpiresAt <= time.GetUtcNow() ? new(parameters, Error: Unusable("Expired."))
            : new(parameters, request.Key.Id);
    }

    internal static OAuthError Unusable(string reason) =>
        OAuthError.InvalidRequestUri("The request_uri is unknown, has expired, or was used already: push the request again.", reason, ErrorCause.InteractionNotFound);
}

/// <summary>An authorization request as far as its parameters have been found.</summary>
/// <param name="Parameters">Those that count. With an <paramref name="Error"/>: those that say where the error may go.</param>
/// <param name="PushedRequestId">The pushed request they come from, to be spent when the authorization is completed.</param>
/// <param name="Error">Why the request cannot be used, or null.</param>
public sealed record AssembledRequest(ProtocolParameters Parameters, Guid? PushedRequestId = null, OAuthError? Error = null);
