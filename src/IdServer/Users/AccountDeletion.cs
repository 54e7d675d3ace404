using System.Globalization;
using System.Net;
using IdServer.Configuration;
using IdServer.Data.Users;
using IdServer.Mail;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;

namespace IdServer.Users;

/// <summary>Deletes accounts that their owners want deleted: everything signed in ends at once, the account itself goes after the cooling-off time, and signing in before keeps it.</summary>
public sealed class AccountDeletion(AccountRemoval rows, IGrantStore grants, OneTimeTokens tokens, AccountNotices notices, IProtocolEvents events, ServerSettings settings, TimeProvider time)
{
    private const string Admin = "admin";

    /// <summary>Whether nobody with the role <c>admin</c> would be left.</summary>
    public ValueTask<bool> IsLastAdminAsync(Guid userId, CancellationToken ct) => rows.IsLastOfRoleAsync(userId, Admin, ct);

    /// <returns>When the account goes.</returns>
    public async ValueTask<DateTimeOffset> ScheduleAsync(Guid userId, IPAddress? source, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var at = now + settings.Accounts.DeletionDelay;
        await rows.ScheduleAsync(userId, at, ct);
        await grants.EndAllOfSubjectAsync(userId.ToString(), now, ct);
        await tokens.EndAllAsync(userId, ct);
        events.Raise(new ProtocolEvent(EventKind.DeletionScheduled, Subject: userId.ToString(), Detail: at.ToString("u", CultureInfo.InvariantCulture), RemoteAddress: source));
        await notices.TellAsync(userId, MailMessage.DeletionScheduled(at), ct);
        return at;
    }

    /// <summary>Deletes the accounts whose time has come.</summary>
    public async ValueTask DeleteDueAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        foreach (var userId in await rows.DueAsync(now, ct))
        {
            if (await rows.RemoveAsync(userId, now, ct))
            {
                events.Raise(new ProtocolEvent(EventKind.UserDeleted, Subject: userId.ToString()));
            }
        }
    }
}
