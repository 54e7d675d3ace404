using System.Security.Cryptography.X509Certificates;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Memory;

namespace IdServer.Protocol.Clients;

/// <summary>The public keys of clients that sign: those of their <c>jwks</c>, or those at their <c>jwks_uri</c>, kept in memory. Bounded. Safe for concurrent use.</summary>
public sealed class ClientKeys(IDocumentFetcher fetcher, TimeProvider time)
{
    private const int MostDocuments = 2_000;

    private readonly RecentlyUsed<string, RemoteKeys> documents = new(MostDocuments, StringComparer.Ordinal);
    private readonly Lock adding = new();

    /// <summary>The keys a signature may be of. An unknown <paramref name="keyId"/> has the client's <c>jwks_uri</c> read again, within limits (requirement 32).</summary>
    /// <param name="keyId">The <c>kid</c> of the signature; null when it has none.</param>
    /// <param name="algorithm">Its <c>alg</c>.</param>
    /// <returns>None when the client has no such key, or its keys could not be had.</returns>
    public async ValueTask<IReadOnlyList<Jwk>> FindAsync(Client client, string? keyId, string algorithm, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (client.Jwks is { } own)
        {
            return own.Candidates(keyId, algorithm);
        }

        if (client.Metadata.JwksUri is not { } address || !Uri.TryCreate(address, UriKind.Absolute, out var uri))
        {
            return [];
        }

        var document = DocumentAt(uri);
        var keys = await document.GetAsync(ct);
        var found = keys?.Candidates(keyId, algorithm) ?? [];
        return found.Count > 0 ? found : (await document.RefreshAsync(keys, ct))?.Candidates(keyId, algorithm) ?? [];
    }

    /// <summary>Whether this is one of the client's certificates (RFC 8705 §2.2.2). An unknown one has its <c>jwks_uri</c> read again, within the same limits.</summary>
    public async ValueTask<bool> HaveCertificateAsync(Client client, X509Certificate2 certificate, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (client.Jwks is { } own)
        {
            return own.HasCertificate(certificate);
        }

        if (client.Metadata.JwksUri is not { } address || !Uri.TryCreate(address, UriKind.Absolute, out var uri))
        {
            return false;
        }

        var document = DocumentAt(uri);
        var keys = await document.GetAsync(ct);
        return keys?.HasCertificate(certificate) == true || (await document.RefreshAsync(keys, ct))?.HasCertificate(certificate) == true;
    }

    private RemoteKeys DocumentAt(Uri uri)
    {
        if (documents.Find(uri.AbsoluteUri) is { } known)
        {
            return known;
        }

        lock (adding) // its limits count for all requests only if all have the same one
        {
            var document = documents.Find(uri.AbsoluteUri) ?? new RemoteKeys(uri, fetcher, time);
            documents.Remember(uri.AbsoluteUri, document, documents.Epoch);
            return document;
        }
    }
}
