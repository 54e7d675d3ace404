using IdServer.Protocol.Clients;

namespace IdServer.Protocol.Stores;

/// <summary>Clients that register themselves and keep their registration up to date. Every change is durable and told to the change feed before a method returns.</summary>
public interface IClientRegistry
{
    /// <param name="metadata">Accepted by <see cref="ClientMetadataRules"/>, with an id that no client has.</param>
    /// <param name="secret">Null for a client that uses none.</param>
    /// <param name="registrationDigest">Of the token that its registration is managed with.</param>
    ValueTask RegisterAsync(ClientMetadata metadata, string? secret, byte[] registrationDigest, CancellationToken ct);

    /// <summary>Brings a client to this metadata; one that has been removed meanwhile stays removed.</summary>
    /// <param name="secret">Replaces every secret of the client; null keeps them, unless the client uses none any more.</param>
    ValueTask ReplaceAsync(ClientMetadata metadata, string? secret, CancellationToken ct);

    /// <summary>Removes the client with its secrets and the consents given to it, and ends its grants.</summary>
    /// <returns>False when there is no such client.</returns>
    ValueTask<bool> RemoveAsync(string clientId, CancellationToken ct);
}
