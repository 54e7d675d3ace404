using IdServer.Hosting;
using IdServer.Protocol.EndSession;
using IdServer.Sessions;

namespace IdServer.Routes;

/// <summary>OIDC RP-Initiated Logout §2 over HTTP.</summary>
public sealed class EndSessionRoute(EndSessionEndpoint endpoint, BrowserRequests requests, SessionCookie sessions, SignOut signOut, ErrorPages errors)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (await requests.ReadAsync(context) is not { } read)
        {
            return;
        }

        var outcome = read.TryGet(out var request, out var error)
            ? await endpoint.HandleAsync(request, sessions.Read(context), requests.BrowserOf(context), context.RequestAborted)
            : new EndSessionOutcome.ShowError(error);
        switch (outcome)
        {
            case EndSessionOutcome.Confirm(var id):
                OAuthWriter.Redirect(context, $"{context.Request.PathBase}{PagePaths.Logout}?{PagePaths.Interaction}={id}");
                break;

            case EndSessionOutcome.Done(var url, var endsSession, var clientId):
                var next = url ?? context.Request.PathBase + PagePaths.SignedOut + (clientId is null ? "" : $"?{PagePaths.Client}={Uri.EscapeDataString(clientId)}");
                OAuthWriter.Redirect(context, endsSession ? await signOut.EndAsync(context, next, leaves: url is not null, context.RequestAborted) : next);
                break;

            case EndSessionOutcome.ShowError(var shown):
                OAuthWriter.Redirect(context, errors.UrlOf(context, shown));
                break;
        }
    }
}
