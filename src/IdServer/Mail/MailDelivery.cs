using IdServer.Configuration;
using IdServer.Data.Mail;

namespace IdServer.Mail;

/// <summary>
/// Delivers what is in the outbox: at once what this node has queued, and every 5 seconds what has been put off or another process left. Every node does it; each mail is
/// taken by one. A mail that was not taken is tried again after 10 seconds, then twice as long each time up to an hour, until it has expired.
/// </summary>
public sealed partial class MailDelivery(Outbox outbox, SmtpSender sender, ServerSettings settings, TimeProvider time, ILogger<MailDelivery> log) : BackgroundService
{
    private const int MostAtOnce = 5;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>Longer than any delivery takes.</summary>
    private static readonly TimeSpan Lease = SmtpSender.Patience * 2;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (settings.Mail is not null)
        {
            try
            {
                while (await DeliverAsync(stoppingToken))
                {
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e); // The mails are rows: they are due again.
            }

            await RungOrDueAsync(stoppingToken);
        }
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> DeliverAsync(CancellationToken ct)
    {
        var due = await outbox.TakeDueAsync(time.GetUtcNow() + Lease, MostAtOnce, ct);
        await Task.WhenAll(due.Select(mail => DeliverAsync(mail, ct)));
        return due.Count == MostAtOnce;
    }

    private async Task DeliverAsync(DueMail mail, CancellationToken ct)
    {
        if (mail.Content is null)
        {
            await GiveUpAsync(mail, "the keys it was sealed with are lost", ct);
            return;
        }

        if (mail.ExpiresAt <= time.GetUtcNow())
        {
            await GiveUpAsync(mail, null, ct);
            return;
        }

        if (await sender.SendAsync(mail.Id, mail.Content, ct) is not { } fault)
        {
            await outbox.SentAsync(mail.Id, ct);
            LogSent(mail.Id, mail.Kind, mail.UserId, mail.Attempts);
            return;
        }

        // The last attempt is when it expires.
        var pause = fault.IsRefusal ? LongestPause : PauseAfter(mail.Attempts);
        var dueAt = time.GetUtcNow() + pause;
        await outbox.PutOffAsync(mail.Id, dueAt < mail.ExpiresAt ? dueAt : mail.ExpiresAt, fault.Sentence, ct);
        LogPutOff(mail.Id, mail.Kind, mail.UserId, mail.Attempts, fault.Sentence);
    }

    private async Task GiveUpAsync(DueMail mail, string? reason, CancellationToken ct)
    {
        await outbox.GiveUpAsync(mail.Id, reason, ct);
        LogGivenUp(mail.Id, mail.Kind, mail.UserId, mail.Attempts - 1, reason ?? "it has expired");
    }

    internal static TimeSpan PauseAfter(int attempts) => attempts > 9 ? LongestPause : FirstPause * (1 << (attempts - 1));

    private async Task RungOrDueAsync(CancellationToken ct)
    {
        using var due = new CancellationTokenSource(Period, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, due.Token);
        try
        {
            await outbox.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Nobody rang: time to look at what was put off.
        }
    }

    [LoggerMessage(1540, LogLevel.Information, "Mail {Id} ({Kind}) to the person {Subject} was handed over, attempt {Attempts}")]
    private partial void LogSent(Guid id, string kind, Guid? subject, int attempts);

    [LoggerMessage(1541, LogLevel.Warning, "Mail {Id} ({Kind}) to the person {Subject} was not taken, attempt {Attempts}: {Reason}")]
    private partial void LogPutOff(Guid id, string kind, Guid? subject, int attempts, string reason);

    [LoggerMessage(1542, LogLevel.Error, "Mail {Id} ({Kind}) to the person {Subject} was given up after {Attempts} attempts: {Reason}")]
    private partial void LogGivenUp(Guid id, string kind, Guid? subject, int attempts, string reason);

    [LoggerMessage(1543, LogLevel.Error, "Delivering mail failed")]
    private partial void LogFailed(Exception exception);
}
