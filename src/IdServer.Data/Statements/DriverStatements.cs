using System.Data.Common;

namespace IdServer.Data.Statements;

/// <summary>Commands of ADO.NET on one connection, kept by their text: what <see cref="PreparedStatements"/> is on PostgreSQL.</summary>
internal sealed class DriverStatements(DbConnection connection) : IDisposable
{
    private readonly Dictionary<string, DbCommand> prepared = new(StringComparer.Ordinal);

    public DbConnection Connection => connection;

    public ValueTask<int> ExecuteAsync(string sql, ReadOnlySpan<object?> values) => new(Bind(sql, values).ExecuteNonQueryAsync());

    public ValueTask<T?> FirstAsync<T>(string sql, Func<Row, T> read, ReadOnlySpan<object?> values) => FirstAsync(Bind(sql, values), read);

    public ValueTask<IReadOnlyList<T>> ListAsync<T>(string sql, Func<Row, T> read, ReadOnlySpan<object?> values) => ListAsync(Bind(sql, values), read);

    /// <summary>The connection is its owner's.</summary>
    public void Dispose()
    {
        foreach (var command in prepared.Values)
        {
            command.Dispose();
        }
    }

    public static object Stored(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToByteArray(bigEndian: true),
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        string text => PortableText.Of(text),
        _ => value,
    };

    private static async ValueTask<T?> FirstAsync<T>(DbCommand command, Func<Row, T> read)
    {
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? read(new Row(reader)) : default;
    }

    private static async ValueTask<IReadOnlyList<T>> ListAsync<T>(DbCommand command, Func<Row, T> read)
    {
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(new Row(reader)));
        }

        return rows;
    }

    private DbCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
            command = Prepare(sql, values.Length);
            prepared.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = Stored(values[i]);
        }

        return command;
    }

    private DbCommand Prepare(string sql, int parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant of this project; values are parameters
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < parameters; i++)
        {
            command.Parameters.Add(command.CreateParameter()); // without a name: Npgsql then takes $1 as a place
        }

        return command;
    }
}
