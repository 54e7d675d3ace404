namespace IdServer.Hosting;

/// <summary>Response headers that defend the pages (requirement 18).</summary>
public static class SecurityHeaders
{
    private static readonly object FormTargetsItem = new();

    /// <summary>
    /// Lets a form of this page end at these origins: Chromium applies <c>form-action</c> also to the redirects that follow a form post,
    /// so a page whose post leads back to a client must name the client's origins.
    /// </summary>
    public static void AllowFormTargets(HttpContext context, IEnumerable<string> origins)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Items[FormTargetsItem] = string.Join(' ', origins);
    }
}
