using System.Data;
using Npgsql;

namespace IdServer.Data.Statements;

/// <summary>PostgreSQL: every read and every transaction takes a pooled connection; the server itself groups the commits of those that wait at a moment.</summary>
internal sealed class PostgresDatabase(PostgresServer server) : IDatabase
{
    private const int Attempts = 5;

    public async ValueTask<T> ReadAsync<T>(Func<PreparedStatements, ValueTask<T>> read, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var statements = new PreparedStatements(await server.Connections.OpenConnectionAsync(ct));
                return await read(statements);
            }
            catch (Exception e) when (attempt < Attempts && PostgresServer.IsPassing(e))
            {
                ForgetBroken(e);
            }
            catch (Exception e) when (PostgresServer.IsOutage(e))
            {
                throw server.Translate(e);
            }
        }
    }

    public async ValueTask<T> WriteAsync<T>(Func<PreparedStatements, ValueTask<T>> write, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var committing = false;
            try
            {
                var connection = await server.Connections.OpenConnectionAsync(ct);
                using var statements = new PreparedStatements(connection);
                await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, CancellationToken.None);
                var result = await write(statements);
                committing = true;
                await transaction.CommitAsync(CancellationToken.None);
                return result;
            }
            catch (Exception e) when (attempt < Attempts && PostgresServer.IsPassing(e) && (!committing || e is PostgresException { SqlState: ['4', '0', ..] }))
            {
                ForgetBroken(e); // a commit whose answer was lost may have happened: that one is not repeated
            }
            catch (Exception e) when (PostgresServer.IsOutage(e))
            {
                throw server.Translate(e);
            }
        }
    }

    // The server has ended one connection, so it has ended the idle ones too.
    private void ForgetBroken(Exception e)
    {
        if (e is not PostgresException { SqlState: ['4', '0', ..] })
        {
            server.Connections.Clear();
        }
    }
}
