using System.Globalization;
using IdServer.Configuration;
using IdServer.Data.Users;
using IdServer.Localization;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using Microsoft.AspNetCore.Mvc;

namespace IdServer.Pages.Manage;

/// <summary>The applications with access to the account, what each may do, and the end of it.</summary>
public sealed class AppsModel(AppAccess access, ClientCache clients, ServerSettings settings, IProtocolEvents events, Notices notices, Texts texts) : SignedInPage
{
    [BindProperty(Name = "app")]
    public string? App { get; set; }

    public IReadOnlyList<ShownApp> Apps { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken ct)
    {
        var shown = new List<ShownApp>();
        foreach (var app in await access.ListAsync(Account.Subject, ct))
        {
            var name = (await clients.FindAsync(app.ClientId, ct))?.Name ?? app.ClientId; // the application may be gone, its access is not
            shown.Add(new ShownApp(app.ClientId, name, [.. app.Scopes.Select(WordsOf), .. app.Claims.Select(ClaimWords)], app.Since, app.LastUsed));
        }

        Apps = shown;
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (App is { Length: > 0 } app && await access.WithdrawAsync(Account.Subject, app, ct))
        {
            events.Raise(new ProtocolEvent(EventKind.AccessWithdrawn, app, Account.Subject, RemoteAddress: HttpContext.Connection.RemoteIpAddress));
            notices.Say(HttpContext, "Apps.Withdrawn");
        }

        return new SeeOtherResult(Url.Page("/Manage/Apps")!);
    }

    // As the consent page says it.
    private string WordsOf(string scope) => settings.Scopes.Find(scope) is { } known ? texts.TitleOf(known) : scope;

    private string ClaimWords(string claim)
    {
        var words = texts.Find($"Claim.{claim}") ?? claim;
        return char.ToUpper(words[0], CultureInfo.CurrentUICulture) + words[1..];
    }
}

/// <summary>An application with access, in the reader's words.</summary>
public sealed record ShownApp(string ClientId, string Name, IReadOnlyList<string> Access, DateTimeOffset Since, DateTimeOffset? LastUsed);
