namespace IdServer.Data.Statements;

/// <summary>The database as the stores see it: one SQL text serves every engine.</summary>
/// <remarks>Both methods throw <see cref="DatabaseUnavailableException"/> during an outage.</remarks>
public interface IDatabase
{
    /// <summary>Reads what has been committed.</summary>
    ValueTask<T> ReadAsync<T>(Func<PreparedStatements, ValueTask<T>> read, CancellationToken ct);

    /// <summary>
    /// Runs one transaction: all of it is durable when this returns, none of it when this throws. Transactions run one after the other.
    /// Cancelling works until the transaction begins; from then on its outcome is awaited, since it may be committed.
    /// </summary>
    /// <param name="write">Awaits nothing but the statements it is given.</param>
    ValueTask<T> WriteAsync<T>(Func<PreparedStatements, ValueTask<T>> write, CancellationToken ct);
}
