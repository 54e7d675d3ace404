namespace IdServer.Protocol.Stores;

/// <summary>
/// Fetches documents from addresses that strangers have written: a client's <c>jwks_uri</c>, a <c>request_uri</c>, a sector identifier. Never reaches a private
/// address, follows no redirect, and is bounded in time and size (requirement 22). It does not cache.
/// </summary>
public interface IDocumentFetcher
{
    /// <param name="uri">https.</param>
    /// <param name="longestBody">In bytes. A longer document is not had.</param>
    /// <returns>The body of a 200; null when it could not be had, for whatever reason. The reason is in the log, not in the answer: it would tell a stranger about our network.</returns>
    ValueTask<byte[]?> FetchAsync(Uri uri, int longestBody, CancellationToken ct);
}
