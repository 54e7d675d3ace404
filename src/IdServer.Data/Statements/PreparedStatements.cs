using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace IdServer.Data.Statements;

/// <summary>
/// Prepared statements on one connection, kept by their text. Placeholders are <c>$1</c>, <c>$2</c>, ...; a value is text, a number, a truth value, bytes,
/// a <see cref="Guid"/>, a <see cref="DateTimeOffset"/> or null. Not for concurrent use. On PostgreSQL one instance lives as long as one transaction; there the
/// driver keeps what it has prepared with its physical connections.
/// </summary>
public sealed class PreparedStatements(DbConnection connection) : IDisposable
{
    private readonly Dictionary<string, DbCommand> prepared = new(StringComparer.Ordinal);

    /// <summary>Whether other transactions run beside this one (PostgreSQL, read committed). On SQLite each is alone.</summary>
    internal bool HasNeighbours { get; } = connection is not SqliteConnection; // asking for Npgsql's would load Npgsql

    /// <summary>Set by <see cref="Changes.ChangeLog.TakeTurnAsync"/>.</summary>
    internal bool HasTurn { get; set; }

    /// <returns>How many rows were changed.</returns>
    public ValueTask<int> ExecuteAsync(string sql, params ReadOnlySpan<object?> values) => new(Bind(sql, values).ExecuteNonQueryAsync());

    /// <returns>The first row, or the default of <typeparamref name="T"/> when there is none.</returns>
    public ValueTask<T?> FirstAsync<T>(string sql, Func<Row, T> read, params ReadOnlySpan<object?> values) => FirstAsync(Bind(sql, values), read);

    /// <returns>Every row.</returns>
    public ValueTask<IReadOnlyList<T>> ListAsync<T>(string sql, Func<Row, T> read, params ReadOnlySpan<object?> values) => ListAsync(Bind(sql, values), read);

    /// <summary>Inserts many rows into one table: by COPY on PostgreSQL, one after the other on SQLite.</summary>
    /// <param name="columns">With commas between them, as SQL has it. What is left out gets its default.</param>
    public async ValueTask InsertAsync(string table, string columns, IEnumerable<object?[]> rows)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        if (connection is NpgsqlConnection postgres)
        {
            await using var copy = await postgres.BeginBinaryImportAsync($"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)");
            foreach (var row in rows)
            {
                await copy.WriteRowAsync(CancellationToken.None, Array.ConvertAll(row, Stored));
            }

            await copy.CompleteAsync();
            return;
        }

        var places = Enumerable.Range(1, columns.AsSpan().Count(',') + 1).Select(number => string.Create(CultureInfo.InvariantCulture, $"${number}"));
        var insert = $"INSERT INTO {table} ({columns}) VALUES ({string.Join(", ", places)})";
        foreach (var row in rows)
        {
            await ExecuteAsync(insert, row);
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose()
    {
        foreach (var command in prepared.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }

    /// <summary>For the transaction control of an engine whose driver is synchronous.</summary>
    internal void Execute(string sql) => Bind(sql, []).ExecuteNonQuery();

    /// <summary>Likewise: a number of the only row.</summary>
    internal long Number(string sql, int column = 0)
    {
        using var reader = Bind(sql, []).ExecuteReader();
        reader.Read();
        return reader.GetInt64(column);
    }

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

    private object Stored(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToByteArray(bigEndian: true),
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        string text when HasNeighbours => PortableText.Of(text),
        _ => value,
    };

    private DbCommand Prepare(string sql, int parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant of this project; values are parameters
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 1; i <= parameters; i++)
        {
            var parameter = command.CreateParameter();
            if (!HasNeighbours) // Npgsql takes $1 as a place when the parameter has no name
            {
                parameter.ParameterName = "$" + i.ToString(CultureInfo.InvariantCulture);
            }

            command.Parameters.Add(parameter);
        }

        return command;
    }
}
