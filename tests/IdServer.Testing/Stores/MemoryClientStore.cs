using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemoryClientStore : IClientStore
{
    private readonly MemoryState state;

    internal MemoryClientStore(MemoryState state) => this.state = state;

    /// <summary>Registers a client or replaces the one with its id, and publishes the change.</summary>
    public Client Add(Client client) => state.Write(s =>
    {
        s.Clients[client.ClientId] = client;
        s.Tell(new Change(ChangeKind.Client, client.ClientId));
        return client;
    });

    /// <summary>Removes a client and publishes the change.</summary>
    public void Remove(string clientId) => state.Write(s =>
    {
        s.Tell(new Change(ChangeKind.Client, clientId));
        return s.Clients.Remove(clientId);
    });

    public ValueTask<Client?> FindAsync(string clientId, CancellationToken ct) => ValueTask.FromResult(state.Read(s => s.Clients.GetValueOrDefault(clientId)));
}
