using System.Buffers.Text;
using System.Security.Cryptography;

namespace IdServer.Sessions;

/// <summary>Knows one browser from another, signed in or not: 256 random bits in a cookie, of which the server keeps the digest with each interaction.</summary>
public sealed class BrowserCookie(CookieNames names)
{
    private const int SecretBytes = 32;

    // A second call in the same request must not make a second cookie.
    private static readonly object DigestItem = new();

    /// <summary>Whether the request brought the cookie.</summary>
    public bool IsKnown(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return TryRead(context.Request.Cookies[names.Browser], stackalloc byte[SecretBytes]);
    }

    /// <summary>SHA-256 of the browser's secret, 32 bytes; sets the cookie when there is none.</summary>
    public byte[] Digest(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Items[DigestItem] is byte[] known)
        {
            return known;
        }

        Span<byte> secret = stackalloc byte[SecretBytes];
        if (!TryRead(context.Request.Cookies[names.Browser], secret))
        {
            RandomNumberGenerator.Fill(secret);
            context.Response.Cookies.Append(names.Browser, Base64Url.EncodeToString(secret), names.Flags());
        }

        var digest = SHA256.HashData(secret);
        context.Items[DigestItem] = digest;
        return digest;
    }

    private static bool TryRead(string? value, Span<byte> secret) =>
        value is not null && Base64Url.IsValid(value, out var length) && length == SecretBytes && Base64Url.TryDecodeFromChars(value, secret, out _);
}
