using IdServer.Hosting;
using IdServer.Protocol.DeviceAuthorization;

namespace IdServer.Routes;

/// <summary>RFC 8628 §3.1 over HTTP. Every answer is a row that anybody can have made who knows the id of a public client, so successes are counted too.</summary>
public sealed class DeviceAuthorizationRoute(DeviceAuthorizationEndpoint endpoint, DirectRequests requests, RateLimits limits)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (!(await requests.ReadAsync(context)).TryGet(out var form, out var error))
        {
            await requests.RefuseAsync(context, error);
            return;
        }

        if (limits.RefuseDeviceCode(context.Connection.RemoteIpAddress) is { } tooMany)
        {
            await OAuthWriter.ErrorAsync(context, tooMany);
            return;
        }

        if (!(await endpoint.HandleAsync(form, DirectRequests.ContextOf(context), context.RequestAborted)).TryGet(out var response, out error))
        {
            await requests.RefuseAsync(context, error);
            return;
        }

        await OAuthWriter.JsonAsync(context, response, static (body, writer) => body.WriteTo(writer));
    }
}
