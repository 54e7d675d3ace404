using System.Security.Cryptography;
using System.Text;
using IdServer.Data.Users;
using IdServer.Hosting;
using IdServer.Localization;
using IdServer.Upstream;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Pages.Manage;

/// <summary>Logins at other providers: adds one by signing in there, gives one up.</summary>
[RequiresRecentSignIn]
public sealed class LoginsModel(LinkedLogins logins, UpstreamAccounts accounts, UpstreamProviders providers, UpstreamRoute upstream, Notices notices, Texts texts) : SignedInPage
{
    [BindProperty(Name = "link")]
    public string? Link { get; set; }

    [BindProperty(Name = "unlink")]
    public string? Unlink { get; set; }

    public IReadOnlyList<ShownLogin> Logins { get; private set; } = [];

    public IReadOnlyList<UpstreamProvider> Providers => providers.All;

    public string? Fault { get; private set; }

    public async Task OnGetAsync(CancellationToken ct)
    {
        // The address says which of our sentences, and of which of our providers: nothing of what it says is shown.
        Fault = providers.Find(Request.Query[UpstreamRoute.Provider]) is { } provider && Enum.TryParse<UpstreamFault>(Request.Query[UpstreamRoute.Fault], out var fault) && Enum.IsDefined(fault)
            ? texts[$"Upstream.Fault.{fault}", provider.DisplayName]
            : null;
        await ShowAsync(ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (providers.Find(Link) is { } provider)
        {
            await upstream.LinkAsync(HttpContext, provider, Session); // a form with a token of ours: nobody is made to link what is somebody else's
            return new EmptyResult();
        }

        if ((await logins.ListAsync(UserId, ct)).FirstOrDefault(l => ReferenceOf(l) == Unlink) is { } login) // only one's own, whatever is sent
        {
            if (!await accounts.UnlinkAsync(Account.Subject, login.Issuer, login.Key, HttpContext.Connection.RemoteIpAddress, ct))
            {
                Fault = texts["Logins.Last"];
                Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                await ShowAsync(ct);
                return Page();
            }

            notices.Say(HttpContext, "Logins.Unlinked");
        }

        return new SeeOtherResult(Url.Page("/Manage/Logins")!);
    }

    private async Task ShowAsync(CancellationToken ct)
    {
        Logins = [.. (await logins.ListAsync(UserId, ct)).Select(l => new ShownLogin(ReferenceOf(l), NameOf(l), l.CreatedAt > DateTimeOffset.UnixEpoch ? l.CreatedAt : null))];
        foreach (var provider in Providers.Where(p => (p.AuthorizationEndpoint ?? p.Authority) is not null).OrderBy(p => (p.AuthorizationEndpoint ?? p.Authority)!.StartsWith("http:", StringComparison.Ordinal)))
        {
            SecurityHeaders.AllowFormTargets(HttpContext, provider.AuthorizationEndpoint ?? provider.Authority!); // the form ends there; http stands for https as well, so it comes last
        }
    }

    private string NameOf(LinkedLogin login) => Providers.FirstOrDefault(p => p.Issuer == login.Issuer)?.DisplayName ?? login.Issuer;

    // The subject at the provider is nobody's business, not even in a page's source.
    private static string ReferenceOf(LinkedLogin login) => WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.UTF8.GetBytes($"{login.Issuer}\n{login.Key}")));
}

/// <param name="Provider">The name people know it by.</param>
/// <param name="LinkedAt">Null when it is older than the record of it.</param>
public sealed record ShownLogin(string Reference, string Provider, DateTimeOffset? LinkedAt);
