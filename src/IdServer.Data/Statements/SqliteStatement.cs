using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IdServer.Data.Statements;

/// <summary>
/// One prepared statement of SQLite, called directly: Microsoft.Data.Sqlite makes a reader, a record and a name per parameter for every execution, which was a third of what a
/// rotated refresh token allocated. Connections, errors and pragmas stay the driver's. Not for concurrent use.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int LongestOnStack = 512;

    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;
    private readonly bool writes;
    private readonly int[] places; // $2 may stand before $1, and to SQLite they are names

    public SqliteStatement(sqlite3 database, string sql)
    {
        this.database = database;
        Demand(raw.sqlite3_prepare_v2(database, sql, out statement));
        writes = raw.sqlite3_stmt_readonly(statement) == 0;
        places = new int[raw.sqlite3_bind_parameter_count(statement)];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = raw.sqlite3_bind_parameter_index(statement, string.Create(CultureInfo.InvariantCulture, $"${i + 1}"));
        }
    }

    /// <param name="values">For <c>$1</c>, <c>$2</c>, ... in this order.</param>
    public void Bind(ReadOnlySpan<object?> values)
    {
        if (values.Length != places.Length)
        {
            throw new ArgumentException($"The statement takes {places.Length} values, not {values.Length}.", nameof(values));
        }

        for (var i = 0; i < values.Length; i++)
        {
            Demand(Bind(places[i], values[i]));
        }
    }

    /// <summary>Runs to the end.</summary>
    /// <returns>How many rows were changed; -1 for a statement that changes none.</returns>
    public int Execute()
    {
        try
        {
            while (Step())
            {
            }

            return writes ? raw.sqlite3_changes(database) : -1;
        }
        finally
        {
            Reset();
        }
    }

    /// <returns>False when there is no further row.</returns>
    public bool Step()
    {
        var result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        Demand(result);
        return false;
    }

    /// <summary>Ready to be run again. What went wrong in a step was said by the step.</summary>
    public void Reset() => raw.sqlite3_reset(statement);

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public ReadOnlySpan<byte> Bytes(int column)
    {
        var bytes = raw.sqlite3_column_blob(statement, column);
        return bytes.IsEmpty && IsNull(column) ? throw Missing(column) : bytes;
    }

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string() ?? throw Missing(column);

    public long Number(int column)
    {
        var number = raw.sqlite3_column_int64(statement, column);
        return number == 0 && IsNull(column) ? throw Missing(column) : number;
    }

    public void Dispose() => statement.Dispose();

    private static InvalidOperationException Missing(int column) => new($"Column {column} of the row is NULL.");

    private int Bind(int place, object? value)
    {
        switch (value)
        {
            case null:
                return raw.sqlite3_bind_null(statement, place);

            case string text:
                return BindText(place, text);

            case Guid id:
                Span<byte> bytes = stackalloc byte[16];
                id.TryWriteBytes(bytes, bigEndian: true, out _);
                return raw.sqlite3_bind_blob(statement, place, bytes);

            case byte[] { Length: 0 }:
                return raw.sqlite3_bind_zeroblob(statement, place, 0); // a pointer to nothing would be NULL

            case byte[] blob:
                return raw.sqlite3_bind_blob(statement, place, blob);

            case DateTimeOffset time:
                return raw.sqlite3_bind_int64(statement, place, time.ToUnixTimeMilliseconds());

            case bool flag:
                return raw.sqlite3_bind_int64(statement, place, flag ? 1 : 0);

            case int number:
                return raw.sqlite3_bind_int64(statement, place, number);

            case long number:
                return raw.sqlite3_bind_int64(statement, place, number);

            default:
                throw new ArgumentException($"A statement takes no {value.GetType()}.", nameof(value));
        }
    }

    private int BindText(int place, string text)
    {
        if (text.Length == 0)
        {
            return raw.sqlite3_bind_text(statement, place, ""); // likewise
        }

        byte[]? rented = null;
        var longest = Encoding.UTF8.GetMaxByteCount(text.Length);
        var bytes = longest <= LongestOnStack ? stackalloc byte[LongestOnStack] : rented = ArrayPool<byte>.Shared.Rent(longest);
        try
        {
            return raw.sqlite3_bind_text(statement, place, bytes[..Encoding.UTF8.GetBytes(text, bytes)]); // SQLite copies it
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private void Demand(int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_DONE))
        {
            Fail(result);
        }
    }

    // Apart, so that the driver is loaded when something has gone wrong.
    private void Fail(int result) => SqliteException.ThrowExceptionForRC(result, database);
}
