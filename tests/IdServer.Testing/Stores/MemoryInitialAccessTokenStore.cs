using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemoryInitialAccessTokenStore : IInitialAccessTokenStore
{
    private readonly MemoryState state;

    internal MemoryInitialAccessTokenStore(MemoryState state) => this.state = state;

    public ValueTask SaveAsync(InitialAccessToken token, CancellationToken ct)
    {
        state.Write(s =>
        {
            s.InitialAccessTokens.Add(token.Key.Id, token);
            s.Wrote();
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<InitialAccessToken?> FindAsync(HandleKey key, CancellationToken ct) =>
        ValueTask.FromResult(state.Read(s => s.InitialAccessTokens.TryGetValue(key.Id, out var found) && MemoryState.Same(found.Key, key) ? found : null));

    public ValueTask<bool> TrySpendAsync(Guid id, DateTimeOffset now, CancellationToken ct) =>
        ValueTask.FromResult(state.Write(s =>
        {
            if (!s.InitialAccessTokens.TryGetValue(id, out var found) || !found.IsGood(now))
            {
                return false;
            }

            s.InitialAccessTokens[id] = found with { UsesLeft = found.UsesLeft - 1 };
            s.Wrote();
            return true;
        }));
}
