using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace IdServer.Data.Statements;

/// <summary>Turns the outages of EF Core's connections into <see cref="DatabaseUnavailableException"/>, and gives it text that PostgreSQL takes.</summary>
internal sealed class PostgresInterceptor(PostgresServer server) : DbCommandInterceptor, IDbConnectionInterceptor, IDbTransactionInterceptor
{
    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        MakePortable(command);
        return new(result);
    }

    public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        MakePortable(command);
        return result;
    }

    public void ConnectionFailed(DbConnection connection, ConnectionErrorEventData eventData) => ThrowIfOutage(eventData.Exception);

    public Task ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        ThrowIfOutage(eventData.Exception);
        return Task.CompletedTask;
    }

    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => ThrowIfOutage(eventData.Exception);

    public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        ThrowIfOutage(eventData.Exception);
        return Task.CompletedTask;
    }

    public void TransactionFailed(DbTransaction transaction, TransactionErrorEventData eventData) => ThrowIfOutage(eventData.Exception);

    public Task TransactionFailedAsync(DbTransaction transaction, TransactionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        ThrowIfOutage(eventData.Exception);
        return Task.CompletedTask;
    }

    private static void MakePortable(DbCommand command)
    {
        foreach (DbParameter parameter in command.Parameters)
        {
            if (parameter.Value is string text)
            {
                parameter.Value = PortableText.Of(text);
            }
        }
    }

    private void ThrowIfOutage(Exception error)
    {
        if (PostgresServer.IsOutage(error) && error is not PostgresException { SqlState: PostgresErrorCodes.UndefinedTable }) // EF Core's migration asks that way whether it is the first
        {
            server.Connections.Clear(); // the idle connections are probably as dead
            throw server.Translate(error);
        }
    }
}
