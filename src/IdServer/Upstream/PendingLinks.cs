using System.Text.Json.Serialization;
using IdServer.Sessions;

namespace IdServer.Upstream;

/// <summary>A login that waits to be linked, sealed in a cookie for 15 minutes and good in the browser that brought it only. Nothing of it is in the database before it is proved.</summary>
public sealed class PendingLinks(BrowserSeal seal, CookieNames names)
{
    private const string Purpose = "link";

    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    public void Remember(HttpContext context, PendingLink link)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.Cookies.Append(names.Link, seal.Close(context, Purpose, link, PendingLinkJson.Default.PendingLink, Lifetime), names.Flags());
    }

    /// <returns>Null when there is none, it is too old, or another browser's.</returns>
    public PendingLink? Read(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return seal.Open(context, Purpose, context.Request.Cookies[names.Link], PendingLinkJson.Default.PendingLink);
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

[JsonSerializable(typeof(PendingLink))]
internal sealed partial class PendingLinkJson : JsonSerializerContext;
