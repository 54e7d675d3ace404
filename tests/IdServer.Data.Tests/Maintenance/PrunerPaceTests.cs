using IdServer.Data.Audit;
using IdServer.Data.Maintenance;
using IdServer.Data.Statements;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Maintenance;

/// <summary>Pruning keeps nobody waiting.</summary>
public sealed class PrunerPaceTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private TestDatabase database = null!;
    private ServiceProvider process = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        process = database.Open(clock);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task After_each_transaction_it_waits_as_long_as_that_one_took_and_not_after_the_last()
    {
        var interactions = process.GetRequiredService<IInteractionStore>();
        await Task.WhenAll(Enumerable.Range(0, 450).Select(_ => interactions.SaveAsync(Build.Interaction(clock), Ct).AsTask()));
        var later = clock.Now.AddDays(1);
        var (slow, waits) = (new SlowDatabase(process.GetRequiredService<IDatabase>(), clock, TimeSpan.FromMilliseconds(30)), new WaitingClock(clock));

        await new ExpiredRowPruner(slow, Build.Options(), new AuditSettings(), waits).PruneAsync(later, Ct);

        Assert.Equal(0, database.Count("interactions"));
        Assert.Equal([TimeSpan.FromMilliseconds(30), TimeSpan.FromMilliseconds(30)], waits.Waits); // after 200 and 400 of the 450
    }

    [Fact]
    public async Task Pruning_stops_when_the_server_does() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await process.GetRequiredService<ExpiredRowPruner>().PruneAsync(clock.Now, new CancellationToken(canceled: true)));

    /// <summary>The real database, where a transaction takes some time.</summary>
    private sealed class SlowDatabase(IDatabase database, ManualClock clock, TimeSpan takes) : IDatabase
    {
        public ValueTask<T> ReadAsync<T>(Func<PreparedStatements, ValueTask<T>> read, CancellationToken ct) => database.ReadAsync(read, ct);

        public ValueTask<T> WriteAsync<T>(Func<PreparedStatements, ValueTask<T>> write, CancellationToken ct)
        {
            clock.Advance(takes);
            return database.WriteAsync(write, ct);
        }
    }

    /// <summary>Writes down for how long somebody waits, and lets them go on at once.</summary>
    private sealed class WaitingClock(ManualClock clock) : TimeProvider
    {
        public List<TimeSpan> Waits { get; } = [];

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
