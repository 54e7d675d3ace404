using System.Text.Json.Serialization;
using IdServer.Localization;
using IdServer.Sessions;

namespace IdServer.Pages;

/// <summary>What the next page is to say, once: that something was done. Sealed in a cookie for five minutes, so that nobody else can make a page say it.</summary>
public sealed class Notices(BrowserSeal seal, CookieNames names, Texts texts)
{
    private const string Purpose = "notice";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <param name="key">Of the text.</param>
    public void Say(HttpContext context, string key)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.Cookies.Append(names.Notice, seal.Close(context, Purpose, key, NoticeJson.Default.String, Lifetime), names.Flags());
    }

    /// <returns>The words, or null when there is nothing to say. They are not said again.</returns>
    public string? Take(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Request.Cookies[names.Notice] is not { } sealedKey)
        {
            return null;
        }

        context.Response.Cookies.Delete(names.Notice, names.Flags());
        return seal.Open(context, Purpose, sealedKey, NoticeJson.Default.String) is { } key ? texts.Find(key) : null;
    }
}

[JsonSerializable(typeof(string))]
internal sealed partial class NoticeJson : JsonSerializerContext;
