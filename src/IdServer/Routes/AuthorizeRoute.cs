using IdServer.Hosting;
using IdServer.Protocol.Authorize;
using IdServer.Protocol.Requests;
using IdServer.Sessions;
using IdServer.Tokens.Registries;

namespace IdServer.Routes;

/// <summary>RFC 6749 §3.1 over HTTP. Pages come back here with <c>?interaction=</c> and the endpoint decides again.</summary>
public sealed class AuthorizeRoute(AuthorizeEndpoint endpoint, BrowserRequests requests, SessionCookie sessions, PendingSignIn pending, ErrorPages errors)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (await requests.ReadAsync(context) is not { } read)
        {
            return;
        }

        switch (read.TryGet(out var request, out var error) ? await DecideAsync(context, request) : new AuthorizeOutcome.ShowError(error))
        {
            case AuthorizeOutcome.Respond { Response: { ResponseMode: ResponseModes.FormPost } response }:
                SecurityHeaders.AllowFormTargets(context, response.RedirectUri);
                await OAuthWriter.FormPostAsync(context, response);
                break;

            case AuthorizeOutcome.Respond { Response: var response }:
                OAuthWriter.Redirect(context, response.RedirectUrl);
                break;

            case AuthorizeOutcome.Interact(var id, var step):
                if (step == InteractionStep.SecondFactor)
                {
                    pending.Forget(context); // it is who is signed in that is asked, not who was on the way here once
                }

                OAuthWriter.Redirect(context, $"{context.Request.PathBase}{PagePaths.Of(step)}?{PagePaths.Interaction}={id}");
                break;

            case AuthorizeOutcome.ShowError(var shown):
                OAuthWriter.Redirect(context, errors.UrlOf(context, shown));
                break;
        }
    }

    private ValueTask<AuthorizeOutcome> DecideAsync(HttpContext context, ProtocolParameters request)
    {
        var session = sessions.Read(context);
        var browser = requests.BrowserOf(context);

        // A client's own parameter of that name must not change its request (requirement 3).
        if (request[PagePaths.Interaction] is { } interaction && request[Parameters.ClientId] is null)
        {
            // What is no id finds nothing, like an id that is unknown.
            return endpoint.ResumeAsync(Guid.TryParse(interaction, out var id) ? id : Guid.Empty, session, browser, context.RequestAborted);
        }

        return endpoint.HandleAsync(request, session, browser, context.RequestAborted);
    }
}
