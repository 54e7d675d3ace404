using IdServer.Protocol.Users;
using IdServer.Sessions;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages;

/// <summary>Home: who is signed in on this browser, and the way in or out.</summary>
public sealed class IndexModel(SessionCookie sessions, IUserClaimsSource users) : PageModel
{
    /// <summary>Null when nobody is signed in.</summary>
    public UserClaims? Account { get; private set; }

    /// <summary>When credentials were last entered, in the person's time zone where it is known.</summary>
    public DateTimeOffset Since { get; private set; }

    /// <summary>Said when the time zone is not the person's own.</summary>
    public string? Zone { get; private set; }

    public async Task OnGetAsync(CancellationToken ct)
    {
        if (sessions.Read(HttpContext) is not { } session || await users.FindAsync(session.Subject, ct) is not { } user)
        {
            return;
        }

        Account = user;
        var isKnown = TimeZoneInfo.TryFindSystemTimeZoneById(user.ZoneInfo ?? "", out var zone);
        Since = isKnown ? TimeZoneInfo.ConvertTime(session.AuthTime, zone!) : session.AuthTime.ToUniversalTime();
        Zone = isKnown ? null : "UTC";
    }
}
