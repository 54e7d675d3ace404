using System.Security.Cryptography;
using IdServer.Protocol.Stores;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemoryInteractionStore : IInteractionStore
{
    private readonly MemoryState state;

    internal MemoryInteractionStore(MemoryState state) => this.state = state;

    public IReadOnlyList<Interaction> All => state.Read(s => s.Interactions.Values.ToArray());

    public ValueTask SaveAsync(Interaction interaction, CancellationToken ct)
    {
        state.Write(s =>
        {
            s.Interactions.Add(interaction.Id, interaction);
            s.Wrote();
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<Interaction?> FindAsync(Guid id, byte[] browserDigest, DateTimeOffset now, CancellationToken ct) =>
        ValueTask.FromResult(state.Read(s =>
            s.Interactions.TryGetValue(id, out var found) && found.ExpiresAt > now && CryptographicOperations.FixedTimeEquals(found.BrowserDigest, browserDigest) ? found : null));

    public ValueTask RecordConsentAsync(Guid id, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        Update(id, i => i with { ConsentedScopes = [.. scopes] });
        return ValueTask.CompletedTask;
    }

    public ValueTask RecordRefusalAsync(Guid id, CancellationToken ct)
    {
        Update(id, i => i with { Refused = true });
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> TryCompleteAsync(Guid id, DateTimeOffset now, CancellationToken ct) =>
        ValueTask.FromResult(state.Write(s =>
        {
            if (!s.Interactions.TryGetValue(id, out var found) || found.Completed || found.ExpiresAt <= now)
            {
                return false;
            }

            s.Interactions[id] = found with { Completed = true };
            s.Wrote();
            return true;
        }));

    private void Update(Guid id, Func<Interaction, Interaction> change) => state.Write(s =>
    {
        if (s.Interactions.TryGetValue(id, out var found) && !found.Completed)
        {
            s.Interactions[id] = change(found);
            s.Wrote();
        }

        return true;
    });
}
