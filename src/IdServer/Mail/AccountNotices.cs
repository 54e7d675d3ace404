using IdServer.Protocol.Users;

namespace IdServer.Mail;

/// <summary>Tells people what has happened to their account: by mail, to its verified address only, in their language and with the times of their zone.</summary>
public sealed class AccountNotices(Mailer mailer, IUserClaimsSource users)
{
    /// <summary>Tells nobody when the account has no verified address.</summary>
    public async ValueTask TellAsync(Guid userId, MailMessage message, CancellationToken ct)
    {
        if (mailer.CanSend && await users.FindAsync(userId.ToString(), ct) is { EmailVerified: true, Email: { } address } user)
        {
            await mailer.QueueAsync(message, new MailRecipient(address, user.Locale, user.ZoneInfo, userId), ct);
        }
    }
}
