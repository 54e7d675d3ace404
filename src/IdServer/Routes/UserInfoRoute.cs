using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Protocol.UserInfo;
using IdServer.Tokens.Registries;

namespace IdServer.Routes;

/// <summary>OIDC Core §5.3 over HTTP: GET, POST with the token in the header, POST with the token in the form (requirement 41).</summary>
public sealed class UserInfoRoute(UserInfoEndpoint endpoint, DirectRequests requests)
{
    public async Task HandleAsync(HttpContext context)
    {
        requests.OfferNonce(context);
        if (!(await ReadAsync(context)).TryGet(out var form, out var error)
            || !(await endpoint.HandleAsync(form, DirectRequests.ContextOf(context), context.RequestAborted)).TryGet(out var response, out error))
        {
            requests.Count(context, error);
            await OAuthWriter.ChallengeAsync(context, error, tokenWasSent: error.Status != StatusCodes.Status401Unauthorized || WasSent(context, form));
            return;
        }

        await (response.Jwt is { } jwt ? OAuthWriter.JwtAsync(context, "jwt", jwt) : OAuthWriter.JsonAsync(context, response.Body)); // RFC 7519 §10.3.1
    }

    // RFC 6750 §2.2: the token is looked for in a body only if it is a form; any other body is none of our business.
    private async ValueTask<OAuthResult<ProtocolParameters>> ReadAsync(HttpContext context) =>
        requests.RefuseEarly(context) is { } error ? error
        : HttpMethods.IsPost(context.Request.Method) && FormReader.HasForm(context.Request) ? await FormReader.ReadFormAsync(context.Request, context.RequestAborted)
        : new ProtocolParameters();

    private static bool WasSent(HttpContext context, ProtocolParameters? form) => context.Request.Headers.Authorization.Count > 0 || form?[Parameters.AccessToken] is not null;
}
