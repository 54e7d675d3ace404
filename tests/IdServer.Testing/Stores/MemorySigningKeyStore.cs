using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemorySigningKeyStore : ISigningKeyStore
{
    private readonly MemoryState state;

    internal MemorySigningKeyStore(MemoryState state) => this.state = state;

    public ValueTask<IReadOnlyList<SigningKey>> LoadAsync(CancellationToken ct) =>
        ValueTask.FromResult<IReadOnlyList<SigningKey>>(state.Read(s => s.SigningKeys.Values.ToArray()));

    public ValueTask AddAsync(SigningKey key, CancellationToken ct)
    {
        state.Write(s =>
        {
            s.SigningKeys.Add(key.KeyId, key);
            s.Wrote();
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveAsync(string keyId, CancellationToken ct)
    {
        state.Write(s =>
        {
            if (s.SigningKeys.Remove(keyId))
            {
                s.Wrote();
            }

            return true;
        });
        return ValueTask.CompletedTask;
    }
}
