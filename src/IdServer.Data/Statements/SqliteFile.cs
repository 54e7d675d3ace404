using Microsoft.Data.Sqlite;

namespace IdServer.Data.Statements;

/// <summary>The database file: how to open it, and what its failures mean.</summary>
internal sealed class SqliteFile
{
    private const int SecondsToWaitForALock = 5;

    // WAL: readers and the writer do not wait for one another. FULL: a commit survives a power cut (with NORMAL the last ones may not).
    private const string Pragmas = "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;";

    private readonly string creating;
    private int epoch;

    public SqliteFile(string connectionString)
    {
        var settings = new SqliteConnectionStringBuilder(connectionString) { DefaultTimeout = SecondsToWaitForALock };
        if (string.IsNullOrEmpty(settings.DataSource) || settings.DataSource.Contains(":memory:", StringComparison.Ordinal) || settings.Mode == SqliteOpenMode.Memory)
        {
            throw new ArgumentException("The SQLite connection string names no file: write \"Data Source=\" and the path of one.", nameof(connectionString));
        }

        Path = System.IO.Path.GetFullPath(settings.DataSource);
        settings.DataSource = Path;
        settings.Mode = SqliteOpenMode.ReadWriteCreate;
        creating = settings.ToString();
        settings.Mode = SqliteOpenMode.ReadWrite; // a file that has vanished is an outage, not a reason to begin with an empty one
        ConnectionString = settings.ToString();
    }

    public string Path { get; }

    /// <summary>Opens the file, which must be there.</summary>
    public string ConnectionString { get; }

    /// <summary>Grows when the file was found missing: connections opened before look at a file that nobody else can see.</summary>
    public int Epoch => Volatile.Read(ref epoch);

    /// <summary>Makes the file and its directory where they are missing.</summary>
    public void Create()
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            using var connection = new SqliteConnection(creating);
            connection.Open();
            ApplyPragmas(connection);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseUnavailableException($"The directory of the database file {Path} cannot be made: {e.Message}", e);
        }
        catch (SqliteException e)
        {
            throw Translate(e);
        }
    }

    /// <exception cref="DatabaseUnavailableException">The file is missing or cannot be opened.</exception>
    public SqliteConnection Open()
    {
        ThrowIfMissing();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(ConnectionString) { Pooling = false }.ToString());
        try
        {
            connection.Open();
            ApplyPragmas(connection);
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Translate(e);
        }
    }

    /// <summary>An open connection does not notice that its file has been removed, and would go on writing into nothing.</summary>
    public void ThrowIfMissing()
    {
        if (File.Exists(Path))
        {
            return;
        }

        Interlocked.Increment(ref epoch);
        Close();
        throw new DatabaseUnavailableException($"The database file {Path} is missing: restore it, correct the path, or run the verb migrate to begin a new one.");
    }

    /// <summary>Closes EF Core's idle connections.</summary>
    public void Close()
    {
        using var connection = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(connection);
    }

    public static void ApplyPragmas(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    /// <summary>The outage this error is, or the error itself when it is a bug (a violated constraint, wrong SQL).</summary>
    public Exception Translate(SqliteException error)
    {
        // https://sqlite.org/rescode.html
        var sentence = error.SqliteErrorCode switch
        {
            5 or 6 => $"has been locked by another process for more than {SecondsToWaitForALock} seconds: end that process.",
            3 or 14 or 23 => "is missing or cannot be opened: check the path and the permissions of the file and its directory.",
            8 => "is read-only: this process must be able to write the file and its directory.",
            10 => "cannot be read or written: the disk reports an error.",
            13 => "cannot grow: the disk is full.",
            11 or 26 => "is damaged or not an SQLite database: restore it from a backup.",
            1 when error.Message.Contains("no such table", StringComparison.Ordinal) => "has no tables: run the verb migrate.",
            _ => null,
        };
        return sentence is null ? error : new DatabaseUnavailableException($"The database file {Path} {sentence}", error);
    }
}
