using IdServer.Configuration;
using IdServer.Data.Mail;

namespace IdServer.Mail;

/// <summary>Sends messages to people: each is a row when this returns, and goes out from there (<see cref="Outbox"/>).</summary>
public sealed class Mailer(Outbox outbox, MailWriter writer, ServerSettings settings, IHostEnvironment environment)
{
    private static readonly TimeSpan NoticeLifetime = TimeSpan.FromDays(3);

    /// <summary>
    /// Whether this server sends mail: a mail server is configured, or, in Development, the page <c>/mailbox</c> shows what would have been sent. Without it nothing is queued,
    /// and what cannot do without mail is not to be offered.
    /// </summary>
    public bool CanSend { get; } = settings.Mail is not null || environment.IsDevelopment();

    /// <summary>Whether the page <c>/mailbox</c> shows what would have been sent.</summary>
    public bool ShowsMailbox { get; } = settings.Mail is null && environment.IsDevelopment();

    /// <param name="language">The person's; null: that of the page.</param>
    /// <param name="userId">Null when there is no account.</param>
    public ValueTask QueueAsync(MailMessage message, string address, string? language, Guid? userId, CancellationToken ct) =>
        QueueAsync(message, new MailRecipient(address, language, UserId: userId), ct);

    internal async ValueTask QueueAsync(MailMessage message, MailRecipient to, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (CanSend)
        {
            await outbox.AddAsync(message.Kind.ToString(), to.UserId, writer.Write(message, to), message.ValidFor ?? NoticeLifetime, ct);
        }
    }
}
