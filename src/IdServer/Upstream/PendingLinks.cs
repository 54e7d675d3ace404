using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using IdServer.Sessions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Upstream;

/// <summary>A login that waits to be linked, sealed in a cookie for 15 minutes and good in the browser that brought it only. Nothing of it is in the database before it is proved.</summary>
public sealed class PendingLinks(IDataProtectionProvider protection, CookieNames names, BrowserCookie browsers)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private readonly ITimeLimitedDataProtector protector = protection.CreateProtector("IdServer.PendingLink").ToTimeLimitedDataProtector();

    public void Remember(HttpContext context, PendingLink link)
    {
        ArgumentNullException.ThrowIfNull(context);
        var text = JsonSerializer.SerializeToUtf8Bytes(new SealedLink(link, browsers.Digest(context)), PendingLinkJson.Default.SealedLink);
        context.Response.Cookies.Append(names.Link, WebEncoders.Base64UrlEncode(protector.Protect(text, Lifetime)), names.Flags());
    }

    /// <returns>Null when there is none, it is too old, or another browser's.</returns>
    public PendingLink? Read(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            return context.Request.Cookies[names.Link] is { Length: > 0 and < 4096 } value
                && JsonSerializer.Deserialize(protector.Unprotect(WebEncoders.Base64UrlDecode(value)), PendingLinkJson.Default.SealedLink) is { } link
                && CryptographicOperations.FixedTimeEquals(link.BrowserDigest, browsers.Digest(context))
                ? link.Link
                : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null; // A foreign, altered or outdated cookie is none.
        }
    }

    public void Forget(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.Cookies.Delete(names.Link, names.Flags());
    }
}

/// <summary>A login at a provider that is to belong to an account.</summary>
/// <param name="ProviderKey">Whose name the page shows.</param>
/// <param name="AccountSubject">The account with the address.</param>
/// <param name="Email">The address, which the account must still have when the link is made.</param>
public sealed record PendingLink(string ProviderKey, string Issuer, string Subject, string AccountSubject, string Email);

internal sealed record SealedLink(PendingLink Link, byte[] BrowserDigest);

[JsonSerializable(typeof(SealedLink))]
internal sealed partial class PendingLinkJson : JsonSerializerContext;
