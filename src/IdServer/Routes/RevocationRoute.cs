using IdServer.Protocol.TokenRevocation;

namespace IdServer.Routes;

/// <summary>RFC 7009 §2 over HTTP.</summary>
public sealed class RevocationRoute(RevocationEndpoint endpoint, DirectRequests requests)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (!(await requests.ReadAsync(context)).TryGet(out var form, out var error)
            || (error = await endpoint.HandleAsync(form, DirectRequests.ContextOf(context), context.RequestAborted)) is not null)
        {
            await requests.RefuseAsync(context, error);
            return;
        }

        OAuthWriter.Empty(context);
    }
}
