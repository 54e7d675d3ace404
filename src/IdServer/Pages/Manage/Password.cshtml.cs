using IdServer.Data.Users;
using IdServer.Localization;
using IdServer.Protocol.Users;
using IdServer.Sessions;
using IdServer.Users;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Manage;

/// <summary>Sets another password, or the first one. Everything else that is signed in ends; this browser goes on.</summary>
[RequiresRecentSignIn]
public sealed class PasswordModel(AccountQueries accounts, OwnAccount own, IPasswordVerifier passwords, SessionCookie sessions, DeviceCookie device, Devices devices, Notices notices, Texts texts) : SignedInPage
{
    private const string CurrentField = "own-password-current";
    private const string NewField = "own-password-new";

    private string? wrong;

    [BindProperty(Name = CurrentField)]
    public string? Current { get; set; }

    [BindProperty(Name = NewField)]
    public string? New { get; set; }

    public bool HasPassword { get; private set; }

    public string Heading => texts[HasPassword ? "OwnPassword.Change" : "OwnPassword.Set"];

    public string? Fault { get; private set; }

    public Task OnGetAsync(CancellationToken ct) => PrepareAsync(ct);

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await PrepareAsync(ct);
        if (HasPassword && await CurrentFaultAsync(ct) is { } refusal)
        {
            return refusal;
        }

        var outcome = await own.ChangePasswordAsync(UserId, Account.Username, New ?? "", ct);
        if (outcome.Subject is null)
        {
            return outcome.RetryAfter is { } wait
                ? Refuse(StatusCodes.Status503ServiceUnavailable, NewField, texts["Login.Busy", texts.Duration(wait)])
                : Refuse(StatusCodes.Status422UnprocessableEntity, NewField, PasswordWords.Of(outcome.Faults[0], texts));
        }

        await sessions.RenewAsync(HttpContext, Session, (await devices.FindAsync(HttpContext, UserId, ct))?.Id, ct);
        notices.Say(HttpContext, "OwnPassword.Done");
        return new SeeOtherResult(Url.Page("/Manage/Security")!);
    }

    /// <summary>Both have to be typed again after a fault.</summary>
    public IEnumerable<FormField> Fields()
    {
        if (HasPassword)
        {
            yield return new(CurrentField, texts["OwnPassword.Current"], "current-password") { Type = "password", HasFocus = wrong is null or CurrentField, IsInvalid = wrong == CurrentField, DescribedBy = wrong == CurrentField ? "own-password-fault" : null };
        }

        yield return new(NewField, texts["OwnPassword.New"], "new-password")
        {
            Type = "password",
            Hint = texts["Password.Hint", PasswordRules.MinimumLength],
            HasFocus = wrong == NewField || (wrong is null && !HasPassword),
            IsInvalid = wrong == NewField,
            DescribedBy = wrong == NewField ? "own-password-fault" : null,
        };
    }

    private async Task PrepareAsync(CancellationToken ct) => HasPassword = (await accounts.FindAsync(UserId, ct))?.HasPassword == true;

    // Behind the same brake as the login page: whoever sits at an open browser guesses no faster than anybody else.
    private async Task<IActionResult?> CurrentFaultAsync(CancellationToken ct)
    {
        if (string.IsNullOrEmpty(Current))
        {
            return Refuse(StatusCodes.Status422UnprocessableEntity, CurrentField, texts["OwnPassword.CurrentMissing"]);
        }

        var outcome = await passwords.VerifyAsync(Account.Username, Current, HttpContext.Connection.RemoteIpAddress, device.Read(HttpContext), ct);
        return outcome switch
        {
            { Subject: { } subject } when subject == Account.Subject => null,
            { Overloaded: true, RetryAfter: { } wait } => Refuse(StatusCodes.Status503ServiceUnavailable, CurrentField, texts["Login.Busy", texts.Duration(wait)]),
            { RetryAfter: { } wait } => Refuse(StatusCodes.Status429TooManyRequests, CurrentField, texts["Login.Wait", texts.Duration(wait)]),
            _ => Refuse(StatusCodes.Status422UnprocessableEntity, CurrentField, texts["OwnPassword.CurrentWrong"]),
        };
    }

    // A 4xx also keeps password managers from saving what was wrong.
    private PageResult Refuse(int status, string field, string fault)
    {
        Response.StatusCode = status;
        (wrong, Fault) = (field, fault);
        return Page();
    }
}
