using IdServer.Data.Users;
using IdServer.Localization;
using IdServer.Protocol.Events;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Sessions;
using Microsoft.AspNetCore.Mvc;

namespace IdServer.Pages.Manage;

/// <summary>Where the person is signed in, and the end of it. What applications got in a session ends with it, also what would outlive it: it may have been somebody else's session.</summary>
public sealed class DevicesModel(ISessionStore sessions, AppAccess access, IProtocolEvents events, Notices notices, Texts texts, TimeProvider time) : SignedInPage
{
    [BindProperty(Name = "session")]
    public Guid? One { get; set; }

    [BindProperty(Name = "others")]
    public string? Others { get; set; }

    /// <summary>This one first.</summary>
    public IReadOnlyList<SsoSession> Sessions { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken ct) => Sessions = [.. (await LivingAsync(ct)).OrderByDescending(s => s.Id == Session.Id)];

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        SsoSession[] ending = [.. (await LivingAsync(ct)).Where(s => s.Id != Session.Id && (Others is not null || s.Id == One))]; // only one's own: whatever id is sent
        foreach (var session in ending)
        {
            await sessions.EndAsync(session.Id, time.GetUtcNow(), ct);
            await access.EndOfSessionAsync(session.Id, ct);
            events.Raise(new ProtocolEvent(EventKind.SessionEnded, Subject: Account.Subject, Detail: "from another browser", RemoteAddress: HttpContext.Connection.RemoteIpAddress, SessionId: session.Id));
        }

        if (ending.Length > 0)
        {
            notices.Say(HttpContext, ending.Length == 1 ? "Devices.EndedOne" : "Devices.EndedMany");
        }

        return new SeeOtherResult(Url.Page("/Manage/Devices")!);
    }

    public string NameOf(SsoSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return DeviceName.Of(session.Origin?.UserAgent) is { Length: > 0 } name ? name : texts["Devices.Unknown"];
    }

    private ValueTask<IReadOnlyList<SsoSession>> LivingAsync(CancellationToken ct) => sessions.ListAsync(Account.Subject, time.GetUtcNow(), ct);
}
