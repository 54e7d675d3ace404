using System.Threading.Channels;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemorySigningKeyStore : ISigningKeyStore
{
    private readonly Channel<bool> turn = Channel.CreateBounded<bool>(1); // full while somebody has the turn
    private readonly MemoryState state;

    internal MemorySigningKeyStore(MemoryState state) => this.state = state;

    public ValueTask<IReadOnlyList<SigningKey>> LoadAsync(CancellationToken ct) =>
        ValueTask.FromResult<IReadOnlyList<SigningKey>>(state.Read(s => s.SigningKeys.Values.ToArray()));

    public async ValueTask<IAsyncDisposable> TakeTurnAsync(CancellationToken ct)
    {
        await turn.Writer.WriteAsync(true, ct);
        return new TakenTurn(turn);
    }

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

    private sealed class TakenTurn(Channel<bool> turn) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            turn.Reader.TryRead(out _);
            return ValueTask.CompletedTask;
        }
    }
}
