using System.Collections.Concurrent;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Revocations;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What the contract of every port needs. A back-end subclasses each contract and says how an empty one is made.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    private readonly ConcurrentQueue<Change> told = new();
    private StoreSet? stores;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected StoreSet Stores => stores ?? throw new InvalidOperationException("A test has begun before its stores.");

    protected ManualClock Clock => Stores.Clock;

    /// <summary>What the change feed has told so far of revocations.</summary>
    protected IReadOnlyList<Revocation> Told => [.. told.Select(c => c.Revocation).OfType<Revocation>()];

    public async ValueTask InitializeAsync()
    {
        stores = await CreateAsync();
        stores.Changes.Subscribe(told.Enqueue);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Stores.DisposeAsync();
    }

    /// <summary>An empty back-end; the test disposes it.</summary>
    protected abstract ValueTask<StoreSet> CreateAsync();

    /// <summary>Calls 64 times at the same moment.</summary>
    protected static async Task<T[]> RaceAsync<T>(Func<int, ValueTask<T>> call)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runners = Enumerable.Range(0, 64).Select(i => Task.Run(
            async () =>
            {
                await start.Task;
                return await call(i);
            },
            Ct)).ToArray();
        start.SetResult();
        return await Task.WhenAll(runners);
    }

    /// <summary>The whole log.</summary>
    protected ValueTask<IReadOnlyList<Revocation>> RevocationsAsync() => Stores.Revocations.ReadAsync(0, int.MaxValue, Clock.Now, Ct);

    /// <summary>What a server that starts now would hold in memory.</summary>
    protected async Task<RevokedSet> RevokedSetAsync()
    {
        var set = new RevokedSet(new MemoryChangeFeed());
        foreach (var revocation in await RevocationsAsync())
        {
            set.Add(revocation);
        }

        return set;
    }

    /// <summary>Begins a grant with a refresh token.</summary>
    protected async Task<(Grant Grant, RefreshToken Token)> BeginGrantAsync(Func<Grant, Grant>? with = null)
    {
        var grant = Build.Grant(Clock, with);
        var (_, token) = Build.RefreshToken(Clock, grant.Id);
        await Stores.RefreshTokens.SaveAsync(grant, token, Ct);
        return (grant, token);
    }

    protected async Task<bool> HasEndedAsync(RefreshToken token) =>
        (await Stores.RefreshTokens.FindAsync(token.Key, Ct))?.GrantEndedAt is not null;

    protected static HandleKey WithOtherDigest(HandleKey key) => key with { Digest = [.. key.Digest.Select(b => (byte)~b)] };
}
