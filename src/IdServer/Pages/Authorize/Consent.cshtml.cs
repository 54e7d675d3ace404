using System.Globalization;
using IdServer.Localization;
using IdServer.Protocol.Interactions;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Users;
using IdServer.Routes;
using IdServer.Sessions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages.Authorize;

/// <summary>Shows who asks for what, and takes the answer.</summary>
public sealed class ConsentModel(WaitingRequest waiting, PendingRequests requests, SessionCookie sessions, IUserClaimsSource users, Texts texts) : PageModel
{
    [BindProperty(Name = "consent-accept")]
    public string? Accept { get; set; }

    /// <summary>The session of the account that the page showed: an answer given after somebody else has signed in is asked for again.</summary>
    [BindProperty(Name = "consent-session")]
    public Guid? SessionId { get; set; }

    public PendingAuthorization Pending { get; private set; } = null!;

    public SsoSession Session { get; private set; } = null!;

    public UserClaims Account { get; private set; } = null!;

    /// <summary>Claims asked one by one, in the reader's words.</summary>
    public IReadOnlyList<string> Claims { get; private set; } = [];

    /// <summary>The host, or for a native application the scheme, that gets the answer.</summary>
    public string ReturnsTo => new Uri(Pending.RedirectUri) is { Authority.Length: > 0 } uri ? uri.Authority : Pending.RedirectUri;

    public Task<IActionResult> OnGetAsync(CancellationToken ct) => WithAccountAsync(_ => Task.FromResult<IActionResult>(Page()), ct);

    public Task<IActionResult> OnPostAsync(CancellationToken ct) => WithAccountAsync(
        async session =>
        {
            if (SessionId != session.Id)
            {
                return new SeeOtherResult($"{Request.PathBase}{PagePaths.Consent}?{PagePaths.Interaction}={waiting.Id}");
            }

            if (Accept is null)
            {
                return await waiting.RefuseAsync(session, ct);
            }

            await requests.ConsentAsync(Pending, session, HttpContext.Connection.RemoteIpAddress, ct);
            return waiting.Resume();
        },
        ct);

    private async Task<IActionResult> WithAccountAsync(Func<SsoSession, Task<IActionResult>> goOn, CancellationToken ct)
    {
        if (await waiting.AuthorizationAsync(ct) is not { } pending)
        {
            return waiting.Gone();
        }

        if (sessions.Read(HttpContext) is not { } session || await users.FindAsync(session.Subject, ct) is not { } user)
        {
            return waiting.Resume(); // Nobody to ask: the dispatcher knows what to do.
        }

        (Pending, Session, Account) = (pending, session, user);
        Claims = [.. pending.Claims.Select(claim => Sentence(texts.Find($"Claim.{claim}") ?? claim))];
        return await goOn(session);
    }

    private static string Sentence(string words) => char.ToUpper(words[0], CultureInfo.CurrentUICulture) + words[1..];
}
