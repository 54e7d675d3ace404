using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Memory;

namespace IdServer.Protocol.Clients;

/// <summary>
/// Registered clients, kept in memory for a minute and dropped when the change feed says so. Ids that no client has are remembered for seconds only and apart,
/// so that a flood of invented ids neither reaches the database twice nor pushes real clients out. Bounded.
/// </summary>
public sealed class ClientCache : IDisposable
{
    // No client_id is longer (ClientMetadataRules).
    private const int LongestClientId = 200;
    private const int MostClients = 30_000;
    private const int MostUnknown = 1_000;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan UnknownLifetime = TimeSpan.FromSeconds(3);

    private readonly RecentlyUsed<string, Entry> clients = new(MostClients, StringComparer.Ordinal);
    private readonly RecentlyUsed<string, Entry> unknown = new(MostUnknown, StringComparer.Ordinal);
    private readonly IClientStore store;
    private readonly ClientIdDocuments? documents;
    private readonly TimeProvider time;
    private readonly IDisposable subscription;

    /// <param name="documents">Where a client is looked for that the store does not have; null where none may be.</param>
    public ClientCache(IClientStore store, IChangeFeed changes, TimeProvider time, ClientIdDocuments? documents = null)
    {
        ArgumentNullException.ThrowIfNull(changes);
        this.store = store;
        this.documents = documents;
        this.time = time;
        subscription = changes.Subscribe(Drop);
    }

    public ValueTask<Client?> FindAsync(string clientId, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(clientId);
        var now = time.GetUtcNow();
        if ((clients.Find(clientId) ?? unknown.Find(clientId)) is { } entry && entry.ExpiresAt > now)
        {
            return new(entry.Client);
        }

        return clientId.Length > LongestClientId ? default : ReadAsync(clientId, now, ct);
    }

    public void Dispose() => subscription.Dispose();

    private async ValueTask<Client?> ReadAsync(string clientId, DateTimeOffset now, CancellationToken ct)
    {
        var (clientsBefore, unknownBefore) = (clients.Epoch, unknown.Epoch);
        var client = await store.FindAsync(clientId, ct);
        if (client is null && documents is not null)
        {
            client = await documents.FindAsync(clientId, ct);
        }

        if (client is null)
        {
            if (clients.Find(clientId) is not null) // it was one until now, and no word of its end has come
            {
                clients.Forget(clientId);
            }

            unknown.Remember(clientId, new Entry(null, now + UnknownLifetime), unknownBefore);
        }
        else
        {
            clients.Remember(clientId, new Entry(client, now + Lifetime), clientsBefore);
        }

        return client;
    }

    private void Drop(Change change)
    {
        if (change.Kind is not (ChangeKind.Client or ChangeKind.Everything))
        {
            return;
        }

        if (change is { Kind: ChangeKind.Client, Key: { } clientId })
        {
            clients.Forget(clientId);
            unknown.Forget(clientId);
        }
        else
        {
            clients.Clear();
            unknown.Clear();
        }
    }

    private sealed record Entry(Client? Client, DateTimeOffset ExpiresAt);
}
