using IdServer.Protocol.Errors;
using IdServer.Protocol.Requests;
using IdServer.Sessions;

namespace IdServer.Routes;

/// <summary>What is the same for the endpoints that a person's browser calls: GET and form POST, one parser, one limit (requirement 1).</summary>
public sealed class BrowserRequests(BrowserCookie browsers)
{
    /// <summary>
    /// The parameters of the request; null when it has been answered. SameSite=Lax keeps our cookies off a form post that comes from a client's page, so a post
    /// without them is sent on to the same request by GET, which carries them: otherwise whoever is signed in would look like a stranger.
    /// </summary>
    public async ValueTask<OAuthResult<ProtocolParameters>?> ReadAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            return FormReader.ReadQuery(context.Request);
        }

        var form = await FormReader.ReadFormAsync(context.Request, context.RequestAborted);
        if (browsers.IsKnown(context) || !form.TryGet(out var parameters, out _))
        {
            return form;
        }

        OAuthWriter.Redirect(context, $"{context.Request.PathBase}{context.Request.Path}?{parameters.Encode()}");
        return null;
    }

    public byte[] BrowserOf(HttpContext context) => browsers.Digest(context);
}
