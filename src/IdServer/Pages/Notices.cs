using System.Security.Cryptography;
using System.Text;
using IdServer.Localization;
using IdServer.Sessions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Pages;

/// <summary>What the next page is to say, once: that something was done. Sealed in a cookie for five minutes, so that nobody else can make a page say it.</summary>
public sealed class Notices(IDataProtectionProvider protection, CookieNames names, Texts texts)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly ITimeLimitedDataProtector protector = protection.CreateProtector("IdServer.Notice").ToTimeLimitedDataProtector();

    /// <param name="key">Of the text.</param>
    public void Say(HttpContext context, string key)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.Cookies.Append(names.Notice, WebEncoders.Base64UrlEncode(protector.Protect(Encoding.UTF8.GetBytes(key), Lifetime)), names.Flags());
    }

    /// <returns>The words, or null when there is nothing to say. They are not said again.</returns>
    public string? Take(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Request.Cookies[names.Notice] is not { Length: > 0 and < 1024 } value)
        {
            return null;
        }

        context.Response.Cookies.Delete(names.Notice, names.Flags());
        try
        {
            return texts.Find(Encoding.UTF8.GetString(protector.Unprotect(WebEncoders.Base64UrlDecode(value))));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null; // A foreign, altered or outdated cookie says nothing.
        }
    }
}
