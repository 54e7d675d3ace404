using IdServer.Protocol.Token;

namespace IdServer.Routes;

/// <summary>RFC 6749 §3.2 over HTTP.</summary>
public sealed class TokenRoute(TokenEndpoint endpoint, DirectRequests requests)
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

        await OAuthWriter.JsonAsync(context, response, static (body, writer) => body.WriteTo(writer));
    }
}
