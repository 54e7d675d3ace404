using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IdServer.Protocol.Authorize;
using IdServer.Protocol.Discovery;
using IdServer.Protocol.Errors;
using IdServer.Tokens.DPoP;
using IdServer.Tokens.Registries;
using Microsoft.Net.Http.Headers;

namespace IdServer.Routes;

/// <summary>The only writers of protocol answers.</summary>
public static class OAuthWriter
{
    private const string Realm = "IdServer";

    private const string JsonType = "application/json";

    private static readonly string ProofAlgorithms = string.Join(' ', DPoPProofValidator.AcceptedAlgorithms);

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? jsonBuffer;

    [ThreadStatic]
    private static Utf8JsonWriter? jsonWriter;

    /// <summary>A JSON object (RFC 6749 §5.1): 200 unless the status was set.</summary>
    public static Task JsonAsync<T>(HttpContext context, T body, Action<T, Utf8JsonWriter> write)
    {
        ForbidStoring(context.Response);
        return SendJsonAsync(context, body, write);
    }

    /// <summary>200 with a JSON object that is finished already.</summary>
    public static Task JsonAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        ForbidStoring(context.Response);
        return SendAsync(context.Response, body.Span);
    }

    /// <summary>200 with a JWT, under the media type its <c>typ</c> is short for (RFC 7515 §4.1.9).</summary>
    public static Task JwtAsync(HttpContext context, string type, string jwt)
    {
        ForbidStoring(context.Response);
        context.Response.ContentType = "application/" + type;
        return context.Response.WriteAsync(jwt, context.RequestAborted);
    }

    /// <summary>200 without a body (RFC 7009 §2.2).</summary>
    public static void Empty(HttpContext context) => ForbidStoring(context.Response);

    /// <summary>The error response of RFC 6749 §5.2.</summary>
    public static Task ErrorAsync(HttpContext context, OAuthError error)
    {
        if (error.Code == ErrorCodes.InvalidClient && context.Request.Headers.Authorization.Count > 0) // RFC 6749 §5.2
        {
            context.Response.Headers.WWWAuthenticate = $"Basic realm=\"{Realm}\", charset=\"UTF-8\"";
        }

        return SendErrorAsync(context, error);
    }

    /// <summary>
    /// The same with the challenge of the scheme that was used (RFC 6750 §3, RFC 9449 §7.1), which names no error where the request carried no token (RFC 6750 §3.1).
    /// A 401 also names the scheme that might do instead (RFC 9449 §7.2).
    /// </summary>
    public static Task ChallengeAsync(HttpContext context, OAuthError error, bool tokenWasSent, string scope = ScopeNames.OpenId)
    {
        var fault = tokenWasSent ? $", error=\"{error.Code}\", error_description=\"{error.Description}\"{(error.Code == ErrorCodes.InsufficientScope ? $", scope=\"{scope}\"" : "")}" : "";
        var withProof = context.Request.Headers.Authorization.ToString().StartsWith(TokenTypes.DPoP + " ", StringComparison.OrdinalIgnoreCase);
        var bearer = $"Bearer realm=\"{Realm}\"{fault}";
        context.Response.Headers.WWWAuthenticate = withProof ? $"DPoP realm=\"{Realm}\"{fault}, algs=\"{ProofAlgorithms}\""
            : error.Status == StatusCodes.Status401Unauthorized ? new[] { bearer, $"DPoP realm=\"{Realm}\", algs=\"{ProofAlgorithms}\"" }
            : bearer;
        return SendErrorAsync(context, error);
    }

    /// <summary>The error response with the challenge of the one scheme that registration tokens have (RFC 6750 §3).</summary>
    public static Task BearerErrorAsync(HttpContext context, OAuthError error)
    {
        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            var sent = context.Request.Headers.Authorization.Count > 0;
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"{Realm}\"{(sent ? $", error=\"{error.Code}\", error_description=\"{error.Description}\"" : "")}";
        }

        return SendErrorAsync(context, error);
    }

    /// <summary>303, so that the browser goes on by GET whatever brought it here (requirement 4).</summary>
    public static void Redirect(HttpContext context, string url)
    {
        ForbidStoring(context.Response);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = url;
    }

    /// <summary>Discovery and JWKS: finished bytes, cacheable, 304 when the caller has them already.</summary>
    public static Task DocumentAsync(HttpContext context, FinishedDocument document)
    {
        var response = context.Response;
        response.Headers.CacheControl = "public, max-age=300";
        response.Headers.ETag = document.ETag;
        if (context.Request.Headers.IfNoneMatch is { Count: > 0 } conditions && EntityTagHeaderValue.TryParseList(conditions, out var known) && known.Any(tag => tag.Tag == "*" || tag.Tag == document.ETag)) // RFC 9110 §13.1.2
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            response.ContentType = JsonType;
            response.ContentLength = document.Body.Length;
            return Task.CompletedTask;
        }

        return SendAsync(response, document.Body.Span);
    }

    /// <summary>The authorization response by form post (OAuth 2.0 Form Post Response Mode §2): a page that sends itself, and has a button where scripts are off.</summary>
    public static async Task FormPostAsync(HttpContext context, AuthorizeResponse response)
    {
        var html = new StringBuilder();
        foreach (var (name, value) in response.Parameters)
        {
            html.Append("<input type=\"hidden\" name=\"").Append(Html(name)).Append("\" value=\"").Append(Html(value)).Append("\">");
        }

        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Returning to the application</title><link rel="stylesheet" href="{Html(context.Request.PathBase)}/css/site.css"></head>
            <body><header class="cover"></header><main class="page">
            <h1>Returning to the application</h1>
            <p class="lead">If nothing happens, press the button. <span lang="es">Si no ocurre nada, pulsa el botón.</span></p>
            <form method="post" action="{Html(response.RedirectUri)}">{html}<button type="submit" class="button button-main" id="form-post-continue">Continue <span lang="es">/ Continuar</span></button></form>
            </main><script src="{Html(context.Request.PathBase)}/js/form-post.js"></script></body>
            </html>
            """,
            context.RequestAborted);
    }

    private static Task SendErrorAsync(HttpContext context, OAuthError error)
    {
        ForbidStoring(context.Response);
        context.Response.StatusCode = error.Status;
        if (error.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return SendJsonAsync(context, error, static (e, writer) =>
        {
            writer.WriteStartObject();
            writer.WriteString(Parameters.Error, e.Code);
            writer.WriteString(Parameters.ErrorDescription, e.Description);
            writer.WriteEndObject();
        });
    }

    // The whole body is made before a byte is sent: what fails while writing is still answered by a proper error.
    private static Task SendJsonAsync<T>(HttpContext context, T body, Action<T, Utf8JsonWriter> write)
    {
        var buffer = jsonBuffer ??= new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        var writer = jsonWriter ??= new Utf8JsonWriter(buffer);
        writer.Reset(buffer);
        write(body, writer);
        writer.Flush();
        return SendAsync(context.Response, buffer.WrittenSpan);
    }

    // Into the server's own buffer, which it flushes when the request ends: nothing to wait for.
    private static Task SendAsync(HttpResponse response, ReadOnlySpan<byte> body)
    {
        response.ContentType = JsonType;
        response.ContentLength = body.Length;
        response.BodyWriter.Write(body);
        return Task.CompletedTask;
    }

    private static void ForbidStoring(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store"; // requirement 26
        response.Headers.Pragma = "no-cache";
    }

    private static string Html(string? text) => HtmlEncoder.Default.Encode(text ?? "");
}
