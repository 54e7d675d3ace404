namespace IdServer.Protocol.EndSession;

/// <summary>Posts to addresses that clients have registered. The same precautions as for <see cref="Stores.IDocumentFetcher"/>: a client may be hostile.</summary>
public interface ILogoutChannel
{
    /// <param name="form"><c>application/x-www-form-urlencoded</c>.</param>
    /// <returns>The HTTP status, or null when there was no answer in time.</returns>
    ValueTask<int?> PostAsync(Uri uri, string form, CancellationToken ct);
}
