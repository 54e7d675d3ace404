using System.Text.Json.Serialization;
using IdServer.Localization;
using IdServer.Sessions;

namespace IdServer.Pages;

/// <summary>What the next page is to say, once: that something was done. Sealed in a cookie for five minutes, so that nobody else can make a page say it.</summary>
public sealed class Notices(BrowserSeal seal, CookieNames names, Texts texts)
{
    /// <summary>The account was to be deleted, and stays.</summary>
    public const string AccountKept = "Data.Kept";

    /// <summary>A login at another provider belongs to the account now.</summary>
    public const string LoginLinked = "Logins.LinkedNow";

    private const string Purpose = "notice";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <param name="key">Of the text.</param>
    /// <param name="value">What it has a place for.</param>
    public void Say(HttpContext context, string key, string? value = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.Cookies.Append(names.Notice, seal.Close(context, Purpose, new Notice(key, value), NoticeJson.Default.Notice, Lifetime), names.Flags());
    }

    /// <returns>The words, or null when there is nothing to say. They are not said again.</returns>
    public string? Take(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Request.Cookies[names.Notice] is not { } text)
        {
            return null;
        }

        context.Response.Cookies.Delete(names.Notice, names.Flags());
        return seal.Open(context, Purpose, text, NoticeJson.Default.Notice) is { } notice && texts.Find(notice.Key) is not null ? texts[notice.Key, notice.Value ?? ""] : null;
    }
}

internal sealed record Notice(string Key, string? Value);

[JsonSerializable(typeof(Notice))]
internal sealed partial class NoticeJson : JsonSerializerContext;
