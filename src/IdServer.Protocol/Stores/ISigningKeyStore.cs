using IdServer.Tokens.Jose;

namespace IdServer.Protocol.Stores;

/// <summary>Signing keys: a directory on one node, encrypted rows on many.</summary>
public interface ISigningKeyStore
{
    ValueTask<IReadOnlyList<SigningKey>> LoadAsync(CancellationToken ct);

    /// <summary>Waits until nobody else changes keys, on any node, and keeps others waiting until the result is disposed. Reading needs no turn.</summary>
    ValueTask<IAsyncDisposable> TakeTurnAsync(CancellationToken ct);

    ValueTask AddAsync(SigningKey key, CancellationToken ct);

    /// <summary>Removes a key for good; a key that is not there is no error.</summary>
    ValueTask RemoveAsync(string keyId, CancellationToken ct);
}
