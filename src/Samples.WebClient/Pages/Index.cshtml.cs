using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.WebUtilities;
using Samples.WebClient.Languages;
using Samples.WebClient.SignIn;
using Samples.WebClient.Tokens;

namespace Samples.WebClient.Pages;

/// <summary>Home: an invitation to sign in, or the person's profile and what can be done with the tokens.</summary>
internal sealed class IndexModel(SignedInTokens tokens, Api api, WebClientOptions options) : PageModel
{
    public bool SignedIn => User.Identity is { IsAuthenticated: true };

    public string? Name => User.FindFirst("name")?.Value ?? Email ?? Subject;

    public string? Email => User.FindFirst("email")?.Value;

    public string? Subject => User.FindFirst("sub")?.Value;

    public DateTimeOffset? ExpiresAt { get; private set; }

    public ApiAnswer? Answer { get; private set; }

    public string? Notice { get; private set; }

    public async Task OnGetAsync(bool ended)
    {
        Notice = ended ? Texts.Current.SessionEnded : null;
        ExpiresAt = await SignedInTokens.ExpiresAtAsync(HttpContext);
    }

    public IActionResult OnPostSignIn() => Challenge(new AuthenticationProperties { RedirectUri = "/" }, IdServerSignIn.Scheme);

    public Task<IActionResult> OnPostRefreshAsync(CancellationToken ct) => SignedInAsync(async () =>
    {
        Notice = Texts.Current.Refreshed;
        return await tokens.RefreshAsync(HttpContext, ct);
    });

    public Task<IActionResult> OnPostApiAsync(string path, CancellationToken ct) => SignedInAsync(async () =>
    {
        Answer = path is "/api/perfil" or "/api/articulos" ? await api.GetAsync(HttpContext, path, ct) : throw new BadHttpRequestException("No such path.");
        return Answer is not null;
    });

    /// <summary>Revokes at the server, forgets the own cookie, then ends the person's session at the server (OIDC RP-Initiated Logout §2).</summary>
    public Task<IActionResult> OnPostSignOutAsync(CancellationToken ct) => SignedInAsync(async () =>
    {
        await tokens.RevokeAsync(HttpContext, ct);
        return true;
    }, then: async () =>
    {
        var parameters = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["id_token_hint"] = await HttpContext.GetTokenAsync("id_token"),
            ["post_logout_redirect_uri"] = $"{Request.Scheme}://{Request.Host}/signed-out",
            ["ui_locales"] = Texts.Current.Language,
        };
        await HttpContext.SignOutAsync();
        return Redirect(QueryHelpers.AddQueryString(options.EndSessionEndpoint, parameters));
    });

    /// <summary>Runs what needs the server or the API. False from <paramref name="work"/>: the server ended the session, so this application does too.</summary>
    private async Task<IActionResult> SignedInAsync(Func<Task<bool>> work, Func<Task<IActionResult>>? then = null)
    {
        if (!SignedIn)
        {
            return Redirect("/");
        }

        try
        {
            if (!await work())
            {
                await HttpContext.SignOutAsync();
                return Redirect("/?ended=true");
            }
        }
        catch (HttpRequestException)
        {
            Notice = Texts.Current.NoAnswer;
            then = null;
        }

        ExpiresAt = await SignedInTokens.ExpiresAtAsync(HttpContext);
        return then is null ? Page() : await then();
    }
}
