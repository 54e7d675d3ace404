using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace IdServer.Data.Statements;

/// <summary>
/// Prepared statements on one connection, kept by their text. Placeholders are <c>$1</c>, <c>$2</c>, ...; a value is text, a number, a truth value, bytes,
/// a <see cref="Guid"/>, a <see cref="DateTimeOffset"/> or null. Not for concurrent use. On PostgreSQL one instance lives as long as one transaction; there the
/// driver keeps what it has prepared with its physical connections.
/// </summary>
public sealed class PreparedStatements(DbConnection connection) : IDisposable
{
    private readonly Dictionary<string, IDisposable> prepared = new(StringComparer.Ordinal);
    private readonly sqlite3? sqlite = (connection as SqliteConnection)?.Handle;

    /// <summary>Whether other transactions run beside this one (PostgreSQL, read committed). On SQLite each is alone.</summary>
    internal bool HasNeighbours => sqlite is null;

    /// <summary>Set by <see cref="Changes.ChangeLog.TakeTurnAsync"/>.</summary>
    internal bool HasTurn { get; set; }

    /// <returns>How many rows were changed.</returns>
    public ValueTask<int> ExecuteAsync(string sql, params ReadOnlySpan<object?> values) =>
        sqlite is null ? new(Bind(sql, values).ExecuteNonQueryAsync()) : new(Bind(sqlite, sql, values).Execute());

    /// <returns>The first row, or the default of <typeparamref name="T"/> when there is none.</returns>
    public ValueTask<T?> FirstAsync<T>(string sql, Func<Row, T> read, params ReadOnlySpan<object?> values) =>
        sqlite is null ? FirstAsync(Bind(sql, values), read) : new(First(Bind(sqlite, sql, values), read));

    /// <returns>Every row.</returns>
    public ValueTask<IReadOnlyList<T>> ListAsync<T>(string sql, Func<Row, T> read, params ReadOnlySpan<object?> values) =>
        sqlite is null ? ListAsync(Bind(sql, values), read) : new(List(Bind(sqlite, sql, values), read));

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

    /// <summary>For SQLite's transaction control.</summary>
    internal void Execute(string sql) => Bind(sqlite!, sql, []).Execute();

    private static T? First<T>(SqliteStatement statement, Func<Row, T> read)
    {
        try
        {
            return statement.Step() ? read(new Row(statement)) : default;
        }
        finally
        {
            statement.Reset();
        }
    }

    private static List<T> List<T>(SqliteStatement statement, Func<Row, T> read)
    {
        try
        {
            var rows = new List<T>();
            while (statement.Step())
            {
                rows.Add(read(new Row(statement)));
            }

            return rows;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Likewise: a number of the only row.</summary>
    internal long Number(string sql, int column = 0)
    {
        var statement = Bind(sqlite!, sql, []);
        try
        {
            statement.Step();
            return statement.Number(column);
        }
        finally
        {
            statement.Reset();
        }
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

    private SqliteStatement Bind(sqlite3 database, string sql, ReadOnlySpan<object?> values)
    {
        if (!prepared.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(database, sql);
            prepared.Add(sql, statement);
        }

        var bound = (SqliteStatement)statement;
        bound.Bind(values);
        return bound;
    }

    private DbCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!prepared.TryGetValue(sql, out var statement))
        {
            statement = Prepare(sql, values.Length);
            prepared.Add(sql, statement);
        }

        var command = (DbCommand)statement;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = Stored(values[i]);
        }

        return command;
    }

    private static object Stored(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToByteArray(bigEndian: true),
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        string text => PortableText.Of(text),
        _ => value,
    };

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
