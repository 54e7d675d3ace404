using IdServer.Data.Statements;
using IdServer.Data.Stores;
using IdServer.Protocol.Events;
using IdServer.Tokens.Revocations;

namespace IdServer.Data.Changes;

/// <summary>Publishes the rows of <c>changes</c> and <c>revocations</c> that are new since it looked last. Not for concurrent use.</summary>
internal sealed class ChangeReader(IChangeFeed changes, TimeProvider time)
{
    private const int PageSize = 10_000; // there may be a million

    private long lastChange;
    private long lastRevocation;

    /// <summary>Begins with what is there now: every cache is dropped, and every revocation is published.</summary>
    public async ValueTask BeginAsync(PreparedStatements statements)
    {
        lastRevocation = 0;
        lastChange = await ChangeLog.LastAsync(statements);
        changes.Publish(new Change(ChangeKind.Everything)); // written between the start of the caches and this first look
        await ReadAsync(statements);
    }

    public async ValueTask ReadAsync(PreparedStatements statements)
    {
        foreach (var (sequence, change) in await ChangeLog.ReadAsync(statements, lastChange))
        {
            changes.Publish(change);
            lastChange = sequence;
        }

        IReadOnlyList<Revocation> page;
        do
        {
            page = await SqlRevocationStore.ReadAsync(statements, lastRevocation, time.GetUtcNow(), PageSize);
            foreach (var revocation in page)
            {
                changes.Publish(new Change(ChangeKind.Revocation, Revocation: revocation));
                lastRevocation = revocation.Sequence;
            }
        }
        while (page.Count == PageSize);
    }
}
