using IdServer.Data.Statements;
using IdServer.Data.Stores;
using IdServer.Protocol.Events;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IdServer.Data.Changes;

/// <summary>
/// Publishes the changes and revocations that other processes wrote into the same file (the verbs of the command line run in their own), within a second.
/// Looking costs one pragma; rows are read only when somebody has committed.
/// </summary>
internal sealed class ChangePoller(SqliteFile file, IChangeFeed changes, TimeProvider time, ILogger<ChangePoller> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private PreparedStatements? statements;
    private int epoch;
    private long version;
    private long lastChange;
    private long lastRevocation;

    public override void Dispose()
    {
        base.Dispose();
        statements?.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failing = false;
        using var timer = new PeriodicTimer(Interval); // not TimeProvider's: a test that stops the clock still hears of other processes
        do
        {
            try
            {
                await PollAsync();
                failing = false;
            }
            catch (Exception e) when (e is SqliteException or DatabaseUnavailableException)
            {
                if (!failing)
                {
                    Log.PollFailed(logger, e);
                }

                failing = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task PollAsync()
    {
        file.ThrowIfMissing();
        var beginning = statements is null || epoch != file.Epoch;
        if (beginning)
        {
            statements?.Dispose();
            epoch = file.Epoch;
            statements = new PreparedStatements(file.Open());
        }

        // https://sqlite.org/pragma.html#pragma_data_version: differs when another connection has committed. Read before the rows, so that nothing falls between.
        var now = await statements!.FirstAsync("PRAGMA data_version", row => row.Number(0));
        if (beginning)
        {
            lastRevocation = 0;
            lastChange = await ChangeLog.LastAsync(statements);
            changes.Publish(new Change(ChangeKind.Everything)); // written between the start of the caches and this first look
        }
        else if (now == version)
        {
            return;
        }

        foreach (var (sequence, change) in await ChangeLog.ReadAsync(statements, lastChange))
        {
            changes.Publish(change);
            lastChange = sequence;
        }

        foreach (var revocation in await SqlRevocationStore.ReadAsync(statements, lastRevocation, time.GetUtcNow()))
        {
            changes.Publish(new Change(ChangeKind.Revocation, Revocation: revocation));
            lastRevocation = revocation.Sequence;
        }

        version = now;
    }
}
