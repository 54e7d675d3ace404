using IdServer.Protocol.Users;
using IdServer.Sessions;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages;

/// <summary>Home: who is signed in on this browser, and the way in or out.</summary>
public sealed class IndexModel(SessionCookie sessions, IUserClaimsSource users) : PageModel
{
    /// <summary>Null when nobody is signed in.</summary>
    public UserClaims? Account { get; private set; }

    /// <summary>When credentials were last entered.</summary>
    public LocalTime? Since { get; private set; }

    public async Task OnGetAsync(CancellationToken ct)
    {
        if (sessions.Read(HttpContext) is not { } session || await users.FindAsync(session.Subject, ct) is not { } user)
        {
            return;
        }

        Account = user;
        Since = LocalTime.Of(session.AuthTime, user.ZoneInfo);
    }
}
