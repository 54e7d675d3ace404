using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemoryPushedRequestStore : IPushedRequestStore
{
    private readonly MemoryState state;

    internal MemoryPushedRequestStore(MemoryState state) => this.state = state;

    public IReadOnlyList<PushedRequest> All => state.Read(s => s.PushedRequests.Values.ToArray());

    public ValueTask SaveAsync(PushedRequest request, CancellationToken ct)
    {
        state.Write(s =>
        {
            s.PushedRequests.Add(request.Key.Id, request);
            s.Wrote();
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<PushedRequest?> FindAsync(HandleKey key, CancellationToken ct) =>
        ValueTask.FromResult(state.Read(s => s.PushedRequests.TryGetValue(key.Id, out var found) && MemoryState.Same(found.Key, key) ? found : null));

    public ValueTask<bool> TrySpendAsync(Guid id, DateTimeOffset now, CancellationToken ct) =>
        ValueTask.FromResult(state.Write(s =>
        {
            if (!s.PushedRequests.TryGetValue(id, out var found) || found.SpentAt is not null)
            {
                return false;
            }

            s.PushedRequests[id] = found with { SpentAt = now };
            s.Wrote();
            return true;
        }));
}
