using IdServer.Configuration;
using IdServer.Hosting;
using IdServer.Localization;
using IdServer.Users;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>
/// Says how hard a password is to guess while a form is filled in: asked by <c>password.js</c> when the person leaves the field, not at every key. Nothing is kept, and the rules
/// are those of the form itself. What it answers is the person's own input in other words, so that there is nothing here to find out.
/// </summary>
public sealed class PasswordHintModel(RateLimits limits, ServerSettings settings, Texts texts) : PageModel
{
    private const int MostWords = 8;

    [BindProperty(Name = "password")]
    public string? Password { get; set; }

    /// <summary>What else stands in the form: names and addresses.</summary>
    [BindProperty(Name = "about")]
    public string[]? About { get; set; }

    public IActionResult OnGet() => NotFound();

    public IActionResult OnPost()
    {
        if (limits.RefusePasswordHint(HttpContext.Connection.RemoteIpAddress))
        {
            return StatusCode(StatusCodes.Status429TooManyRequests);
        }

        if (PasswordRules.Check(Password, null, null, settings.ProductName) is { } fault)
        {
            return new JsonResult(new { enough = false, text = PasswordWords.Of(fault, texts) });
        }

        var strength = PasswordStrength.Of(Password!, [.. (About ?? []).Take(MostWords), settings.ProductName]);
        return new JsonResult(new { enough = strength.IsEnough, text = PasswordWords.Of(strength, texts) });
    }
}
