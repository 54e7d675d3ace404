using System.Text.Json.Serialization;
using IdServer.Sessions;

namespace IdServer.Recovery;

/// <summary>The link that a browser has followed, sealed in a cookie: out of the address, and with it out of the browser's history, of logs and of what the next page could be told.</summary>
public sealed class PendingReset(BrowserSeal seal, CookieNames names)
{
    private const string Purpose = "reset";

    public void Remember(HttpContext context, string handle)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.Cookies.Append(names.Reset, seal.Close(context, Purpose, new FollowedLink(handle), PendingResetJson.Default.FollowedLink, RecoveryMails.LinkLifetime), names.Flags());
    }

    /// <returns>The handle of the link, good or not; null when none was followed here.</returns>
    public string? Read(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return seal.Open(context, Purpose, context.Request.Cookies[names.Reset], PendingResetJson.Default.FollowedLink)?.Handle;
    }

    public void Forget(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Request.Cookies.ContainsKey(names.Reset))
        {
            context.Response.Cookies.Delete(names.Reset, names.Flags());
        }
    }
}

internal sealed record FollowedLink(string Handle);

[JsonSerializable(typeof(FollowedLink))]
internal sealed partial class PendingResetJson : JsonSerializerContext;
