using IdServer.Data.Statements;
using IdServer.Protocol.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IdServer.Data.Changes;

/// <summary>
/// Publishes the changes and revocations of the other nodes: at once, woken by the NOTIFY of their transactions, and by looking every second in any case, so that
/// a notice that was lost costs a second and no more. A lost connection is made again, with pauses of up to a second.
/// </summary>
internal sealed class PostgresChangePoller(PostgresServer server, IChangeFeed changes, TimeProvider time, ILogger<PostgresChangePoller> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    // Rows of changes are kept for a day (ExpiredRowPruner). After half of one nobody can be sure to have seen all.
    private static readonly TimeSpan Trust = TimeSpan.FromHours(12);

    private readonly ChangeReader reader = new(changes, time);
    private DateTimeOffset? lastLook;
    private volatile bool woken;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.Zero;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await server.OpenSessionAsync(stoppingToken);
                using var statements = new PreparedStatements(connection);
                connection.Notification += (_, _) => woken = true;
                await statements.ExecuteAsync("LISTEN " + ChangeLog.Channel);
                while (true)
                {
                    woken = false; // what commits from here on either wakes us or is seen
                    await LookAsync(statements);
                    pause = TimeSpan.Zero;
                    if (!woken)
                    {
                        await connection.WaitAsync(Interval, stoppingToken);
                    }
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is DatabaseUnavailableException || PostgresServer.IsOutage(e))
            {
                if (pause == TimeSpan.Zero)
                {
                    Log.PollFailed(logger, e);
                }

                pause = pause == TimeSpan.Zero ? FirstPause : pause * 2 < Interval ? pause * 2 : Interval;
                await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // not TimeProvider's: a test that stops the clock still hears of other nodes
            }
        }
    }

    private async ValueTask LookAsync(PreparedStatements statements)
    {
        var now = time.GetUtcNow();
        if (lastLook is { } last && now - last < Trust)
        {
            await reader.ReadAsync(statements);
        }
        else
        {
            await reader.BeginAsync(statements);
        }

        lastLook = now;
    }
}
