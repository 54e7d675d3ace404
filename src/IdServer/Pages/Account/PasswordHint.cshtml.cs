using IdServer.Configuration;
using IdServer.Hosting;
using IdServer.Localization;
using IdServer.Protocol.Users;
using IdServer.Recovery;
using IdServer.Sessions;
using IdServer.Users;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>
/// Says how hard a password is to guess while a form is filled in: asked by <c>password.js</c> when the person leaves the field, not at every key. Nothing is kept, and the rules
/// are those of the form itself. What it answers is the person's own input in other words, so that there is nothing here to find out.
/// </summary>
public sealed class PasswordHintModel(RateLimits limits, SessionCookie sessions, PendingReset pending, PasswordRecovery recovery, IUserClaimsSource users, ServerSettings settings, Texts texts) : PageModel
{
    private const int MostWords = 8;

    [BindProperty(Name = "password")]
    public string? Password { get; set; }

    /// <summary>What else stands in the form: names and addresses.</summary>
    [BindProperty(Name = "about")]
    public string[]? About { get; set; }

    public IActionResult OnGet() => NotFound();

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (limits.RefusePasswordHint(HttpContext.Connection.RemoteIpAddress))
        {
            return StatusCode(StatusCodes.Status429TooManyRequests);
        }

        if (PasswordRules.Check(Password, null, null, settings.ProductName) is { } fault)
        {
            return new JsonResult(new { enough = false, text = PasswordWords.Of(fault, texts) });
        }

        string?[] known = await WhoseAsync(ct) is { } user ? [.. PasswordRules.Personal(user, settings.ProductName)] : [settings.ProductName];
        var strength = PasswordStrength.Of(Password!, [.. (About ?? []).Take(MostWords), .. known]);
        return new JsonResult(new { enough = strength.IsEnough, text = PasswordWords.Of(strength, texts) });
    }

    // Who has followed a link to set another password, or is signed in.
    private async ValueTask<UserClaims?> WhoseAsync(CancellationToken ct) =>
        pending.Read(HttpContext) is { } handle ? await recovery.FindAsync(handle, ct)
        : sessions.Read(HttpContext) is { } session ? await users.FindAsync(session.Subject, ct)
        : null;
}
