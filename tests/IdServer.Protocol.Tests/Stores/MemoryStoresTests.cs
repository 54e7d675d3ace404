using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Testing.Stores;
using Xunit;

namespace IdServer.Protocol.Tests.Stores;

/// <summary>What the contracts cannot show: calls to memory are so short that 64 of them hardly ever meet.</summary>
public sealed class MemoryStoresTests
{
    private readonly ManualClock clock = new();
    private readonly MemoryStores stores = new(new MemoryChangeFeed());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_ten_thousand_codes_each_is_redeemed_once_by_eight_callers()
    {
        var codes = Enumerable.Range(0, 10_000).Select(_ => Build.Code(clock).Code).ToArray();
        foreach (var code in codes)
        {
            await stores.AuthorizationCodes.SaveAsync(code, Ct);
        }

        var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () =>
            {
                var wins = 0;
                foreach (var code in codes)
                {
                    wins += await stores.AuthorizationCodes.TryRedeemAsync(code.Key, null, clock.Now, Ct) ? 1 : 0;
                }

                return wins;
            },
            Ct)));

        Assert.Equal(codes.Length, won.Sum());
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
