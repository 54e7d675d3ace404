using IdServer.Protocol.Authorize;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.EndSession;

/// <summary>The checks of an end-session request (OIDC RP-Initiated Logout §2, requirement 46). Their errors are shown; nothing doubtful is ever redirected.</summary>
public sealed class EndSessionChecks(ClientCache clients, IdTokenHints hints)
{
    public async ValueTask<OAuthResult<EndSessionRequest>> ParseAsync(ProtocolParameters request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Repeated is not null) // requirement 2
        {
            return OAuthError.InvalidRequest("A parameter came more than once: send each once.");
        }

        IdTokenHint? hint = null;
        if (request[Parameters.IdTokenHint] is { } text)
        {
            hint = await hints.ReadAsync(text, ct);
            if (hint is null || (request[Parameters.ClientId] is { } stated && !hint.IsFor(stated)))
            {
                return OAuthError.InvalidRequest("id_token_hint is not an ID token that this server issued to this client.", cause: ErrorCause.InvalidIdTokenHint);
            }
        }

        Client? client = null;
        if ((request[Parameters.ClientId] ?? hint?.ClientId) is { } clientId)
        {
            client = await clients.FindAsync(clientId, ct);
            if (client is null)
            {
                return OAuthError.InvalidRequest("No application is registered with this client_id.", cause: ErrorCause.UnknownClient);
            }
        }

        string? redirectUrl = null;
        if (request[Parameters.PostLogoutRedirectUri] is { } uri && hint is not null && client is not null) // without a hint the URI is never used
        {
            if (!client.PostLogoutRedirectUris.Contains(uri))
            {
                return OAuthError.InvalidRequest("post_logout_redirect_uri is not registered for this application: register exactly this address.", cause: ErrorCause.UnregisteredPostLogoutRedirectUri);
            }

            redirectUrl = request[Parameters.State] is not { } state ? uri : $"{uri}{(uri.Contains('?', StringComparison.Ordinal) ? '&' : '?')}state={Uri.EscapeDataString(state)}"; // §3: state alone
        }

        return new EndSessionRequest(client, hint, redirectUrl, request[Parameters.UiLocales]);
    }
}

/// <summary>A checked end-session request.</summary>
/// <param name="RedirectUrl">Where to go afterwards, <c>state</c> included; null unless a valid hint vouches for a registered address.</param>
public sealed record EndSessionRequest(Client? Client, IdTokenHint? Hint, string? RedirectUrl, string? UiLocales);
