using IdServer.Data.Users;
using IdServer.Protocol.Users;
using IdServer.Routes;
using IdServer.Sessions;
using IdServer.Users;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>Where the link in the mail leads: the new address counts when the person who is signed in says so with a button. Opening the link alone, which mail programs do by themselves, changes nothing.</summary>
public sealed class ChangeAddressModel(AddressChange change, SessionCookie sessions, IUserClaimsSource users, Notices notices) : PageModel
{
    private OneTimeToken? token;

    [BindProperty(Name = PagePaths.Token, SupportsGet = true)]
    public string? Token { get; set; }

    /// <summary>Null when nobody is signed in here.</summary>
    public UserClaims? Account { get; private set; }

    /// <summary>Null when the link is no longer good, or another person's.</summary>
    public string? Address => token?.Address;

    public Task OnGetAsync(CancellationToken ct) => PrepareAsync(ct);

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await PrepareAsync(ct);
        if (token is null)
        {
            return Page();
        }

        if (await change.ConfirmAsync(token, HttpContext.Connection.RemoteIpAddress, ct))
        {
            notices.Say(HttpContext, "ChangeAddress.Done");
            return new SeeOtherResult(Url.Page("/Manage/Profile")!);
        }

        token = null;
        Response.StatusCode = StatusCodes.Status409Conflict;
        return Page();
    }

    private async Task PrepareAsync(CancellationToken ct)
    {
        if (sessions.Read(HttpContext) is { } session && await users.FindAsync(session.Subject, ct) is { } account)
        {
            Account = account;
            token = await change.FindAsync(Token, Guid.Parse(session.Subject), ct);
        }
    }
}
