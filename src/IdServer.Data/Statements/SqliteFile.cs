using System.Globalization;
using IdServer.Data.Cluster;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IdServer.Data.Statements;

/// <summary>The database file: how to open it, and what its failures mean. A lock of another process is waited for 5 seconds, or as many as the connection string's <c>Default Timeout</c> says.</summary>
internal sealed class SqliteFile : IDisposable
{
    private const string Timeout = "Default Timeout";
    private const int UsualLockTimeout = 5; // seconds

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly string connectionString;
    private readonly bool isPlain;
    private readonly string pragmas;
    private readonly int lockTimeout;
    private string? pooled;
    private int epoch;

    public SqliteFile(string connectionString)
    {
        this.connectionString = connectionString;
        var plain = PlainConnectionString.Of(connectionString);
        isPlain = plain is not null;
        var (path, timeout) = plain ?? Read(connectionString);
        Path = System.IO.Path.GetFullPath(path);
        lockTimeout = Math.Max(1, timeout ?? UsualLockTimeout);

        // WAL: readers and the writer do not wait for one another. FULL: a commit survives a power cut (with NORMAL the last ones may not).
        pragmas = string.Create(
            CultureInfo.InvariantCulture, $"PRAGMA busy_timeout={lockTimeout * 1000}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
    }

    public string Path { get; }

    /// <summary>For EF Core, whose idle connections the driver keeps. Opens the file, which must be there.</summary>
    public string ConnectionString => pooled ??= ConnectionStringOf(pooling: true);

    /// <summary>Grows when the file was found missing: connections opened before look at a file that nobody else can see.</summary>
    public int Epoch => Volatile.Read(ref epoch);

    /// <summary>Makes the file, readable by its owner only, and its directory where they are missing.</summary>
    public void Create()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            new FileStream(Path, options).Dispose(); // to SQLite, a file of no bytes is a database of no tables
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseUnavailableException($"The database file {Path} cannot be made: {e.Message}", e);
        }
    }

    /// <summary>Waits for a turn among the processes on this file, which ends when the result is disposed or the process ends.</summary>
    public async Task<FileStream> TakeTurnAsync(Turn turn, CancellationToken ct)
    {
        var path = $"{Path}.{turn.ToString().ToLowerInvariant()}";
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                await Task.Delay(Pause, ct); // an advisory lock cannot be waited for
            }
        }
    }

    /// <exception cref="DatabaseUnavailableException">The file is missing or cannot be opened.</exception>
    public PreparedStatements Open()
    {
        ThrowIfMissing();
        return isPlain ? OpenFile() : OpenByDriver();
    }

    /// <summary>An open connection does not notice that its file has been removed, and would go on writing into nothing.</summary>
    public void ThrowIfMissing()
    {
        if (File.Exists(Path))
        {
            return;
        }

        Interlocked.Increment(ref epoch);
        Dispose();
        throw new DatabaseUnavailableException($"The database file {Path} is missing: restore it, correct the path, or run the verb migrate to begin a new one.");
    }

    /// <summary>Closes EF Core's idle connections.</summary>
    public void Dispose()
    {
        if (pooled is not null)
        {
            ClosePooled(pooled);
        }
    }

    public void ApplyPragmas(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // made of a number
        command.CommandText = pragmas;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>SQLite's code of this error; null when it is none of SQLite's. Who asks here does not load the driver to learn that nothing went wrong.</summary>
    public static int? CodeOf(Exception error) => (error as SqliteException)?.SqliteErrorCode;

    /// <summary>The outage this error is, or the error itself when it is a bug (a violated constraint, wrong SQL).</summary>
    public Exception Translate(Exception error)
    {
        // https://sqlite.org/rescode.html
        var sentence = CodeOf(error) switch
        {
            5 or 6 => $"has been locked by another process for more than {lockTimeout} seconds: end that process.",
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

    private static PlainConnectionString Read(string connectionString)
    {
        var settings = new SqliteConnectionStringBuilder(connectionString);
        return string.IsNullOrEmpty(settings.DataSource) || settings.DataSource.Contains(":memory:", StringComparison.Ordinal) || settings.Mode == SqliteOpenMode.Memory
            ? throw new ArgumentException("The SQLite connection string names no file: write \"Data Source=\" and the path of one.", nameof(connectionString))
            : new(settings.DataSource, settings.ShouldSerialize(Timeout) ? settings.DefaultTimeout : null);
    }

    private static void ClosePooled(string connectionString)
    {
        using var connection = new SqliteConnection(connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private string ConnectionStringOf(bool pooling) => new SqliteConnectionStringBuilder(connectionString)
    {
        DataSource = Path,
        Mode = SqliteOpenMode.ReadWrite, // a file that has vanished is an outage, not a reason to begin with an empty one
        DefaultTimeout = lockTimeout,
        Pooling = pooling,
    }.ToString();

    private PreparedStatements OpenFile()
    {
        Batteries_V2.Init();
        var result = raw.sqlite3_open_v2(Path, out var database, raw.SQLITE_OPEN_READWRITE, null);
        if (result == raw.SQLITE_OK)
        {
            result = raw.sqlite3_exec(database, pragmas);
        }

        return result == raw.SQLITE_OK ? new PreparedStatements(database) : throw Closed(database, result);
    }

    private Exception Closed(sqlite3 database, int result)
    {
        try
        {
            SqliteException.ThrowExceptionForRC(result, database);
            throw new InvalidOperationException($"SQLite answers {result}."); // never: that was an error
        }
        catch (SqliteException e)
        {
            return Translate(e);
        }
        finally
        {
            database.Dispose();
        }
    }

    private PreparedStatements OpenByDriver()
    {
        var connection = new SqliteConnection(ConnectionStringOf(pooling: false));
        try
        {
            connection.Open();
            ApplyPragmas(connection);
            return new PreparedStatements(connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Translate(e);
        }
    }
}
