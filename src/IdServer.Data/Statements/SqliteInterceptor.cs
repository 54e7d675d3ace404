using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace IdServer.Data.Statements;

/// <summary>Gives EF Core's connections the pragmas of ours, and turns their outages into <see cref="DatabaseUnavailableException"/>.</summary>
internal sealed class SqliteInterceptor(SqliteFile file) : IDbConnectionInterceptor, IDbCommandInterceptor, IDbTransactionInterceptor
{
    public InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        file.ThrowIfMissing();
        return result;
    }

    public ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        file.ThrowIfMissing();
        return new(result);
    }

    public void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Prepare(connection);

    public Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Prepare(connection);
        return Task.CompletedTask;
    }

    public void ConnectionFailed(DbConnection connection, ConnectionErrorEventData eventData) => ThrowIfOutage(eventData.Exception);

    public Task ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        ThrowIfOutage(eventData.Exception);
        return Task.CompletedTask;
    }

    public void CommandFailed(DbCommand command, CommandErrorEventData eventData) => ThrowIfOutage(eventData.Exception);

    public Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        ThrowIfOutage(eventData.Exception);
        return Task.CompletedTask;
    }

    public InterceptionResult<DbTransaction> TransactionStarting(DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result) =>
        Begin(connection, eventData);

    public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default) =>
        new(Begin(connection, eventData));

    public void TransactionFailed(DbTransaction transaction, TransactionErrorEventData eventData) => ThrowIfOutage(eventData.Exception);

    public Task TransactionFailedAsync(DbTransaction transaction, TransactionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        ThrowIfOutage(eventData.Exception);
        return Task.CompletedTask;
    }

    private void Prepare(DbConnection connection)
    {
        try
        {
            file.ApplyPragmas((SqliteConnection)connection);
        }
        catch (SqliteException e)
        {
            throw file.Translate(e);
        }
    }

    // Beginning takes the lock, and is the one step whose failure EF Core tells no interceptor.
    private InterceptionResult<DbTransaction> Begin(DbConnection connection, TransactionStartingEventData starting)
    {
        try
        {
            return InterceptionResult<DbTransaction>.SuppressWithResult(connection.BeginTransaction(starting.IsolationLevel));
        }
        catch (SqliteException e)
        {
            throw file.Translate(e);
        }
    }

    private void ThrowIfOutage(Exception error)
    {
        if (error is SqliteException sqlite && file.Translate(sqlite) is DatabaseUnavailableException outage)
        {
            throw outage;
        }
    }
}
