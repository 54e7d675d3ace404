using IdServer.Users;
using Xunit;

namespace IdServer.Tests.Users;

public sealed class HashingLaneTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_waits_is_bounded_and_the_rest_is_refused_at_once()
    {
        using var lane = new HashingLane(parallel: 1);
        using var started = new SemaphoreSlim(0);
        using var released = new ManualResetEventSlim();
        Assert.True(lane.TryRun(Block, out var first, Ct));
        await started.WaitAsync(Ct);

        var waiting = new List<Task<int>>();
        while (lane.TryRun(() => 1, out var next, Ct))
        {
            waiting.Add(next);
        }

        Assert.Equal(64, waiting.Count);
        released.Set();
        Assert.Equal(64, (await Task.WhenAll(waiting)).Sum());
        Assert.Equal(0, await first);

        int Block()
        {
            started.Release();
            released.Wait(Ct);
            return 0;
        }
    }

    [Fact]
    public async Task No_more_runs_at_once_than_there_are_threads()
    {
        using var lane = new HashingLane(parallel: 2);
        var (running, most) = (0, 0);

        var done = Enumerable.Range(0, 40).Select(_ => lane.TryRun(Work, out var task, Ct) ? task : throw new InvalidOperationException()).ToArray();
        await Task.WhenAll(done);

        Assert.InRange(most, 1, 2);

        int Work()
        {
            var now = Interlocked.Increment(ref running);
            most = Math.Max(most, now);
            Thread.SpinWait(20_000);
            return Interlocked.Decrement(ref running);
        }
    }

    [Fact]
    public async Task Work_nobody_waits_for_any_more_is_not_done()
    {
        using var lane = new HashingLane(parallel: 1);
        using var leaving = new CancellationTokenSource();
        await leaving.CancelAsync();
        var done = false;

        Assert.True(lane.TryRun(() => done = true, out var work, leaving.Token));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        Assert.False(done);
    }

    [Fact]
    public async Task A_failure_reaches_the_one_who_waits_and_the_lane_goes_on()
    {
        using var lane = new HashingLane(parallel: 1);
        Assert.True(lane.TryRun<int>(() => throw new InvalidOperationException("broken"), out var failing, Ct));
        Assert.True(lane.TryRun(() => 7, out var next, Ct));

        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        Assert.Equal(7, await next);
    }
}
