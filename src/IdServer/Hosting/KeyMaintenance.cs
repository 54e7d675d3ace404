using IdServer.Data.Cluster;
using IdServer.Protocol.Keys;

namespace IdServer.Hosting;

/// <summary>Gives signing keys their successors and removes the spent ones (requirement 43), every hour, on one node of a cluster; the others read what it has made.</summary>
public sealed partial class KeyMaintenance(KeyRing keys, ICluster cluster, TimeProvider time, ILogger<KeyMaintenance> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await cluster.LeadsAsync(Duty.KeyMaintenance, stoppingToken))
                {
                    await keys.MaintainAsync(time.GetUtcNow(), stoppingToken);
                }
                else
                {
                    await keys.LoadAsync(stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e); // The next hour tries again; a successor is announced a day before it signs.
            }
        }
    }

    [LoggerMessage(1510, LogLevel.Error, "Key maintenance failed")]
    private partial void LogFailed(Exception exception);
}
