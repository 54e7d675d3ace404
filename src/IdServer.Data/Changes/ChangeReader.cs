using IdServer.Data.Statements;
using IdServer.Data.Stores;
using IdServer.Protocol.Events;

namespace IdServer.Data.Changes;

/// <summary>Publishes the rows of <c>changes</c> and <c>revocations</c> that are new since it looked last. Not for concurrent use.</summary>
internal sealed class ChangeReader(IChangeFeed changes, TimeProvider time)
{
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

        foreach (var revocation in await SqlRevocationStore.ReadAsync(statements, lastRevocation, time.GetUtcNow()))
        {
            changes.Publish(new Change(ChangeKind.Revocation, Revocation: revocation));
            lastRevocation = revocation.Sequence;
        }
    }
}
