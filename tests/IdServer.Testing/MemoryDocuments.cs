using System.Collections.Concurrent;
using System.Text;
using IdServer.Protocol.Stores;

namespace IdServer.Testing;

/// <summary>The documents of a small internet, by address; what is not here cannot be had.</summary>
public sealed class MemoryDocuments : IDocumentFetcher
{
    private readonly ConcurrentDictionary<string, string> documents = new(StringComparer.Ordinal);
    private int fetches;

    /// <summary>How often anything was asked for.</summary>
    public int Fetches => Volatile.Read(ref fetches);

    /// <summary>While set, every fetch waits for it.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public string? this[string address]
    {
        set
        {
            if (value is null)
            {
                documents.TryRemove(address, out _);
            }
            else
            {
                documents[address] = value;
            }
        }
    }

    public async ValueTask<byte[]?> FetchAsync(Uri uri, int longestBody, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(uri);
        Interlocked.Increment(ref fetches);
        await (Gate?.Task.WaitAsync(ct) ?? Task.CompletedTask);
        return documents.TryGetValue(uri.AbsoluteUri, out var document) && Encoding.UTF8.GetByteCount(document) <= longestBody ? Encoding.UTF8.GetBytes(document) : null;
    }
}
