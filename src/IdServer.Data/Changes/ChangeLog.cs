using IdServer.Data.Statements;
using IdServer.Protocol.Events;

namespace IdServer.Data.Changes;

/// <summary>The table <c>changes</c>: what other processes on this database must hear of, written in the transaction that made the change.</summary>
internal static class ChangeLog
{
    /// <summary>What PostgreSQL's LISTEN wants to know. No payload: who is woken reads the rows.</summary>
    public const string Channel = "idserver_changes";

    /// <summary>On PostgreSQL: waits for its turn until the transaction ends, and wakes every node when it commits.</summary>
    public static readonly string Turn = $"SELECT pg_advisory_xact_lock({PostgresLocks.Class}, {PostgresLocks.Sequences}), pg_notify('{Channel}', '')";

    /// <summary>
    /// Before a row is written that others read by <c>sequence &gt; last</c>. A sequence is given out before its transaction commits: without turns, a later one could
    /// be seen first, and the earlier one never.
    /// </summary>
    public static async ValueTask TakeTurnAsync(PreparedStatements statements)
    {
        if (statements.HasNeighbours && !statements.HasTurn)
        {
            await statements.ExecuteAsync(Turn);
            statements.HasTurn = true;
        }
    }

    public static async ValueTask AppendAsync(PreparedStatements statements, ChangeKind kind, string? key, DateTimeOffset now)
    {
        await TakeTurnAsync(statements);
        await statements.ExecuteAsync("INSERT INTO changes (kind, key, at) VALUES ($1, $2, $3)", (int)kind, key, now);
    }

    public static ValueTask<long> LastAsync(PreparedStatements statements) =>
        statements.FirstAsync("SELECT COALESCE(MAX(sequence), 0) FROM changes", row => row.Number(0));

    public static ValueTask<IReadOnlyList<(long Sequence, Change Change)>> ReadAsync(PreparedStatements statements, long after) =>
        statements.ListAsync(
            "SELECT sequence, kind, key FROM changes WHERE sequence > $1 ORDER BY sequence",
            row => (row.Number(0), new Change((ChangeKind)row.Number(1), row.TextOrNull(2))),
            after);
}
