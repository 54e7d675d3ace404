using IdServer.Protocol.EndSession;
using IdServer.Protocol.Events;
using IdServer.Tokens.Revocations;

namespace IdServer.Hosting;

/// <summary>Delivers logout notices: as soon as the change feed tells of an ended session, and every 5 seconds what has been put off. Every node does it; each notice is taken by one.</summary>
public sealed partial class LogoutDelivery(BackChannelLogout logout, IChangeFeed changes, TimeProvider time, ILogger<LogoutDelivery> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var bell = new SemaphoreSlim(0);
        using var subscription = changes.Subscribe(change =>
        {
            if (change.Revocation is { Kind: RevocationKind.Session or RevocationKind.Subject } && bell.CurrentCount == 0)
            {
                bell.Release();
            }
        });
        while (true)
        {
            try
            {
                while (await logout.DeliverAsync(stoppingToken))
                {
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e); // The notices are rows: they are due again.
            }

            await RungOrDueAsync(bell, stoppingToken);
        }
    }

    private async Task RungOrDueAsync(SemaphoreSlim bell, CancellationToken ct)
    {
        using var due = new CancellationTokenSource(Period, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, due.Token);
        try
        {
            await bell.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Nobody rang: time to look at what was put off.
        }
    }

    [LoggerMessage(1532, LogLevel.Error, "Delivering logout notices failed")]
    private partial void LogFailed(Exception exception);
}
