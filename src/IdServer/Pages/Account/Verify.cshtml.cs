using IdServer.Localization;
using IdServer.Mail;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Users;
using IdServer.Routes;
using IdServer.Sessions;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>
/// Where the link of a verification mail leads. Opening it does nothing, since mail scanners open links too: the button does. Whoever presses it must also be who made the account:
/// in the same browser, or by its password. Without a link: sends another mail to who is signed in.
/// </summary>
public sealed class VerifyModel(
    WaitingRequest waiting, Registrations registrations, AddressOwners owners, SessionCookie sessions, SignIn signIn, IPasswordVerifier passwords, DeviceCookie device, BrowserCookie browser, IUserClaimsSource users, Mailer mailer, Notices notices, Texts texts, TimeProvider time) : PageModel
{
    // What was proved with this request was proved after this.
    private readonly DateTimeOffset since = time.GetUtcNow();
    private Registration? registration;
    private UnprovedAddress? unproved;

    [BindProperty(Name = "verify-password")]
    public string? Password { get; set; }

    [BindProperty(Name = "verify-submit")]
    public string? Submit { get; set; }

    [BindProperty(Name = "verify-disown")]
    public string? Disown { get; set; }

    [BindProperty(Name = "verify-release")]
    public string? Release { get; set; }

    public Client? Client { get; private set; }

    public VerifyStep Step { get; private set; }

    /// <summary>Null when the link is dead.</summary>
    public string? Address { get; private set; }

    /// <summary>Whether nothing here shows that this person made the account.</summary>
    public bool NeedsPassword { get; private set; }

    /// <summary>Whether the account has no password that could show it: only the browser that asked for it can.</summary>
    public bool NeedsBrowser => NeedsPassword && registration is { HasPassword: false };

    /// <summary>Whether there is an account whose password can be set anew by whoever gets the mail of its address.</summary>
    public bool CanRecover => NeedsPassword && unproved is not null && mailer.CanSend;

    public string? Fault { get; private set; }

    public string ThisPage => Request.PathBase + Request.Path + Request.QueryString;

    private string? Link => Request.Query[PagePaths.Token];

    public async Task<IActionResult> OnGetAsync(CancellationToken ct) => await PrepareAsync(ct) ? Page() : new SeeOtherResult(Request.PathBase + "/");

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!await PrepareAsync(ct))
        {
            return new SeeOtherResult(Request.PathBase + "/");
        }

        if (Step == VerifyStep.Dead)
        {
            return Page();
        }

        if (Step == VerifyStep.Resend)
        {
            return await SendAsync(ct);
        }

        if (Disown is not null && Submit is null) // a robot that sends every button means the first (requirement C.2)
        {
            if (registration is null) // an account that is there, and may be this person's after all: made for them by an application
            {
                Step = VerifyStep.Disowning;
                return Page();
            }

            await registrations.DisownAsync(registration, ct);
            Step = VerifyStep.Disowned;
            return Page();
        }

        if (Release is not null && Submit is null && unproved is not null)
        {
            await owners.DisownAsync(unproved, ct);
            Step = VerifyStep.Disowned;
            return Page();
        }

        if (NeedsBrowser)
        {
            return Refuse(StatusCodes.Status422UnprocessableEntity, texts["Verify.OtherBrowser"]);
        }

        if (NeedsPassword && string.IsNullOrEmpty(Password))
        {
            return Refuse(StatusCodes.Status422UnprocessableEntity, texts["Login.PasswordMissing"]);
        }

        return registration is not null ? await MakeAsync(registration, ct) : await VerifyAsync(unproved!, ct);
    }

    private async Task<IActionResult> MakeAsync(Registration asked, CancellationToken ct)
    {
        var outcome = await registrations.CompleteAsync(asked, browser.Digest(HttpContext), Password, HttpContext.Connection.RemoteIpAddress, ct);
        return outcome.Result switch
        {
            RegistrationResult.Made => await EnterAsync(outcome.Subject!, outcome.Amr, ct),
            RegistrationResult.WrongPassword => Refuse(StatusCodes.Status422UnprocessableEntity, texts["Verify.Wrong"]),
            RegistrationResult.Wait => Refuse(StatusCodes.Status429TooManyRequests, texts["Verify.Wait", texts.Duration(outcome.RetryAfter)]),
            RegistrationResult.UsernameTaken => Dead(texts["Verify.UsernameTaken"]),
            _ => Dead(null),
        };
    }

    private async Task<IActionResult> VerifyAsync(UnprovedAddress address, CancellationToken ct)
    {
        if (NeedsPassword)
        {
            var outcome = await passwords.VerifyAsync(address.Username, Password!, HttpContext.Connection.RemoteIpAddress, device.Read(HttpContext), ct);
            if (outcome.Subject != address.Subject)
            {
                return outcome switch
                {
                    { Overloaded: true, RetryAfter: { } wait } => Refuse(StatusCodes.Status503ServiceUnavailable, texts["Login.Busy", texts.Duration(wait)]),
                    { RetryAfter: { } wait } => Refuse(StatusCodes.Status429TooManyRequests, texts["Verify.Wait", texts.Duration(wait)]),
                    _ => Refuse(StatusCodes.Status422UnprocessableEntity, texts["Verify.Wrong"]),
                };
            }
        }

        if (!await owners.VerifyAsync(address, HttpContext.Connection.RemoteIpAddress, ct))
        {
            return Dead(null);
        }

        if (NeedsPassword)
        {
            return await EnterAsync(address.Subject, [AuthenticationMethods.Password], ct);
        }

        notices.Say(HttpContext, "Verify.Done");
        return new SeeOtherResult(Request.PathBase + PagePaths.Manage);
    }

    // The password was entered here, or in this browser when the account was asked for.
    private async Task<IActionResult> EnterAsync(string subject, IReadOnlyList<string> amr, CancellationToken ct)
    {
        var outcome = await signIn.CompleteAsync(HttpContext, subject, amr, since, ct);
        if (outcome == SignInOutcome.SignedIn && Client is null)
        {
            notices.Say(HttpContext, "Verify.Done");
            return new SeeOtherResult(Request.PathBase + PagePaths.Manage);
        }

        return waiting.After(outcome) ?? Dead(null);
    }

    private async Task<IActionResult> SendAsync(CancellationToken ct)
    {
        var session = sessions.Read(HttpContext)!;
        if (await owners.SendAsync(Guid.Parse(session.Subject), Address!, (await users.FindAsync(session.Subject, ct))?.Locale, ct) is { } wait)
        {
            return Refuse(StatusCodes.Status429TooManyRequests, texts["Verify.Wait", texts.Duration(wait)]);
        }

        Step = VerifyStep.Sent;
        return Page();
    }

    /// <returns>False when there is nothing to do here.</returns>
    private async Task<bool> PrepareAsync(CancellationToken ct)
    {
        Client = await waiting.ClientAsync(ct);
        var session = sessions.Read(HttpContext);
        if (Link is null)
        {
            Step = VerifyStep.Resend;
            Address = session is not null && await users.FindAsync(session.Subject, ct) is { EmailVerified: false, Email: { } own } ? own : null;
            return Address is not null && mailer.CanSend;
        }

        registration = await registrations.FindAsync(Link, ct);
        unproved = registration is null ? await owners.FindAsync(Link, ct) : null;
        Address = registration?.Address ?? unproved?.Address;
        NeedsPassword = registration is not null ? !registration.IsOf(browser.Digest(HttpContext)) : unproved is not null && !IsOf(session, unproved);
        if (Address is null)
        {
            Dead(null);
        }

        return true;
    }

    private static bool IsOf(SsoSession? session, UnprovedAddress address) => session?.Subject == address.Subject;

    private PageResult Dead(string? why)
    {
        Response.StatusCode = StatusCodes.Status410Gone;
        (Step, Fault) = (VerifyStep.Dead, why);
        return Page();
    }

    // A 4xx also keeps password managers from saving what was wrong.
    private PageResult Refuse(int status, string fault)
    {
        Response.StatusCode = status;
        Fault = fault;
        return Page();
    }
}

/// <summary>What the page says.</summary>
public enum VerifyStep
{
    /// <summary>A good link: asks for the button.</summary>
    Confirm,

    /// <summary>No link: offers another mail.</summary>
    Resend,

    /// <summary>Another mail is on its way.</summary>
    Sent,

    /// <summary>The link is no longer good.</summary>
    Dead,

    /// <summary>Says what happens to an account that is somebody else's.</summary>
    Disowning,

    /// <summary>It was somebody else who wrote this address.</summary>
    Disowned,
}
