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
public sealed class PreparedStatements : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> prepared = new(StringComparer.Ordinal);
    private readonly DriverStatements? driver;
    private readonly IDisposable connection;
    private readonly sqlite3? sqlite;

    public PreparedStatements(DbConnection connection)
    {
        this.connection = connection;
        sqlite = (connection as SqliteConnection)?.Handle;
        driver = sqlite is null ? new DriverStatements(connection) : null;
    }

    internal PreparedStatements(sqlite3 database)
    {
        connection = database;
        sqlite = database;
    }

    /// <summary>Whether other transactions run beside this one (PostgreSQL, read committed). On SQLite each is alone.</summary>
    internal bool HasNeighbours => driver is not null;

    /// <summary>Set by <see cref="Changes.ChangeLog.TakeTurnAsync"/>.</summary>
    internal bool HasTurn { get; set; }

    /// <returns>How many rows were changed.</returns>
    public ValueTask<int> ExecuteAsync(string sql, params ReadOnlySpan<object?> values) =>
        driver is null ? new(Bind(sql, values).Execute()) : driver.ExecuteAsync(sql, values);

    /// <returns>The first row, or the default of <typeparamref name="T"/> when there is none.</returns>
    public ValueTask<T?> FirstAsync<T>(string sql, Func<Row, T> read, params ReadOnlySpan<object?> values) =>
        driver is null ? new(First(Bind(sql, values), read)) : driver.FirstAsync(sql, read, values);

    /// <returns>Every row.</returns>
    public ValueTask<IReadOnlyList<T>> ListAsync<T>(string sql, Func<Row, T> read, params ReadOnlySpan<object?> values) =>
        driver is null ? new(List(Bind(sql, values), read)) : driver.ListAsync(sql, read, values);

    /// <summary>Inserts many rows into one table: by COPY on PostgreSQL, one after the other on SQLite.</summary>
    /// <param name="columns">With commas between them, as SQL has it. What is left out gets its default.</param>
    public async ValueTask InsertAsync(string table, string columns, IEnumerable<object?[]> rows)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        if (driver?.Connection is NpgsqlConnection postgres)
        {
            await using var copy = await postgres.BeginBinaryImportAsync($"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)");
            foreach (var row in rows)
            {
                await copy.WriteRowAsync(CancellationToken.None, Array.ConvertAll(row, DriverStatements.Stored));
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
        foreach (var statement in prepared.Values)
        {
            statement.Dispose();
        }

        driver?.Dispose();
        connection.Dispose();
    }

    /// <summary>For SQLite's transaction control.</summary>
    internal void Execute(string sql) => Bind(sql, []).Execute();

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
        var statement = Bind(sql, []);
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

    private SqliteStatement Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!prepared.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(sqlite!, sql);
            prepared.Add(sql, statement);
        }

        statement.Bind(values);
        return statement;
    }
}
