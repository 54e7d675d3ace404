using IdServer.Protocol.Introspection;

namespace IdServer.Routes;

/// <summary>RFC 7662 §2 over HTTP.</summary>
public sealed class IntrospectionRoute(IntrospectionEndpoint endpoint, DirectRequests requests)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (!(await requests.ReadAsync(context)).TryGet(out var form, out var error)
            || !(await endpoint.HandleAsync(form, DirectRequests.ContextOf(context), context.RequestAborted)).TryGet(out var response, out error))
        {
            await requests.RefuseAsync(context, error);
            return;
        }

        await OAuthWriter.JsonAsync(context, response.Body);
    }
}
