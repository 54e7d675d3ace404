using System.Collections.Concurrent;
using IdServer.Protocol.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace IdServer.Data.Tests;

/// <summary>What a process on a <see cref="TestDatabase"/> does.</summary>
internal static class Processes
{
    /// <summary>Starts what a host would start, and waits until it has looked at the database for the first time.</summary>
    /// <returns>What the change feed tells from then on.</returns>
    public static async Task<ConcurrentQueue<Change>> ListenAsync(this ServiceProvider process)
    {
        var told = new ConcurrentQueue<Change>();
        process.GetRequiredService<IChangeFeed>().Subscribe(told.Enqueue);
        foreach (var service in process.GetServices<IHostedService>())
        {
            await service.StartAsync(TestDatabase.Ct);
        }

        await Eventually.TrueAsync(() => told.Contains(new Change(ChangeKind.Everything)));
        return told;
    }
}

/// <summary>Waiting for something that another thread does: polls, with a bound.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    public static Task TrueAsync(Func<bool> condition) => TrueAsync(() => Task.FromResult(condition()));

    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Bound, "It did not happen within ten seconds.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestDatabase.Ct);
        }
    }
}
