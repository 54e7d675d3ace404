using System.Security.Cryptography;
using System.Text;

namespace IdServer.Hosting;

/// <summary>Response headers that defend the pages (requirement 18) and, with nosniff and HSTS, everything else.</summary>
public static class SecurityHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

    private static readonly object FormTargetsItem = new();
    private static readonly object FramesItem = new();
    private static readonly object StyleItem = new();

    /// <summary>This answer is a document of its own that may do nothing but look as this style element says: no script, nothing loaded, no form, an origin of its own.</summary>
    /// <param name="style">All of the element.</param>
    public static void ConfineTo(HttpContext context, string style)
    {
        ArgumentNullException.ThrowIfNull(context);
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        context.Items[StyleItem] = $"default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";
    }

    /// <summary>Lets this page load other sites out of sight (OIDC Front-Channel Logout §3).</summary>
    public static void AllowFrames(HttpContext context, IEnumerable<Uri> addresses)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Items[FramesItem] = string.Join(' ', addresses.Select(a => a.GetLeftPart(UriPartial.Authority)).Distinct(StringComparer.Ordinal));
    }

    /// <summary>
    /// Lets a form of this page end at the application, wherever that sends the person on: Chromium applies <c>form-action</c> to every redirect that follows a form post,
    /// so naming the redirect URI's host alone would strand people whose application goes on to another one. Hence its scheme.
    /// </summary>
    public static void AllowFormTargets(HttpContext context, string redirectUri)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Items[FormTargetsItem] = new Uri(redirectUri).Scheme + ":"; // "http:" matches https as well (CSP3 §6.7.2.9)
    }

    /// <summary>What every answer needs.</summary>
    internal static void DefendAnswer(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000"; // RFC 6797 §6.1.1
        }
    }

    /// <summary>What a page needs beside it, decided when it turns out to be one.</summary>
    internal static void DefendPages(HttpContext context) => context.Response.OnStarting(static state => DefendPage((HttpContext)state), context);

    private static Task DefendPage(HttpContext context)
    {
        var response = context.Response;
        var isRedirect = response.StatusCode is >= 300 and < 400 && response.Headers.Location.Count > 0;
        if (!isRedirect && response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) != true)
        {
            return Task.CompletedTask;
        }

        response.Headers.CacheControl = "no-store";
        response.Headers.Pragma = "no-cache";
        response.Headers["Referrer-Policy"] = "no-referrer"; // codes and interaction ids stand in addresses
        if (!isRedirect)
        {
            var policy = context.Items[StyleItem] is string confined ? confined
                : context.Items[FormTargetsItem] is string { Length: > 0 } targets ? $"{Policy} {targets}" : Policy; // form-action is its last directive
            response.Headers.ContentSecurityPolicy = context.Items[FramesItem] is string { Length: > 0 } frames ? $"{policy}; frame-src {frames}" : policy;
            response.Headers.XFrameOptions = "DENY";
            response.Headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        }

        return Task.CompletedTask;
    }
}
