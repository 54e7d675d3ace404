using IdServer.Protocol.Introspection;
using IdServer.Tokens.Registries;

namespace IdServer.Routes;

/// <summary>RFC 7662 §2 over HTTP, with the answer as JSON or as a signed JWT (RFC 9701).</summary>
public sealed class IntrospectionRoute(IntrospectionEndpoint endpoint, DirectRequests requests)
{
    private const string JwtMediaType = "application/" + TokenTypes.IntrospectionJwt;

    public async Task HandleAsync(HttpContext context)
    {
        if (!(await requests.ReadAsync(context)).TryGet(out var form, out var error)
            || !(await endpoint.HandleAsync(form, DirectRequests.ContextOf(context), WantsJwt(context.Request), context.RequestAborted)).TryGet(out var response, out error))
        {
            await requests.RefuseAsync(context, error);
            return;
        }

        await (response.Jwt is { } jwt ? OAuthWriter.JwtAsync(context, TokenTypes.IntrospectionJwt, jwt) : OAuthWriter.JsonAsync(context, response.Body));
    }

    // RFC 9701 §4: asked for by name; a caller that accepts anything gets JSON.
    private static bool WantsJwt(HttpRequest request)
    {
        foreach (var accepted in request.Headers.Accept)
        {
            if (accepted is not null && accepted.Contains(JwtMediaType, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
