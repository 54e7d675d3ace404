using System.Collections.Concurrent;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;

namespace IdServer.Protocol.Clients;

/// <summary>
/// Registered clients, kept in memory for a minute and dropped when the change feed says so. Ids that no client has are remembered for seconds only and apart,
/// so that a flood of invented ids neither reaches the database twice nor pushes real clients out. Bounded.
/// </summary>
public sealed class ClientCache : IDisposable
{
    // No client_id is longer (ClientMetadataRules).
    private const int LongestClientId = 200;
    private const int MostClients = 10_000;
    private const int MostUnknown = 1_000;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan UnknownLifetime = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, Entry> clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Entry> unknown = new(StringComparer.Ordinal);
    private readonly IClientStore store;
    private readonly TimeProvider time;
    private readonly IDisposable subscription;
    private int generation;

    public ClientCache(IClientStore store, IChangeFeed changes, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(changes);
        this.store = store;
        this.time = time;
        subscription = changes.Subscribe(Drop);
    }

    public ValueTask<Client?> FindAsync(string clientId, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(clientId);
        var now = time.GetUtcNow();
        if ((clients.TryGetValue(clientId, out var entry) || unknown.TryGetValue(clientId, out entry)) && entry.ExpiresAt > now)
        {
            return new(entry.Client);
        }

        return clientId.Length > LongestClientId ? default : ReadAsync(clientId, now, ct);
    }

    public void Dispose() => subscription.Dispose();

    private async ValueTask<Client?> ReadAsync(string clientId, DateTimeOffset now, CancellationToken ct)
    {
        var readIn = Volatile.Read(ref generation);
        var client = await store.FindAsync(clientId, ct);
        var (entries, most, lifetime) = client is null ? (unknown, MostUnknown, UnknownLifetime) : (clients, MostClients, Lifetime);
        if (entries.Count >= most)
        {
            entries.Clear();
        }

        (client is null ? clients : unknown).TryRemove(clientId, out _);
        entries[clientId] = new Entry(client, now + lifetime);
        if (Volatile.Read(ref generation) != readIn) // a change came while the store was read: what it said may be old
        {
            entries.TryRemove(clientId, out _);
        }

        return client;
    }

    private void Drop(Change change)
    {
        if (change.Kind is not (ChangeKind.Client or ChangeKind.Everything))
        {
            return;
        }

        Interlocked.Increment(ref generation);
        if (change is { Kind: ChangeKind.Client, Key: { } clientId })
        {
            clients.TryRemove(clientId, out _);
            unknown.TryRemove(clientId, out _);
        }
        else
        {
            clients.Clear();
            unknown.Clear();
        }
    }

    private readonly record struct Entry(Client? Client, DateTimeOffset ExpiresAt);
}
