using System.Text;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Authorize;

/// <summary>
/// Finds the parameters of an authorization request that count, wherever they stand (requirements 19 to 24): in the request itself, in a request object, or in what the client has pushed.
/// <see cref="AuthorizeChecks"/> reads nothing else. What is kept for an interaction is the outcome, so nothing is fetched or verified twice.
/// </summary>
public sealed class RequestAssembly(ProtocolOptions options, ClientCache clients, RequestObjects objects, IPushedRequestStore pushed, TimeProvider time)
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

        var (request, uri) = (sent[Parameters.Request], sent[Parameters.RequestUri]);
        if (request is null && uri is null)
        {
            return new(sent, Error: MustPush(client) ? Unpushed() : MustSign(client) ? Unsigned() : null); // requirement 24
        }

        // 2. Of two values nobody can say which counts (requirements 2 and 19).
        if (sent.Repeated is not null || (request is not null && uri is not null))
        {
            return new(sent, Error: OAuthError.InvalidRequest("A parameter came more than once, or request and request_uri together: send one of each."));
        }

        // 3. What the client has pushed was checked when it came (RFC 9126 §4).
        if (uri is not null && uri.StartsWith(PushedRequestUri.Prefix, StringComparison.Ordinal))
        {
            return await FindPushedAsync(uri, client, ct);
        }

        if (MustPush(client))
        {
            return new(sent, Error: Unpushed());
        }

        // 4. A request object, by reference or by value. Only its members count (requirement 20); where it is bad, the error goes where the request asks.
        OAuthError? error = null;
        if (uri is not null && !(await objects.FetchAsync(uri, client, ct)).TryGet(out request, out error))
        {
            return new(sent, Error: error);
        }

        return (await objects.ReadAsync(request!, client, MustSign(client), ct)).TryGet(out var members, out error) ? new(members) : new(sent, Error: error);
    }

    /// <summary>A request that its client has sent to the pushed authorization request endpoint, and has authenticated for.</summary>
    public async ValueTask<OAuthResult<ProtocolParameters>> AssemblePushedAsync(ProtocolParameters form, Client client, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(client);

        // 1. What is pushed is a request, not the name of one (RFC 9126 §2.1).
        if (form[Parameters.RequestUri] is not null)
        {
            return OAuthError.InvalidRequest("request_uri cannot be pushed: send the parameters themselves.");
        }

        // 2. A request object: beside it only what authenticates the client counts (RFC 9126 §3).
        if (form[Parameters.Request] is { } request)
        {
            return await objects.ReadAsync(request, client, MustSign(client), ct);
        }

        if (MustSign(client))
        {
            return Unsigned();
        }

        // 3. The form without what authenticated the client, which may have named it (RFC 9126 §2.1).
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
            || await pushed.FindAsync(handle.Key, ct) is not { } found
            || found.ClientId != client.ClientId
            || !ProtocolParameters.TryParse(Encoding.UTF8.GetBytes(found.Parameters), out var parameters))
        {
            return new(new ProtocolParameters(), Error: Unusable("Unknown, or of another client."));
        }

        return found.SpentAt is not null ? new(parameters, Error: Unusable("Spent."))
            : found.ExpiresAt <= time.GetUtcNow() ? new(parameters, Error: Unusable("Expired."))
            : new(parameters, found.Key.Id);
    }

    // RFC 9126 §5 and §6
    private bool MustPush(Client client) => options.RequirePushedAuthorizationRequests || client.RequirePushedAuthorizationRequests;

    // RFC 9101 §10.5
    private bool MustSign(Client client) => options.RequireSignedRequestObject || client.RequireSignedRequestObject;

    private static OAuthError Unpushed() =>
        OAuthError.InvalidRequest("This client must push its authorization requests: post them to the pushed authorization request endpoint and send the request_uri it answers with.");

    private static OAuthError Unsigned() => OAuthError.InvalidRequest("This client must sign its authorization requests: send them as a request object in the parameter request.");

    internal static OAuthError Unusable(string reason) =>
        OAuthError.InvalidRequestUri("The request_uri is unknown, has expired, or was used already: push the request again.", reason, ErrorCause.InteractionNotFound);
}

/// <summary>An authorization request as far as its parameters have been found.</summary>
/// <param name="Parameters">Those that count. With an <paramref name="Error"/>: those that say where the error may go.</param>
/// <param name="PushedRequestId">The pushed request they come from, to be spent when the authorization is completed.</param>
/// <param name="Error">Why the request cannot be used, or null.</param>
public sealed record AssembledRequest(ProtocolParameters Parameters, Guid? PushedRequestId = null, OAuthError? Error = null);
