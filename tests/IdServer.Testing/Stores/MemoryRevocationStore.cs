using IdServer.Protocol.Stores;
using IdServer.Tokens.Revocations;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemoryRevocationStore : IRevocationStore
{
    private readonly MemoryState state;

    internal MemoryRevocationStore(MemoryState state) => this.state = state;

    public IReadOnlyList<Revocation> All => state.Read(s => s.Revocations.ToArray());

    public ValueTask RevokeTokenAsync(Guid tokenId, DateTimeOffset expiresAt, DateTimeOffset now, CancellationToken ct)
    {
        state.Write(s =>
        {
            s.Revoke(RevocationKind.Token, tokenId, now, expiresAt);
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<Revocation>> ReadAsync(long after, int limit, DateTimeOffset now, CancellationToken ct) =>
        ValueTask.FromResult<IReadOnlyList<Revocation>>(state.Read(s => s.Revocations.Where(r => r.Sequence > after && r.ExpiresAt > now).Take(limit).ToArray()));
}
