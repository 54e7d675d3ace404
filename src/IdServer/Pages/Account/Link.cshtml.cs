using IdServer.Data.Users;
using IdServer.Localization;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Users;
using IdServer.Routes;
using IdServer.Sessions;
using IdServer.Tokens.Registries;
using IdServer.Upstream;
using IdServer.Users.Passkeys;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Account;

/// <summary>Somebody came from a provider with the verified address of an account: asks for a proof that the account is theirs too, before the two are linked.</summary>
public sealed class LinkModel(WaitingRequest waiting, PendingLinks links, UpstreamAccounts accounts, UpstreamProviders providers, IPasswordVerifier passwords, SignIn signIn, DeviceCookie device, PasskeySignIn passkeys, LinkMails mails, Texts texts, TimeProvider time) : PageModel
{
    // What was proved with this request was proved after this.
    private readonly DateTimeOffset since = time.GetUtcNow();

    private PendingLink? link;
    private AccountProofs? proofs;
    private OneTimeToken? mailed;

    [BindProperty(Name = "link-password")]
    public string? Password { get; set; }

    [BindProperty(Name = "link-submit")]
    public string? Submit { get; set; }

    [BindProperty(Name = "link-mail")]
    public string? Mail { get; set; }

    [BindProperty(Name = "link-cancel")]
    public string? Cancel { get; set; }

    /// <summary>Of the link in a mail.</summary>
    [BindProperty(Name = PagePaths.Token, SupportsGet = true)]
    public string? Token { get; set; }

    public Client? Client { get; private set; }

    public Guid? InteractionId => waiting.Id;

    public UpstreamProvider? Provider { get; private set; }

    public string Email => link!.Email;

    public bool AsksPassword => proofs!.Username is not null && !IsProvedByMail;

    public bool OffersMail => mails.IsOffered && !IsProvedByMail && !IsMailSent;

    /// <summary>Whether the person has just asked for a link.</summary>
    public bool IsMailSent { get; private set; }

    /// <summary>Whether they have come by it. Opening it links nothing: programs that look at mail open links too.</summary>
    public bool IsProvedByMail => mailed is not null;

    /// <summary>Providers the account is linked with already: to sign in there is a proof as well.</summary>
    public IReadOnlyList<UpstreamProvider> Others => [.. providers.All.Where(p => proofs!.Issuers.Contains(p.Issuer, StringComparer.Ordinal) && p.Issuer != link!.Issuer)];

    public string? Fault { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (await PrepareAsync(ct) is { } elsewhere)
        {
            return elsewhere;
        }

        Fault = Token is not null && !IsProvedByMail ? texts["Link.MailGone"] : null;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (await PrepareAsync(ct) is { } elsewhere)
        {
            return elsewhere;
        }

        if (Cancel is not null && Submit is null && Mail is null) // a robot that sends every button means the first (requirement C.2)
        {
            links.Forget(HttpContext);
            return Login();
        }

        if (mailed is not null && Mail is null)
        {
            return await mails.TrySpendAsync(mailed, ct) ? await LinkAsync(link!, [], ct) : Stale();
        }

        if (Mail is not null && Submit is null && mails.IsOffered)
        {
            var wait = await mails.SendAsync(link!, Provider!.DisplayName, waiting.Id, ct);
            IsMailSent = wait is null;
            return wait is { } pause ? Refuse(StatusCodes.Status429TooManyRequests, texts["Link.MailWait", texts.Duration(pause)]) : Page();
        }

        if (PasskeyAnswer.Of(Request) is { } answer)
        {
            var passkey = await passkeys.VerifyAsync(HttpContext, answer, ct);
            if (passkey.Subject == link!.AccountSubject)
            {
                return await LinkAsync(link, passkey.Amr, ct);
            }

            var (status, sentence) = PasskeyWords.Of(passkey, texts);
            return Refuse(status, sentence);
        }

        if (!AsksPassword || string.IsNullOrEmpty(Password))
        {
            return Refuse(StatusCodes.Status422UnprocessableEntity, texts["Login.PasswordMissing"]);
        }

        var outcome = await passwords.VerifyAsync(proofs!.Username!, Password, HttpContext.Connection.RemoteIpAddress, device.Read(HttpContext), ct);
        if (outcome.Subject is { } subject && subject == link!.AccountSubject)
        {
            return await LinkAsync(link, [AuthenticationMethods.Password], ct);
        }

        return outcome switch
        {
            { Overloaded: true, RetryAfter: { } wait } => Refuse(StatusCodes.Status503ServiceUnavailable, texts["Login.Busy", texts.Duration(wait)]),
            { RetryAfter: { } wait } => Refuse(StatusCodes.Status429TooManyRequests, texts["Link.Wait", texts.Duration(wait)]),
            _ => Refuse(StatusCodes.Status422UnprocessableEntity, texts["Link.Wrong"]),
        };
    }

    /// <param name="amr">With what the account was proved; nothing of RFC 8176, where that was a mail.</param>
    private async Task<IActionResult> LinkAsync(PendingLink proved, IReadOnlyList<string> amr, CancellationToken ct)
    {
        links.Forget(HttpContext);

        // Linked only once everything is proved that the account asks for: by the page of the second factor, where it asks for one.
        var result = await signIn.CompleteAsync(HttpContext, proved.AccountSubject, [.. amr, AuthenticationMethods.Federated], since, ct, login: proved);
        return result == SignInOutcome.SignedIn && !await accounts.LinkAsync(proved, HttpContext.Connection.RemoteIpAddress, ct) ? Stale() : waiting.After(result) ?? Stale();
    }

    /// <returns>Where to go when there is nothing to link here.</returns>
    private async Task<IActionResult?> PrepareAsync(CancellationToken ct)
    {
        Client = await waiting.ClientAsync(ct);
        if (Client is null && waiting.IsNamed)
        {
            return waiting.Gone();
        }

        link = links.Read(HttpContext);
        Provider = providers.Find(link?.ProviderKey);
        if (link is null || Provider is null)
        {
            return Login();
        }

        proofs = await accounts.FindProofsAsync(link, ct);
        mailed = await mails.FindAsync(Token, link, ct);
        return proofs is null ? Stale() : null;
    }

    private SeeOtherResult Login() => new(UpstreamRoute.LoginPage(HttpContext, InteractionId?.ToString()));

    private SeeOtherResult Stale() => new(UpstreamRoute.LoginPage(HttpContext, InteractionId?.ToString(), Provider!, UpstreamFault.Stale));

    // A 4xx also keeps password managers from saving what was wrong.
    private PageResult Refuse(int status, string fault)
    {
        Response.StatusCode = status;
        Fault = fault;
        return Page();
    }
}
