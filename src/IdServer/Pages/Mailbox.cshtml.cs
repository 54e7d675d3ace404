using System.Net;
using System.Text.RegularExpressions;
using IdServer.Data.Mail;
using IdServer.Hosting;
using IdServer.Mail;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace IdServer.Pages;

/// <summary>What would have been sent: in Development without a mail server, to this machine only. Elsewhere it is not there.</summary>
public sealed partial class MailboxModel(Outbox outbox, Mailer mailer, MailWriter writer) : PageModel
{
    private const int MostShown = 50;

    public IReadOnlyList<DueMail> Mails { get; private set; } = [];

    public bool IsMissing { get; private set; }

    // Who else comes, comes through a proxy or from the network.
    private bool IsThere => mailer.ShowsMailbox && HttpContext.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (!IsThere)
        {
            return Missing();
        }

        Mails = [.. (await outbox.ReadAsync(MostShown, ct)).Where(m => m.Content is not null)];
        return Page();
    }

    /// <summary>The HTML version by itself, as a mail program would show it.</summary>
    public async Task<IActionResult> OnGetHtmlAsync(Guid id, CancellationToken ct)
    {
        if (!IsThere || (await outbox.ReadAsync(MostShown, ct)).FirstOrDefault(m => m.Id == id)?.Content is not { } content)
        {
            return Missing();
        }

        SecurityHeaders.ConfineTo(HttpContext, writer.Style);
        return Content(content.Html, "text/html; charset=utf-8");
    }

    private PageResult Missing()
    {
        Response.StatusCode = StatusCodes.Status404NotFound;
        IsMissing = true;
        return Page();
    }

    /// <summary>The addresses in a mail.</summary>
    public static IEnumerable<string> LinksOf(DueMail mail) => Address().Matches(mail.Content!.Text).Select(m => m.Value);

    [GeneratedRegex(@"https?://\S+", RegexOptions.None, 1000)]
    private static partial Regex Address();
}
