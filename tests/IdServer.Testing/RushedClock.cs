using System.Collections.Concurrent;

namespace IdServer.Testing;

/// <summary>The system's clock with timers that go off after a fiftieth of their time: for limits that are waited for in full.</summary>
public sealed class RushedClock : TimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> asked = [];

    /// <summary>What timers were set to, in their order.</summary>
    public IReadOnlyList<TimeSpan> Asked => [.. asked];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        asked.Enqueue(dueTime);
        return System.CreateTimer(callback, state, dueTime / 50, period);
    }
}
