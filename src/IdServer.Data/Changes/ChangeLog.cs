using IdServer.Data.Statements;
using IdServer.Protocol.Events;

namespace IdServer.Data.Changes;

/// <summary>The table <c>changes</c>: what other processes on this database must hear of, written in the transaction that made the change.</summary>
internal static class ChangeLog
{
    public static ValueTask<int> AppendAsync(PreparedStatements statements, ChangeKind kind, string? key, DateTimeOffset now) =>
        statements.ExecuteAsync("INSERT INTO changes (kind, key, at) VALUES ($1, $2, $3)", (int)kind, key, now);

    public static ValueTask<long> LastAsync(PreparedStatements statements) =>
        statements.FirstAsync("SELECT COALESCE(MAX(sequence), 0) FROM changes", row => row.Number(0));

    public static ValueTask<IReadOnlyList<(long Sequence, Change Change)>> ReadAsync(PreparedStatements statements, long after) =>
        statements.ListAsync(
            "SELECT sequence, kind, key FROM changes WHERE sequence > $1 ORDER BY sequence",
            row => (row.Number(0), new Change((ChangeKind)row.Number(1), row.TextOrNull(2))),
            after);
}
