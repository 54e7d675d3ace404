using System.Security.Cryptography;
using System.Text;
using IdServer.Data.Users;
using IdServer.Mail;
using IdServer.Protocol.Users;
using IdServer.Routes;
using IdServer.Users;

namespace IdServer.Upstream;

/// <summary>
/// Proof by mail that an account is somebody's: a link to its address, good once and for the one login that waits. Only the browser with that login can use it, so neither the mail
/// alone nor the login alone links anything.
/// </summary>
public sealed class LinkMails(OneTimeTokens tokens, Mailer mailer, IUserClaimsSource users, MailLinks links, TimeProvider time)
{
    private const string Purpose = "link";

    /// <summary>As long as the login waits.</summary>
    public static readonly TimeSpan Lifetime = PendingLinks.Lifetime;

    private readonly FailureBudgets<string> mails = new(new BudgetRule(3, TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeSpan.FromHours(1), IsWindow: true), time);

    public bool IsOffered => mailer.CanSend;

    /// <summary>Sends the link to the address of the account, at most three times an hour.</summary>
    /// <param name="provider">The name people know it by.</param>
    /// <param name="interaction">The request that waits.</param>
    /// <returns>How long to wait, where nothing was sent because enough has been.</returns>
    public async ValueTask<TimeSpan?> SendAsync(PendingLink link, string provider, Guid? interaction, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(link);
        var (budget, answer) = await mails.EnterAsync(link.AccountSubject, ct);
        if (budget is null)
        {
            return answer.RetryAfter;
        }

        try
        {
            var owner = Guid.Parse(link.AccountSubject);
            var token = await tokens.IssueAsync(Purpose, owner, link.Email, PayloadOf(link), Lifetime, ct);
            await mailer.QueueAsync(MailMessage.LinkLogin(provider, links.To(PagePaths.Link, token, interaction), Lifetime), link.Email, (await users.FindAsync(link.AccountSubject, ct))?.Locale, owner, ct);
            return null;
        }
        finally
        {
            budget.Leave(Attempt.Failed, time.GetUtcNow());
        }
    }

    /// <returns>Null when the handle is of no link that is good for this login. Looking spends nothing.</returns>
    public async ValueTask<OneTimeToken?> FindAsync(string? handle, PendingLink link, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(link);
        return await tokens.FindAsync(handle, Purpose, ct) is { } token && token.UserId == Guid.Parse(link.AccountSubject) && token.Address == link.Email && token.Payload == PayloadOf(link) ? token : null;
    }

    /// <summary>Spends it. Of parallel calls exactly one is told true.</summary>
    public ValueTask<bool> TrySpendAsync(OneTimeToken token, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(token);
        return tokens.TrySpendAsync(token.Id, ct);
    }

    // Which login it was asked for, and nothing that says whose it is there.
    private static string PayloadOf(PendingLink link) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{link.Issuer}\n{link.Subject}")));
}
