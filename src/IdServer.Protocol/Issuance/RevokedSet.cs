using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Revocations;

namespace IdServer.Protocol.Issuance;

/// <summary>The server's <see cref="RevocationSet"/>: filled from the store at start, kept true by the change feed, emptied of what has expired.</summary>
public sealed class RevokedSet : IDisposable
{
    private const int PageSize = 10_000;

    private readonly RevocationSet entries = new();
    private readonly IDisposable subscription;

    public RevokedSet(IChangeFeed changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        subscription = changes.Subscribe(change =>
        {
            if (change.Revocation is { } revocation)
            {
                Add(revocation);
            }
        });
    }

    public int Count => entries.Count;

    /// <summary>Reads the store, page by page.</summary>
    public async ValueTask LoadAsync(IRevocationStore store, DateTimeOffset now, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(store);
        for (var (after, more) = (0L, true); more;)
        {
            var page = await store.ReadAsync(after, PageSize, now, ct);
            foreach (var revocation in page)
            {
                Add(revocation);
                after = revocation.Sequence;
            }

            more = page.Count == PageSize;
        }
    }

    public void Add(Revocation revocation) => entries.Add(revocation);

    /// <inheritdoc cref="RevocationSet.HoldsSession"/>
    public bool HoldsSession(Guid sessionId, Guid subject) => entries.HoldsSession(sessionId, subject);

    /// <inheritdoc cref="RevocationSet.HoldsToken"/>
    public bool HoldsToken(Guid tokenId, Guid? grantId, Guid? sessionId, Guid? subject) => entries.HoldsToken(tokenId, grantId, sessionId, subject);

    /// <inheritdoc cref="RevocationSet.Prune"/>
    public void Prune(DateTimeOffset now) => entries.Prune(now);

    public void Dispose() => subscription.Dispose();
}
