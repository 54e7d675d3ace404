using IdServer.Protocol.Clients;
using IdServer.Protocol.Interactions;
using IdServer.Protocol.Users;
using IdServer.Sessions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>Asks before signing out (requirement 46): a link alone, from here or from elsewhere, never ends a session.</summary>
public sealed class LogoutModel(WaitingRequest waiting, PendingRequests requests, SessionCookie sessions, SignOut signOut, IUserClaimsSource users) : PageModel
{
    [BindProperty(Name = "logout-confirm")]
    public string? Confirm { get; set; }

    /// <summary>The application that asks, when one does.</summary>
    public Client? Client { get; private set; }

    public UserClaims? Account { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        var pending = await waiting.EndSessionAsync(ct);
        if (pending is null && waiting.IsNamed)
        {
            return waiting.Gone();
        }

        if (sessions.Read(HttpContext) is not { } session)
        {
            return RedirectToPage("/Account/SignedOut");
        }

        Client = pending?.Client;
        Account = await users.FindAsync(session.Subject, ct);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var pending = await waiting.EndSessionAsync(ct);
        if (pending is null && waiting.IsNamed)
        {
            return waiting.Gone();
        }

        if (Confirm is null)
        {
            return new SeeOtherResult(Url.Page("/Index")!);
        }

        var next = pending is null ? null : await requests.ConfirmEndSessionAsync(pending, ct);
        return new SeeOtherResult(await signOut.EndAsync(HttpContext, next ?? Url.Page("/Account/SignedOut", new { client = pending?.Client?.ClientId })!, leaves: next is not null, ct));
    }
}
