using IdServer.Data.Statements;
using IdServer.Protocol.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IdServer.Data.Changes;

/// <summary>
/// Publishes the changes and revocations that other processes wrote into the same file (the verbs of the command line run in their own), within a second.
/// Looking costs one pragma; rows are read only when somebody has committed.
/// </summary>
internal sealed class SqliteChangePoller(SqliteFile file, IChangeFeed changes, TimeProvider time, ILogger<SqliteChangePoller> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly ChangeReader reader = new(changes, time);
    private PreparedStatements? statements;
    private int epoch;
    private long version;

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
            catch (Exception e) when (e is DatabaseUnavailableException || SqliteFile.CodeOf(e) is not null)
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
            statements = file.Open();
        }

        // https://sqlite.org/pragma.html#pragma_data_version: differs when another connection has committed. Read before the rows, so that nothing falls between.
        var now = await statements!.FirstAsync("PRAGMA data_version", row => row.Number(0));
        if (beginning)
        {
            await reader.BeginAsync(statements);
        }
        else if (now != version)
        {
            await reader.ReadAsync(statements);
        }

        version = now;
    }
}
