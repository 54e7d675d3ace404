using IdServer.Localization;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Users;
using IdServer.Sessions;
using IdServer.Tokens.Registries;
using IdServer.Upstream;
using IdServer.Users.Passkeys;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>Asks for a user name or e-mail address and a password; with a waiting request goes on with it, without one goes home.</summary>
public sealed class LoginModel(WaitingRequest waiting, IPasswordVerifier passwords, SessionCookie sessions, SignIn signIn, DeviceCookie device, IUserClaimsSource users, UpstreamProviders providers, PasskeySignIn passkeys, Texts texts, TimeProvider time) : PageModel
{
    // What was proved with this request was proved after this.
    private readonly DateTimeOffset since = time.GetUtcNow();

    [BindProperty(Name = "username")]
    public string? Username { get; set; }

    [BindProperty(Name = "password")]
    public string? Password { get; set; }

    [BindProperty(Name = "login-submit")]
    public string? Submit { get; set; }

    [BindProperty(Name = "login-cancel")]
    public string? Cancel { get; set; }

    public Client? Client { get; private set; }

    public Guid? InteractionId => waiting.Id;

    /// <summary>Who is signed in already, when the request wants credentials all the same (requirement 6).</summary>
    public string? SignedInAs { get; private set; }

    public string? Fault { get; private set; }

    /// <summary>Whether the fault is in what was typed.</summary>
    public bool IsWrong => Fault is not null && HttpMethods.IsPost(Request.Method) && PasskeyAnswer.Of(Request) is null;

    /// <summary>Where else the person may sign in for this request.</summary>
    public IReadOnlyList<UpstreamProvider> Providers { get; private set; } = [];

    /// <summary>The focus goes where typing is needed next.</summary>
    public bool FocusesUsername => string.IsNullOrEmpty(Username);

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (!await PrepareAsync(ct))
        {
            return waiting.Gone();
        }

        var session = sessions.Read(HttpContext);
        if (session is not null && !waiting.IsNamed && waiting.To is null)
        {
            return RedirectToPage("/Index");
        }

        var pending = await waiting.AuthorizationAsync(ct);
        Fault = UpstreamFaultText();
        if (Fault is null && Providers.Count > 0 && providers.Find(pending?.IdpHint) is { } hinted) // an unknown one is ignored (requirement 3); after a failure the person chooses
        {
            return new SeeOtherResult(UpstreamRoute.StartOf(HttpContext, hinted, InteractionId));
        }

        Username = pending?.LoginHint;
        if (session is not null && await users.FindAsync(session.Subject, ct) is { } user)
        {
            SignedInAs = user.DisplayName;
            Username ??= user.Username;
        }

        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!await PrepareAsync(ct))
        {
            return waiting.Gone();
        }

        if (PasskeyAnswer.Of(Request) is { } answer)
        {
            var passkey = await passkeys.VerifyAsync(HttpContext, answer, ct);
            if (passkey.Subject is { } owner && waiting.After(await signIn.CompleteAsync(HttpContext, owner, passkey.Amr, since, ct)) is { } after)
            {
                return after;
            }

            var (status, sentence) = PasskeyWords.Of(passkey.Subject is null ? passkey : PasskeyOutcome.Refused(PasskeyFault.Refused), texts);
            return Refuse(status, sentence);
        }

        if (Cancel is not null && Submit is null) // a robot that sends every button means the first (requirement C.2)
        {
            return await waiting.RefuseAsync(session: null, ct);
        }

        if (string.IsNullOrWhiteSpace(Username) || string.IsNullOrEmpty(Password))
        {
            return Refuse(StatusCodes.Status422UnprocessableEntity, texts[string.IsNullOrWhiteSpace(Username) ? "Login.UsernameMissing" : "Login.PasswordMissing"]);
        }

        var outcome = await passwords.VerifyAsync(Username.Trim(), Password, HttpContext.Connection.RemoteIpAddress, device.Read(HttpContext), ct);
        if (outcome.Subject is { } subject && waiting.After(await signIn.CompleteAsync(HttpContext, subject, [AuthenticationMethods.Password], since, ct)) is { } next)
        {
            return next;
        }

        return outcome switch
        {
            { Overloaded: true, RetryAfter: { } wait } => Refuse(StatusCodes.Status503ServiceUnavailable, texts["Login.Busy", texts.Duration(wait)]),
            { RetryAfter: { } wait } => Refuse(StatusCodes.Status429TooManyRequests, texts["Login.Wait", texts.Duration(wait)]),
            _ => Refuse(StatusCodes.Status422UnprocessableEntity, texts["Login.Wrong"]), // requirement 50: one wording for everything
        };
    }

    /// <returns>False when the address names a request that is not there.</returns>
    private async Task<bool> PrepareAsync(CancellationToken ct)
    {
        Client = await waiting.ClientAsync(ct);
        Providers = await waiting.AuthorizationAsync(ct) is { AllowsFederation: false } ? [] : providers.All;
        return Client is not null || !waiting.IsNamed;
    }

    // The address says which of our sentences, and of which of our providers: nothing of what it says is shown.
    private string? UpstreamFaultText() =>
        providers.Find(Request.Query[UpstreamRoute.Provider]) is { } provider && Enum.TryParse<UpstreamFault>(Request.Query[UpstreamRoute.Fault], out var fault) && Enum.IsDefined(fault)
            ? texts[$"Upstream.Fault.{fault}", provider.DisplayName]
            : null;

    // A 4xx also keeps password managers from saving what was wrong.
    private PageResult Refuse(int status, string fault)
    {
        Response.StatusCode = status;
        Fault = fault;
        return Page();
    }
}
