using IdServer.Configuration;
using IdServer.Localization;
using IdServer.Protocol.Clients;
using IdServer.Sessions;
using IdServer.Tokens.Registries;
using IdServer.Users;
using IdServer.Users.Passkeys;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>Makes an account and signs in with it; with a waiting request goes on with it, without one goes home. Where the server sends mail, the link in a mail does (<see cref="VerifyModel"/>).</summary>
public sealed class RegisterModel(WaitingRequest waiting, Registrations registrations, BrowserCookie browser, SignIn signIn, PasskeyRegistration passkeys, RelyingParty server, ServerSettings settings, Texts texts, TimeProvider time) : PageModel
{
    private Dictionary<string, string> faults = [];

    [BindProperty(Name = "register-username")]
    public string? Username { get; set; }

    [BindProperty(Name = "register-email")]
    public string? Email { get; set; }

    [BindProperty(Name = "register-name")]
    public string? FullName { get; set; }

    [BindProperty(Name = "register-password")]
    public string? Password { get; set; }

    [BindProperty(Name = "register-submit")]
    public string? Submit { get; set; }

    [BindProperty(Name = "register-passkey")]
    public string? Passkey { get; set; }

    [BindProperty(Name = "register-cancel")]
    public string? Cancel { get; set; }

    public Client? Client { get; private set; }

    public Guid? InteractionId => waiting.Id;

    /// <summary>What is wrong altogether; each field says what is wrong with it.</summary>
    public string? Fault { get; private set; }

    /// <summary>For the script that has a passkey made, once everything else is right.</summary>
    public CeremonyStart? Start { get; private set; }

    public bool OffersPasskey => server.IsPossible;

    /// <summary>The address that a mail is on its way to; null before.</summary>
    public string? SentTo { get; private set; }

    // The request that goes on once the account is there.
    private Guid? Waiting => Client is null ? null : InteractionId;

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (!await PrepareAsync(ct))
        {
            return waiting.Gone();
        }

        if (!settings.Registration.Enabled)
        {
            Response.StatusCode = StatusCodes.Status403Forbidden;
        }

        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!await PrepareAsync(ct))
        {
            return waiting.Gone();
        }

        if (Cancel is not null && Submit is null) // a robot that sends every button means the first (requirement C.2)
        {
            return await waiting.RefuseAsync(session: null, ct);
        }

        if (!settings.Registration.Enabled)
        {
            Response.StatusCode = StatusCodes.Status403Forbidden;
            return Page();
        }

        var user = new DeclaredUser { Username = Text(Username), Email = Text(Email), Name = Text(FullName), Password = Password };
        if (PasskeyAnswer.Of(Request) is { } answer)
        {
            var made = await passkeys.CompleteAsync(HttpContext, answer, Waiting, ct);
            return await FinishAsync(made.User ?? user, made.Account, made.Amr, ct);
        }

        if (Passkey is not null && Submit is null && OffersPasskey)
        {
            (Start, var refused) = await passkeys.BeginAsync(HttpContext, user, ct);
            return Start is null ? Refuse(user, refused!) : Page();
        }

        return await FinishAsync(user, await registrations.RegisterAsync(user, browser.Digest(HttpContext), Waiting, HttpContext.Connection.RemoteIpAddress, ct), [AuthenticationMethods.Password], ct);
    }

    /// <summary>The fields in their order. After a fault the first wrong one has the focus; the password has to be typed again.</summary>
    public IEnumerable<FormField> Fields()
    {
        FormField[] fields =
        [
            new("register-email", texts["Register.Email"], "email", Email, faults.GetValueOrDefault(ClaimNames.Email)) { Type = "email" },
            new("register-username", texts["Register.Username"], "username", Username, faults.GetValueOrDefault(ClaimNames.Username)) { Hint = texts["Register.UsernameHint"], IsRequired = false },
            new("register-name", texts["Register.Name"], "name", FullName, faults.GetValueOrDefault(ClaimNames.Name)) { Hint = texts["Register.NameHint"], IsRequired = false },
            new("register-password", texts["Register.Password"], "new-password", null, faults.GetValueOrDefault(Parameters.Password)) { Type = "password", Hint = texts["Password.Hint", PasswordRules.MinimumLength] },
        ];
        var first = fields.FirstOrDefault(f => f.Fault is not null);
        return fields.Select(f => ReferenceEquals(f, first) ? f with { HasFocus = true } : f);
    }

    private async Task<IActionResult> FinishAsync(DeclaredUser user, AccountOutcome? outcome, IReadOnlyList<string> amr, CancellationToken ct)
    {
        if (outcome == AccountOutcome.Asked)
        {
            SentTo = user.Email;
            return Page();
        }

        if (outcome?.Subject is { } subject && waiting.After(await signIn.CompleteAsync(HttpContext, subject, amr, time.GetUtcNow(), ct)) is { } next)
        {
            return next;
        }

        (Email, Username, FullName) = (user.Email, user.Username, user.Name);
        return Refuse(user, outcome);
    }

    /// <param name="outcome">Null when a passkey is not to be believed.</param>
    private PageResult Refuse(DeclaredUser user, AccountOutcome? outcome)
    {
        // Without a user name the address is one, and its faults belong to the address.
        faults = outcome?.Faults.DistinctBy(FieldOf).ToDictionary(FieldOf, f => f.Member == Parameters.Password ? PasswordWords.Of(f, texts) : texts[$"Register.Fault.{FieldOf(f)}.{f.Kind}"], StringComparer.Ordinal) ?? [];
        Fault = outcome is null ? texts["Register.PasskeyFault"] : outcome.RetryAfter is { } wait ? texts["Register.Wait", texts.Duration(wait)] : texts["Register.Faults"];
        Response.StatusCode = outcome?.RetryAfter is null ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status429TooManyRequests;
        return Page();

        string FieldOf(UserFault fault) => fault.Member == ClaimNames.Username && user.Username is null ? ClaimNames.Email : fault.Member;
    }

    /// <returns>False when the address names a request that is not there.</returns>
    private async Task<bool> PrepareAsync(CancellationToken ct)
    {
        Client = await waiting.ClientAsync(ct);
        return Client is not null || !waiting.IsNamed;
    }

    private static string? Text(string? typed) => string.IsNullOrWhiteSpace(typed) ? null : typed.Trim();
}
