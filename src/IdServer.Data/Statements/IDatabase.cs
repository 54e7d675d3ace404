namespace IdServer.Data.Statements;

/// <summary>The database as the stores see it: one SQL text serves every engine.</summary>
/// <remarks>Both methods throw <see cref="DatabaseUnavailableException"/> during an outage.</remarks>
public interface IDatabase
{
    /// <summary>Reads what has been committed.</summary>
    ValueTask<T> ReadAsync<T>(Func<PreparedStatements, ValueTask<T>> read, CancellationToken ct);

    /// <summary>
    /// Runs one transaction: all of it is durable when this returns, none of it when this throws, unless the connection was lost during the commit itself.
    /// On SQLite transactions run one after the other; on PostgreSQL beside one another, read committed: an UPDATE waits for the row's other writer and looks again.
    /// Cancelling works until the transaction begins; from then on its outcome is awaited, since it may be committed.
    /// </summary>
    /// <param name="write">Awaits nothing but the statements it is given. Runs again when its transaction was undone by a deadlock or a lost connection.</param>
    ValueTask<T> WriteAsync<T>(Func<PreparedStatements, ValueTask<T>> write, CancellationToken ct);
}
