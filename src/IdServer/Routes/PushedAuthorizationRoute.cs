using IdServer.Protocol.PushedAuthorization;

namespace IdServer.Routes;

/// <summary>RFC 9126 §2 over HTTP.</summary>
public sealed class PushedAuthorizationRoute(PushedAuthorizationEndpoint endpoint, DirectRequests requests)
{
    public async Task HandleAsync(HttpContext context)
    {
        requests.OfferNonce(context);
        if (!(await requests.ReadAsync(context)).TryGet(out var form, out var error)
            || !(await endpoint.HandleAsync(form, DirectRequests.ContextOf(context), context.RequestAborted)).TryGet(out var response, out error))
        {
            await requests.RefuseAsync(context, error);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status201Created; // RFC 9126 §2.2
        await OAuthWriter.JsonAsync(context, response, static (body, writer) => body.WriteTo(writer));
    }
}
