using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemoryAuthorizationCodeStore : IAuthorizationCodeStore
{
    private readonly MemoryState state;

    internal MemoryAuthorizationCodeStore(MemoryState state) => this.state = state;

    public IReadOnlyList<AuthorizationCode> All => state.Read(s => s.Codes.Values.ToArray());

    public ValueTask SaveAsync(AuthorizationCode code, CancellationToken ct)
    {
        state.Write(s =>
        {
            s.Codes.Add(code.Key.Id, code);
            s.Grants.Add(code.Grant.Id, (code.Grant, null));
            s.Wrote();
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<AuthorizationCode?> FindAsync(HandleKey key, CancellationToken ct) =>
        ValueTask.FromResult(state.Read(s => Find(s, key)));

    public ValueTask<bool> TryRedeemAsync(HandleKey key, RefreshToken? first, DateTimeOffset now, CancellationToken ct) =>
        ValueTask.FromResult(state.Write(s =>
        {
            if (Find(s, key) is not { RedeemedAt: null } code || code.ExpiresAt <= now || s.HasEnded(code.Grant.Id))
            {
                return false;
            }

            s.Codes[key.Id] = code with { RedeemedAt = now };
            if (first is not null)
            {
                s.RefreshTokens.Add(first.Key.Id, new StoredRefreshToken(first, code.Grant, null, null));
            }

            s.Wrote();
            return true;
        }));

    private static AuthorizationCode? Find(MemoryState s, HandleKey key) =>
        s.Codes.TryGetValue(key.Id, out var code) && MemoryState.Same(code.Key, key) ? code : null;
}
