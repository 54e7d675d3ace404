using System.Security.Cryptography;
using IdServer.Data.Users;
using IdServer.Mail;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Routes;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;

namespace IdServer.Users;

/// <summary>
/// An address belongs to the account of whoever proved it, by opening a link that was sent there. An account that only says it has an address keeps it until somebody
/// else proves it, and then loses it; nothing of that account gets to the one that has it from then on.
/// </summary>
public sealed class AddressOwners(IServiceScopeFactory scopes, ILookupNormalizer normalizer, OneTimeTokens tokens, Mailer mailer, MailLinks links, IGrantStore grants, IProtocolEvents events, TimeProvider time)
{
    private const string Purpose = "verify";

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    private readonly FailureBudgets<Guid> mails = new(new BudgetRule(3, TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeSpan.FromHours(1), IsWindow: true), time);

    /// <summary>Sends the link that verifies an account's address, at most three times an hour.</summary>
    /// <returns>How long to wait, where nothing was sent because enough has been.</returns>
    public async ValueTask<TimeSpan?> SendAsync(Guid userId, string address, string? language, CancellationToken ct)
    {
        if (!mailer.CanSend)
        {
            return null;
        }

        var (budget, answer) = await mails.EnterAsync(userId, ct);
        if (budget is null)
        {
            return answer.RetryAfter;
        }

        try
        {
            var token = await tokens.IssueAsync(Purpose, userId, address, Lifetime, ct);
            await mailer.QueueAsync(MailMessage.VerifyAddress(links.To(PagePaths.Verify, token), Lifetime), address, language, userId, ct);
            return null;
        }
        finally
        {
            budget.Leave(Attempt.Failed, time.GetUtcNow());
        }
    }

    /// <summary>The account whose address a link proves; null when the link is no longer good, or the account has another address now or has proved this one.</summary>
    public async ValueTask<UnprovedAddress?> FindAsync(string? link, CancellationToken ct)
    {
        if (await tokens.FindAsync(link, Purpose, ct) is not { Address: { } address } token)
        {
            return null;
        }

        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UserTable>().FindBySubjectAsync(token.UserId.ToString()) is { } user && IsUnproved(user, address)
            ? new UnprovedAddress(token.Id, token.UserId.ToString(), user.UserName!, address)
            : null;
    }

    /// <summary>The address is the account's, whose owner the caller has seen proved.</summary>
    /// <returns>False when the link was spent meanwhile.</returns>
    public async ValueTask<bool> VerifyAsync(UnprovedAddress unproved, System.Net.IPAddress? source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(unproved);
        if (!await tokens.TrySpendAsync(unproved.TokenId, ct))
        {
            return false;
        }

        await using var scope = scopes.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<UserTable>();
        if (await table.FindBySubjectAsync(unproved.Subject) is not { } user || !IsUnproved(user, unproved.Address))
        {
            return false;
        }

        user.EmailConfirmed = true;
        await table.SaveAsync(user, null, ct);
        events.Raise(new ProtocolEvent(EventKind.AddressVerified, Subject: unproved.Subject, RemoteAddress: source));
        return true;
    }

    /// <summary>Who got the mail says that the account is not theirs: it loses the address.</summary>
    public async ValueTask DisownAsync(UnprovedAddress unproved, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(unproved);
        if (await tokens.TrySpendAsync(unproved.TokenId, ct))
        {
            await ReleaseAsync(unproved.Address, "its owner says that the account is another's", ct);
        }
    }

    /// <summary>
    /// Takes an address that the caller has seen proved away from every account that only said it was its own. Such an account keeps its user name, unless that is the address;
    /// its sessions, grants and tokens end, since they name the address, and so does every link that it was sent.
    /// </summary>
    /// <returns>False when the address is another account's by proof, or by the configuration's word.</returns>
    public async ValueTask<bool> ReleaseAsync(string address, string reason, CancellationToken ct)
    {
        var normalized = normalizer.NormalizeEmail(address);
        await using var scope = scopes.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<UserTable>();
        foreach (var user in await table.FindAllAsync(normalized, ct))
        {
            if ((user.EmailConfirmed || user.DeclaredPassword is not null) && user.NormalizedEmail == normalized)
            {
                return false;
            }

            if (user.NormalizedEmail == normalized)
            {
                user.Email = null;
            }

            if (user.NormalizedUserName == normalized)
            {
                user.UserName = user.EmailConfirmed ? user.Email : $"user-{WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(9))}";
            }

            await table.SaveAsync(user, null, ct);
            await tokens.EndAllAsync(user.Id, ct);
            await grants.EndAllOfSubjectAsync(user.Id.ToString(), time.GetUtcNow(), ct);
            events.Raise(new ProtocolEvent(EventKind.AddressReleased, Subject: user.Id.ToString(), Detail: reason));
        }

        return true;
    }

    private bool IsUnproved(User user, string address) => user is { DisabledAt: null, EmailConfirmed: false } && user.NormalizedEmail == normalizer.NormalizeEmail(address);
}

/// <summary>An address that an account says is its own, and a link that proves it.</summary>
public sealed record UnprovedAddress(Guid TokenId, string Subject, string Username, string Address);
