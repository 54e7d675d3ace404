namespace IdServer.Data.Statements;

/// <summary>Rows that one of several workers takes when their time has come, such as <c>mails</c>: they have the columns <c>due_at</c> and <c>attempts</c>.</summary>
internal static class DueRows
{
    /// <summary>Takes at most <paramref name="most"/> rows that are due, for this caller alone until <paramref name="againAt"/>.</summary>
    /// <param name="key">The primary key's columns, in parentheses if they are several.</param>
    /// <param name="columns">Those to read.</param>
    public static async ValueTask<IReadOnlyList<T>> TakeDueAsync<T>(
        this IDatabase database, string table, string key, string columns, Func<Row, T> read, DateTimeOffset now, DateTimeOffset againAt, int most, CancellationToken ct)
    {
        // Mostly there is nothing, and then nothing is written.
        if (await database.ReadAsync(statements => statements.FirstAsync($"SELECT 1 FROM {table} WHERE due_at <= $1 LIMIT 1", row => row.Number(0), now), ct) == 0)
        {
            return [];
        }

        // The condition stands twice: a row that another node has just taken is not due any more when this statement gets to it.
        return await database.WriteAsync(
            statements => statements.ListAsync(
                $"""
                UPDATE {table} SET due_at = $2, attempts = attempts + 1
                WHERE due_at <= $1 AND {key} IN (SELECT {key.Trim('(', ')')} FROM {table} WHERE due_at <= $1 ORDER BY due_at LIMIT $3)
                RETURNING {columns}
                """,
                read,
                now,
                againAt,
                most),
            ct);
    }
}
