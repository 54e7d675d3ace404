using System.Net;
using IdServer.Data.Users;
using IdServer.Mail;
using IdServer.Protocol.Events;
using IdServer.Protocol.Users;
using IdServer.Routes;
using Microsoft.EntityFrameworkCore;

namespace IdServer.Users;

/// <summary>
/// Gives an account another e-mail address. It counts once its owner has opened the link that was sent there, signed in to the account: neither a typing error nor somebody else's
/// mailbox gets the account. An address that another account has proved gets other words by mail and the same on the page.
/// </summary>
public sealed class AddressChange(
    IServiceScopeFactory scopes, OneTimeTokens tokens, Mailer mailer, AddressOwners owners, IProtocolEvents events, MailLinks links, TimeProvider time)
{
    private const string Purpose = "address";

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    private readonly FailureBudgets<Guid> mails = new(new BudgetRule(3, TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeSpan.FromHours(1), IsWindow: true), time);

    /// <summary>Without mail no address can be proved.</summary>
    public bool IsOffered => mailer.CanSend;

    /// <summary>Sends the link, at most three times an hour.</summary>
    /// <param name="address">One that <see cref="UserRules.IsEmail"/> takes.</param>
    /// <returns>How long to wait, where nothing was sent because enough has been.</returns>
    public async ValueTask<TimeSpan?> RequestAsync(UserClaims account, string address, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(account);
        var userId = Guid.Parse(account.Subject);
        var (budget, answer) = await mails.EnterAsync(userId, ct);
        if (budget is null)
        {
            return answer.RetryAfter;
        }

        try
        {
            // The same work whoever has the address: a page that answers sooner would tell.
            var token = await tokens.IssueAsync(Purpose, userId, address, Lifetime, ct);
            var message = await IsProvedElsewhereAsync(address, userId, ct) ? MailMessage.AlreadyRegistered(links.To(PagePaths.Login)) : MailMessage.ChangeAddress(links.To(PagePaths.ChangeAddress, token), Lifetime);
            await mailer.QueueAsync(message, address, account.Locale, userId, ct);
            return null;
        }
        finally
        {
            budget.Leave(Attempt.Failed, time.GetUtcNow());
        }
    }

    /// <summary>What a link is for; null when it is no longer good, or another person's.</summary>
    public async ValueTask<OneTimeToken?> FindAsync(string? link, Guid userId, CancellationToken ct) =>
        await tokens.FindAsync(link, Purpose, ct) is { Address: not null } token && token.UserId == userId ? token : null;

    /// <summary>The address is the account's. The old one, if it was proved, is told; links that were sent there end.</summary>
    /// <returns>False when the link was spent meanwhile, or the address is another account's.</returns>
    public async ValueTask<bool> ConfirmAsync(OneTimeToken token, IPAddress? source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(token);
        var address = token.Address!;

        // Read before the link is spent: a password that is set in between, which ends all links, is seen when the account is saved. Else who resets it to be rid of an intruder
        // would have the intruder's address.
        await using var scope = scopes.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<UserTable>();
        if (await table.FindBySubjectAsync(token.UserId.ToString()) is not { DisabledAt: null } user
            || !await tokens.TrySpendAsync(token.Id, ct) || !await owners.ReleaseAsync(address, "another account has shown that it is its own", ct))
        {
            return false;
        }

        var before = (user.Email, user.EmailConfirmed, user.Locale);
        if (string.Equals(user.UserName, user.Email, StringComparison.OrdinalIgnoreCase))
        {
            user.UserName = address; // who signs in with the address goes on doing so
        }

        (user.Email, user.EmailConfirmed) = (address, true);
        if ((await table.FindTakenAsync(new DeclaredUser { Username = user.UserName, Email = address }, user.Id, ct)).Length > 0)
        {
            return false;
        }

        try
        {
            await table.SaveAsync(user, null, ct);
        }
        catch (Exception e) when (e is DbUpdateException or InvalidOperationException) // somebody was faster: the unique index, or Identity's own check
        {
            return false;
        }

        await tokens.EndAllAsync(user.Id, ct);
        events.Raise(new ProtocolEvent(EventKind.AddressChanged, Subject: token.UserId.ToString(), RemoteAddress: source));
        if (before is { EmailConfirmed: true, Email: { } old })
        {
            await mailer.QueueAsync(MailMessage.AddressChanged(address), old, before.Locale, user.Id, ct);
        }

        return true;
    }

    private async ValueTask<bool> IsProvedElsewhereAsync(string address, Guid userId, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UserTable>().IsProvedElsewhereAsync(address, userId, ct);
    }
}
