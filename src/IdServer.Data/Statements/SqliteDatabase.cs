using System.Collections.Concurrent;

namespace IdServer.Data.Statements;

/// <summary>SQLite: readers on connections of their own, as many as read at a moment; one writer.</summary>
internal sealed class SqliteDatabase(SqliteFile file, WriteLane lane) : IDatabase, IDisposable
{
    private readonly GroupCommitWriter writer = new(file, lane);
    private readonly ConcurrentBag<Reader> idle = [];

    public async ValueTask<T> ReadAsync<T>(Func<PreparedStatements, ValueTask<T>> read, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        file.ThrowIfMissing();
        var reader = TakeReader();
        try
        {
            var result = await read(reader.Statements);
            idle.Add(reader);
            return result;
        }
        catch (Exception e)
        {
            reader.Statements.Dispose();
            if (SqliteFile.CodeOf(e) is not null && file.Translate(e) is DatabaseUnavailableException outage)
            {
                throw outage;
            }

            throw;
        }
    }

    public ValueTask<T> WriteAsync<T>(Func<PreparedStatements, ValueTask<T>> write, CancellationToken ct) => writer.WriteAsync(write, ct);

    public void Dispose()
    {
        writer.Dispose();
        while (idle.TryTake(out var reader))
        {
            reader.Statements.Dispose();
        }
    }

    private Reader TakeReader()
    {
        while (idle.TryTake(out var reader))
        {
            if (reader.Epoch == file.Epoch)
            {
                return reader;
            }

            reader.Statements.Dispose();
        }

        var opened = new Reader(file.Open(), file.Epoch);
        opened.Statements.Execute("PRAGMA query_only=ON");
        return opened;
    }

    private sealed record Reader(PreparedStatements Statements, int Epoch);
}
