namespace Samples.WebClient;

/// <summary>Headers of every answer. Scripts run on /spa/ only, and only from files of this site.</summary>
internal static class SecurityHeaders
{
    public static void UseSecurityHeaders(this WebApplication app, WebClientOptions options)
    {
        // form-action names the server too: browsers apply it to the redirects that follow a posted form.
        var pages = $"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {Origin(options.Issuer)}; base-uri 'none'; frame-ancestors 'none'";
        var spa = $"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self' {Origin(options.Issuer)} {Origin(options.Api)}; "
            + "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
        app.Use((context, next) =>
        {
            var isSpa = context.Request.Path.StartsWithSegments("/spa", StringComparison.Ordinal);
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = isSpa ? spa : pages;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            headers.CacheControl = "no-cache, no-store";
            return next(context);
        });
    }

    private static string Origin(string address) => new Uri(address).GetLeftPart(UriPartial.Authority);
}
