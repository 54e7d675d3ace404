using IdServer.Localization;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Users;
using IdServer.Routes;
using IdServer.Sessions;
using IdServer.Tokens.Registries;
using IdServer.Upstream;
using IdServer.Users;
using IdServer.Users.Passkeys;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>
/// Asks for the second factor: of somebody who has proved the first one and is not signed in yet, or of somebody who is signed in without it when a request wants it.
/// </summary>
public sealed class SecondFactorModel(
    WaitingRequest waiting, PendingSignIn pending, SignIn signIn, UpstreamAccounts accounts, UpstreamProviders providers, SessionCookie sessions, SecondFactors factors, Devices devices, IUserClaimsSource users, PasskeySignIn passkeys, Texts texts, TimeProvider time) : PageModel
{
    // What was proved with this request was proved after this.
    private readonly DateTimeOffset since = time.GetUtcNow();

    private ProvedFactor? owing;
    private SsoSession? session;

    [BindProperty(Name = "second-code")]
    public string? Code { get; set; }

    [BindProperty(Name = "second-recovery")]
    public string? RecoveryCode { get; set; }

    [BindProperty(Name = "second-remember")]
    public string? Remember { get; set; }

    [BindProperty(Name = "second-submit")]
    public string? Submit { get; set; }

    [BindProperty(Name = "second-cancel")]
    public string? Cancel { get; set; }

    public Client? Client { get; private set; }

    public UserClaims Account { get; private set; } = null!;

    public string? Fault { get; private set; }

    /// <summary>The person turned to the recovery codes.</summary>
    public bool IsRecovery => !string.IsNullOrWhiteSpace(RecoveryCode) && string.IsNullOrWhiteSpace(Code);

    public async Task<IActionResult> OnGetAsync(CancellationToken ct) => await PrepareAsync(ct) ?? Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (await PrepareAsync(ct) is { } elsewhere)
        {
            return elsewhere;
        }

        if (PasskeyAnswer.Of(Request) is { } answer)
        {
            var passkey = await passkeys.VerifyAsync(HttpContext, answer, ct);
            if (passkey.Subject == Account.Subject)
            {
                return await CompleteAsync(passkey.Amr, trustsDevice: false, ct);
            }

            var (status, sentence) = PasskeyWords.Of(passkey, texts);
            return Refuse(status, sentence);
        }

        if (Cancel is not null && Submit is null) // a robot that sends every button means the first (requirement C.2)
        {
            pending.Forget(HttpContext);
            return await waiting.RefuseAsync(owing is null ? session : null, ct);
        }

        var typed = IsRecovery ? RecoveryCode : Code;
        if (string.IsNullOrWhiteSpace(typed))
        {
            return Refuse(StatusCodes.Status422UnprocessableEntity, texts["SecondFactor.Missing"]);
        }

        var userId = Guid.Parse(Account.Subject);
        var device = await devices.FindAsync(HttpContext, userId, ct);
        var outcome = await factors.VerifyAsync(userId, typed, IsRecovery, HttpContext.Connection.RemoteIpAddress, device?.Id, ct);
        if (outcome.IsRight)
        {
            return await CompleteAsync([AuthenticationMethods.OneTimePassword], Remember is not null, ct);
        }

        return outcome.RetryAfter is { } wait
            ? Refuse(StatusCodes.Status429TooManyRequests, texts["SecondFactor.Wait", texts.Duration(wait)])
            : Refuse(StatusCodes.Status422UnprocessableEntity, texts[IsRecovery ? "SecondFactor.RecoveryWrong" : "SecondFactor.Wrong"]);
    }

    /// <param name="amr">Of the second factor.</param>
    private async Task<IActionResult> CompleteAsync(IReadOnlyList<string> amr, bool trustsDevice, CancellationToken ct)
    {
        var outcome = await signIn.CompleteAsync(HttpContext, Account.Subject, [.. owing?.Amr ?? [], .. amr], owing?.Since ?? since, ct, trustsDevice, owing?.Login);
        return outcome == SignInOutcome.SignedIn && owing?.Login is { } login && providers.Find(login.ProviderKey) is { } provider && !await accounts.LinkAsync(login, HttpContext.Connection.RemoteIpAddress, ct)
            ? new SeeOtherResult(UpstreamRoute.LoginPage(HttpContext, waiting.Id?.ToString(), provider, UpstreamFault.Stale))
            : waiting.After(outcome) ?? Login();
    }

    /// <returns>Where to go when nobody owes a second factor here.</returns>
    private async Task<IActionResult?> PrepareAsync(CancellationToken ct)
    {
        Client = await waiting.ClientAsync(ct);
        if (Client is null && waiting.IsNamed)
        {
            return waiting.Gone();
        }

        owing = pending.Read(HttpContext);
        session = sessions.Read(HttpContext);
        if ((owing?.Subject ?? session?.Subject) is not { } subject || await users.FindAsync(subject, ct) is not { } account)
        {
            return Login();
        }

        Account = account;
        return owing is null && session!.Satisfies(AuthenticationContexts.SeveralFactors) ? waiting.Resume() : null;
    }

    private SeeOtherResult Login() => new(Request.PathBase + PagePaths.Login + waiting.Here);

    // A 4xx also keeps password managers from saving what was wrong.
    private PageResult Refuse(int status, string fault)
    {
        Response.StatusCode = status;
        Fault = fault;
        return Page();
    }
}
