using IdServer.Testing;
using IdServer.Testing.Stores;
using IdServer.Tokens.Revocations;
using Xunit;

namespace IdServer.Protocol.Tests.Stores;

/// <summary>What the contracts cannot show: calls to memory are so short that 64 of them hardly ever meet.</summary>
public sealed class MemoryStoresTests
{
    private readonly ManualClock clock = new();
    private readonly MemoryStores stores = new(new MemoryChangeFeed());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_many_parallel_transactions_none_runs_into_another() // every verb is one transaction of the same kind
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () =>
            {
                for (var i = 0; i < 10_000; i++)
                {
                    await stores.Revocations.RevokeTokenAsync(Guid.CreateVersion7(clock.Now), clock.Now.AddHours(1), clock.Now, Ct);
                }
            },
            Ct)));

        Assert.Equal(Enumerable.Range(1, 80_000).Select(i => (long)i), stores.Revocations.All.Select(r => r.Sequence));
    }

    [Fact]
    public async Task Writes_count_what_was_written_and_not_what_was_refused()
    {
        var (_, code) = Build.Code(clock);
        Assert.Equal(0, stores.Writes);
        await stores.AuthorizationCodes.SaveAsync(code, Ct);
        Assert.Equal(1, stores.Writes);
        await stores.AuthorizationCodes.TryRedeemAsync(code.Key, null, clock.Now, Ct);
        Assert.Equal(2, stores.Writes);

        await stores.AuthorizationCodes.TryRedeemAsync(code.Key, null, clock.Now, Ct);
        await stores.AuthorizationCodes.FindAsync(code.Key, Ct);
        await stores.Grants.EndAsync(Guid.CreateVersion7(clock.Now), clock.Now, Ct);
        await stores.Interactions.TryCompleteAsync(Guid.CreateVersion7(clock.Now), clock.Now, Ct);

        Assert.Equal(2, stores.Writes);
    }

    [Fact]
    public async Task A_listener_may_use_the_stores()
    {
        var changes = new MemoryChangeFeed();
        var listening = new MemoryStores(changes);
        IReadOnlyList<Revocation> seen = [];
        changes.Subscribe(_ => seen = listening.Revocations.All);

        await listening.Revocations.RevokeTokenAsync(Guid.CreateVersion7(clock.Now), clock.Now.AddHours(1), clock.Now, Ct);

        Assert.Single(seen);
    }
}
