namespace IdServer.Data.Statements;

/// <summary>
/// Moves what is committed from the write-ahead log into the database file, on a thread and connection of its own. In a large file the pages of a thousand commits lie
/// anywhere, and flushing them takes tens of milliseconds: by itself SQLite does that inside a commit, while everybody waits.
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    private const int LongestLog = 16_384; // pages of 4 KB. Soon after, the log begins anew in the same file.

    private readonly AutoResetEvent due = new(false);
    private readonly SqliteFile file;
    private readonly WriteLane lane;
    private readonly Thread thread;
    private PreparedStatements? statements;
    private int epoch;
    private volatile bool closing;

    public Checkpointer(SqliteFile file, WriteLane lane)
    {
        this.file = file;
        this.lane = lane;
        thread = new Thread(Run) { IsBackground = true, Name = "IdServer checkpoints" }; // its own: it blocks while the disk flushes
        thread.Start();
    }

    /// <summary>There is something to move. Returns at once.</summary>
    public void Wake() => due.Set();

    public void Dispose()
    {
        closing = true;
        due.Set();
        thread.Join();
        due.Dispose();
    }

    private void Run()
    {
        while (due.WaitOne() && !closing)
        {
            try
            {
                Move();
            }
            catch (Exception e) when (e is DatabaseUnavailableException || SqliteFile.CodeOf(e) is not null)
            {
                Close(); // nothing is lost: it stays in the log, and whoever writes meets the same trouble and tells of it
            }
        }

        Close();
    }

    private void Move()
    {
        file.ThrowIfMissing();
        if (statements is null || epoch != file.Epoch)
        {
            Close();
            epoch = file.Epoch;
            statements = file.Open();
        }

        if (Checkpoint(statements) <= LongestLog)
        {
            return;
        }

        // Those who write go on writing behind its back. The log begins anew when all of it has been moved, so they wait once while the little that is new is.
        lane.Enter();
        try
        {
            Checkpoint(statements);
        }
        finally
        {
            lane.Leave();
        }
    }

    // https://sqlite.org/pragma.html#pragma_wal_checkpoint: PASSIVE waits for nobody; the second column is the length of the log.
    private static long Checkpoint(PreparedStatements statements) => statements.Number("PRAGMA wal_checkpoint(PASSIVE)", column: 1);

    private void Close()
    {
        statements?.Dispose();
        statements = null;
    }
}
