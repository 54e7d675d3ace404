using IdServer.Protocol.RevocationFeed;
using IdServer.Tokens.Registries;

namespace IdServer.Routes;

/// <summary>The revocation feed over HTTP: a form post, because client credentials may stand in it and no answer may ever come from a cache.</summary>
public sealed class RevocationFeedRoute
{
    private readonly RevocationFeedEndpoint endpoint;
    private readonly DirectRequests requests;

    public RevocationFeedRoute(RevocationFeedEndpoint endpoint, RevocationBell bell, DirectRequests requests, IHostApplicationLifetime lifetime)
    {
        ArgumentNullException.ThrowIfNull(lifetime);
        this.endpoint = endpoint;
        this.requests = requests;
        lifetime.ApplicationStopping.Register(bell.Ring); // nobody who waits may hold the stop up
    }

    public async Task HandleAsync(HttpContext context)
    {
        if (!(await requests.ReadAsync(context)).TryGet(out var form, out var error)
            || !(await endpoint.HandleAsync(form, DirectRequests.ContextOf(context), context.RequestAborted)).TryGet(out var jwt, out error))
        {
            await requests.RefuseAsync(context, error);
            return;
        }

        await OAuthWriter.JwtAsync(context, TokenTypes.RevocationsJwt, jwt);
    }
}
