using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemoryRefreshTokenStore : IRefreshTokenStore
{
    private readonly MemoryState state;

    internal MemoryRefreshTokenStore(MemoryState state) => this.state = state;

    public IReadOnlyList<StoredRefreshToken> All => state.Read(s => s.RefreshTokens.Values.Select(t => WithGrant(s, t)).ToArray());

    public ValueTask SaveAsync(Grant grant, RefreshToken first, CancellationToken ct)
    {
        state.Write(s =>
        {
            s.Grants.Add(grant.Id, (grant, null));
            s.RefreshTokens.Add(first.Key.Id, new StoredRefreshToken(first, grant, null, null));
            s.Wrote();
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<StoredRefreshToken?> FindAsync(HandleKey key, CancellationToken ct) =>
        ValueTask.FromResult(state.Read(s => Find(s, key)));

    public ValueTask<Rotation> TryRotateAsync(HandleKey current, RefreshToken successor, byte[] sealedSecret, DateTimeOffset now, TimeSpan overlap, CancellationToken ct) =>
        ValueTask.FromResult(state.Write(s =>
        {
            if (Find(s, current) is not { GrantEndedAt: null } stored)
            {
                return new Rotation(RotationOutcome.Ended);
            }

            if (stored.RotatedAt is { } rotatedAt)
            {
                var (id, hidden) = s.Successors[current.Id];
                return now - rotatedAt <= overlap ? new Rotation(RotationOutcome.Repeated, id, hidden) : new Rotation(RotationOutcome.Reused);
            }

            if (stored.Token.ExpiresAt <= now)
            {
                return new Rotation(RotationOutcome.Ended);
            }

            s.RefreshTokens[current.Id] = stored with { RotatedAt = now };
            s.RefreshTokens.Add(successor.Key.Id, new StoredRefreshToken(successor, stored.Grant, null, null));
            s.Successors.Add(current.Id, (successor.Key.Id, sealedSecret));
            s.Wrote();
            return new Rotation(RotationOutcome.Rotated);
        }));

    private static StoredRefreshToken? Find(MemoryState s, HandleKey key) =>
        s.RefreshTokens.TryGetValue(key.Id, out var stored) && MemoryState.Same(stored.Token.Key, key) ? WithGrant(s, stored) : null;

    private static StoredRefreshToken WithGrant(MemoryState s, StoredRefreshToken stored) => stored with { GrantEndedAt = s.Grants[stored.Token.GrantId].EndedAt };
}
