using IdServer.Localization;
using IdServer.Protocol.Users;
using IdServer.Recovery;
using IdServer.Routes;
using IdServer.Sessions;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>
/// Where the link of a mail leads: sets another password, and goes on to what opens the account. Opening the link spends nothing, since programs that look at mail open links too;
/// it moves from the address into a cookie at once. The application that sent the person to sign in gets them back, in the browser where its request still waits.
/// </summary>
public sealed class ResetModel(WaitingRequest waiting, PendingReset pending, PasswordRecovery recovery, SignIn signIn, Texts texts, TimeProvider time) : PageModel
{
    [BindProperty(Name = "reset-password")]
    public string? Password { get; set; }

    /// <summary>Null when the link is not good, or not any more.</summary>
    public UserClaims? Account { get; private set; }

    public string? Fault { get; private set; }

    public string? PasswordFault { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (Request.Query.TryGetValue(PagePaths.Token, out var token))
        {
            if (await recovery.FindAsync(token, ct) is null)
            {
                return Gone();
            }

            pending.Remember(HttpContext, token.ToString());
            return new SeeOtherResult(Request.PathBase + PagePaths.Reset + await HereAsync(ct));
        }

        return await PrepareAsync(ct) ? Page() : Gone();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!await PrepareAsync(ct) || await recovery.ResetAsync(pending.Read(HttpContext), Password, HttpContext.Connection.RemoteIpAddress, ct) is not { } outcome)
        {
            return Gone();
        }

        if (outcome.Subject is { } subject)
        {
            pending.Forget(HttpContext);
            var here = await HereAsync(ct);
            return await signIn.CompleteAsync(HttpContext, subject, [AuthenticationMethods.Password], time.GetUtcNow(), ct) switch
            {
                SignInOutcome.SignedIn => new SeeOtherResult(Request.PathBase + PagePaths.Review + here),
                SignInOutcome.NeedsSecondFactor => new SeeOtherResult(Request.PathBase + PagePaths.SecondFactor + here.Add(PagePaths.To, PagePaths.Review)),
                _ => new SeeOtherResult(Request.PathBase + PagePaths.Login + here), // disabled meanwhile
            };
        }

        if (outcome.RetryAfter is { } wait)
        {
            Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            Fault = texts["Login.Busy", texts.Duration(wait)];
        }
        else
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity; // keeps password managers from saving it
            PasswordFault = PasswordWords.Of(outcome.Faults[0], texts);
        }

        return Page();
    }

    // In another browser, or when it is over, the person is simply signed in.
    private async Task<QueryString> HereAsync(CancellationToken ct) => await waiting.ClientAsync(ct) is null ? QueryString.Empty : waiting.Here;

    private async Task<bool> PrepareAsync(CancellationToken ct)
    {
        Account = await recovery.FindAsync(pending.Read(HttpContext), ct);
        return Account is not null;
    }

    private PageResult Gone()
    {
        Account = null;
        pending.Forget(HttpContext);
        Response.StatusCode = StatusCodes.Status410Gone;
        return Page();
    }
}
