using System.Collections.Concurrent;
using System.Text;
using IdServer.Protocol.Stores;

namespace IdServer.Tests.Conformance;

/// <summary>The web server of the suite's clients: what the server fetches from the addresses they register. The fetcher's own rules have tests of their own.</summary>
public sealed class SuiteDocuments : IDocumentFetcher
{
    private readonly ConcurrentDictionary<string, string> documents = new(StringComparer.Ordinal);

    public void Publish(string address, string document) => documents[address] = document;

    public ValueTask<byte[]?> FetchAsync(Uri uri, int longestBody, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return new(documents.TryGetValue(uri.OriginalString.Split('#')[0], out var document) ? Encoding.UTF8.GetBytes(document) : null);
    }
}
