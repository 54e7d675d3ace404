using IdServer.Protocol.Clients;

namespace IdServer.Protocol.Stores;

/// <summary>Registered clients.</summary>
public interface IClientStore
{
    ValueTask<Client?> FindAsync(string clientId, CancellationToken ct);
}
