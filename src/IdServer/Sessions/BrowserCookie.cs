namespace IdServer.Sessions;

/// <summary>Knows one browser from another, signed in or not: 256 random bits in a cookie, of which the server keeps the digest with each interaction.</summary>
public sealed class BrowserCookie(CookieNames names)
{
    // A second call in the same request must not make a second cookie.
    private static readonly object DigestItem = new();

    /// <summary>Whether the request brought the cookie.</summary>
    public bool IsKnown(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return CookieSecret.DigestOf(context.Request.Cookies[names.Browser]) is not null;
    }

    /// <summary>SHA-256 of the browser's secret, 32 bytes; sets the cookie when there is none.</summary>
    public byte[] Digest(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Items[DigestItem] is byte[] known)
        {
            return known;
        }

        var digest = CookieSecret.DigestOf(context.Request.Cookies[names.Browser]);
        if (digest is null)
        {
            var secret = CookieSecret.New();
            digest = CookieSecret.DigestOf(secret)!;
            context.Response.Cookies.Append(names.Browser, secret, names.Flags());
        }

        context.Items[DigestItem] = digest;
        return digest;
    }
}
