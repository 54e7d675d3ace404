using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using IdServer.Data.Users;
using IdServer.Localization;
using IdServer.Protocol.Events;
using IdServer.Sessions;
using IdServer.Users;
using Microsoft.AspNetCore.Mvc;

namespace IdServer.Pages.Manage;

/// <summary>Takes the data along, or the account away.</summary>
[RequiresRecentSignIn]
public sealed class DataModel(PersonalData data, AccountDeletion deletion, SessionCookie sessions, IProtocolEvents events, Notices notices, Texts texts, TimeProvider time) : SignedInPage
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    [BindProperty(Name = "data-download")]
    public string? Download { get; set; }

    [BindProperty(Name = "data-delete")]
    public string? Delete { get; set; }

    [BindProperty(Name = "data-username")]
    public string? Username { get; set; }

    public bool IsLastAdmin { get; private set; }

    public string? Fault { get; private set; }

    public async Task OnGetAsync(CancellationToken ct) => IsLastAdmin = await deletion.IsLastAdminAsync(UserId, ct);

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (Download is not null)
        {
            return await DownloadAsync(ct);
        }

        IsLastAdmin = await deletion.IsLastAdminAsync(UserId, ct);
        if (Delete is null || IsLastAdmin)
        {
            return new SeeOtherResult(Url.Page("/Manage/Data")!);
        }

        if (!Account.Username.Equals(Username?.Trim(), StringComparison.OrdinalIgnoreCase))
        {
            Fault = texts["Data.WrongUsername"];
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }

        var at = await deletion.ScheduleAsync(UserId, HttpContext.Connection.RemoteIpAddress, ct);
        await sessions.SignOutAsync(HttpContext, ct);
        var local = At(at);
        notices.Say(HttpContext, "Data.Deletes", $"{local.Time:f} {local.Zone}".TrimEnd());
        return new SeeOtherResult(Url.Page("/Account/SignedOut")!);
    }

    private async Task<FileContentResult> DownloadAsync(CancellationToken ct)
    {
        var json = (await data.ReadAsync(UserId, ct)).ToJsonString(Readable);
        events.Raise(new ProtocolEvent(EventKind.DataDownloaded, Subject: Account.Subject, RemoteAddress: HttpContext.Connection.RemoteIpAddress));
        Response.Headers.CacheControl = "no-store";
        return File(Encoding.UTF8.GetBytes(json), "application/json; charset=utf-8", $"{texts["Data.File"]}-{time.GetUtcNow():yyyy-MM-dd}.json");
    }
}
