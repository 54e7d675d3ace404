using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemoryClientStore : IClientStore, IClientRegistry
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

    public ValueTask RegisterAsync(ClientMetadata metadata, string? secret, byte[] registrationDigest, CancellationToken ct)
    {
        Add(new Client(metadata, SecretsOf(metadata, secret)) { RegistrationDigest = registrationDigest });
        return ValueTask.CompletedTask;
    }

    public async ValueTask ReplaceAsync(ClientMetadata metadata, string? secret, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        if (await FindAsync(metadata.ClientId!, ct) is { } known)
        {
            Add(new Client(metadata, secret is null && new Client(metadata, []).UsesSecret ? known.Secrets : SecretsOf(metadata, secret)) { RegistrationDigest = known.RegistrationDigest });
        }
    }

    public ValueTask<bool> RemoveAsync(string clientId, CancellationToken ct)
    {
        Remove(clientId);
        return ValueTask.FromResult(true);
    }

    public ValueTask<Client?> FindAsync(string clientId, CancellationToken ct) => ValueTask.FromResult(state.Read(s => s.Clients.GetValueOrDefault(clientId)));

    private static ClientSecret[] SecretsOf(ClientMetadata metadata, string? secret) => secret is null ? [] : [ClientSecret.Of(secret, asKey: metadata.TokenEndpointAuthMethod == "client_secret_jwt")];
}
