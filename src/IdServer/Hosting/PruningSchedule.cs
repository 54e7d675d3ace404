using IdServer.Data.Cluster;
using IdServer.Data.Maintenance;
using IdServer.Protocol.Issuance;
using IdServer.Users;

namespace IdServer.Hosting;

/// <summary>Removes what has expired, every minute and in small batches, from memory and, on one node of a cluster, from the database; there also the accounts that their owners have deleted.</summary>
public sealed partial class PruningSchedule(ExpiredRowPruner rows, AccountDeletion accounts, RevokedSet revoked, ICluster cluster, TimeProvider time, ILogger<PruningSchedule> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var now = time.GetUtcNow();
                revoked.Prune(now);
                if (await cluster.LeadsAsync(Duty.Pruning, stoppingToken))
                {
                    await rows.PruneAsync(now, stoppingToken);
                    await accounts.DeleteDueAsync(stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e); // What was left over is found again a minute later.
            }
        }
    }

    [LoggerMessage(1511, LogLevel.Error, "Removing expired rows failed")]
    private partial void LogFailed(Exception exception);
}
