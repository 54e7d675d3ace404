namespace IdServer.Tests.Conformance;

/// <summary>The system's clock, which a test can set forward instead of waiting; timers and stopwatches run as they do.</summary>
public sealed class SkippingClock : TimeProvider
{
    private long skipped;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref skipped));

    public void Skip(TimeSpan time) => Interlocked.Add(ref skipped, time.Ticks);
}
