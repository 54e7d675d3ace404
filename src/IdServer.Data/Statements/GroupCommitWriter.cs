using System.Threading.Channels;

namespace IdServer.Data.Statements;

/// <summary>
/// The one connection that writes. SQLite has a single writer and every commit waits for the disk, so the transactions of all callers that wait at a moment
/// share one durable commit; inside it each but the first has a savepoint of its own, and one that fails is undone alone. Where they come close together the writer
/// pauses between two commits for a fraction of a millisecond, so that more of them share the next; a caller alone waits for its own commit only.
/// </summary>
internal sealed class GroupCommitWriter : IDisposable
{
    private const int MostPerCommit = 256;
    private const int MostWaiting = 1024;
    private const int RowsPerCheckpoint = 500;
    private const string Begin = "BEGIN IMMEDIATE";

    // Synchronous: whoever queues wakes the writer itself, without a thread of the pool between them.
    private readonly Channel<WriteItem> queue = Channel.CreateBounded<WriteItem>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly SqliteFile file;
    private readonly WriteLane lane;
    private readonly Checkpointer checkpointer;
    private readonly Action pause;
    private readonly Thread thread;
    private PreparedStatements? statements;
    private int epoch;
    private long moved; // rows written when the checkpointer was woken last

    /// <param name="pause">Lets neighbours gather; by default <see cref="BriefPause"/>.</param>
    public GroupCommitWriter(SqliteFile file, WriteLane lane, Action? pause = null)
    {
        this.file = file;
        this.lane = lane;
        this.pause = pause ?? BriefPause.Take;
        checkpointer = new Checkpointer(file, lane);
        thread = new Thread(Run) { IsBackground = true, Name = "IdServer database writer" }; // its own: it blocks while the disk flushes
        thread.Start();
    }

    public async ValueTask<T> WriteAsync<T>(Func<PreparedStatements, ValueTask<T>> write, CancellationToken ct)
    {
        var item = new WriteItem<T>(write);
        try
        {
            await queue.Writer.WriteAsync(item, ct);
        }
        catch (ChannelClosedException e)
        {
            throw new DatabaseUnavailableException($"The database file {file.Path} has been closed: the server is shutting down.", e);
        }

        using (ct.UnsafeRegister(static (item, ct) => ((WriteItem)item!).Cancel(ct), item))
        {
            return await item.Task;
        }
    }

    /// <summary>Writes what is waiting, then closes the connection.</summary>
    public void Dispose()
    {
        queue.Writer.TryComplete();
        thread.Join();
        checkpointer.Dispose();
    }

    private void Run()
    {
        var batch = new List<WriteItem>(MostPerCommit);
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            lane.Enter();
            try
            {
                Commit(batch);
            }
            catch (Exception e)
            {
                Abandon(batch, file.Translate(e));
            }
            finally
            {
                lane.Leave();
            }

            var crowded = batch.Count + queue.Reader.Count > 1; // several shared this commit, or somebody came while it was made
            foreach (var item in batch)
            {
                item.Answer();
            }

            batch.Clear();
            if (crowded)
            {
                pause();
            }
        }

        statements?.Dispose();
    }

    private void Commit(List<WriteItem> batch)
    {
        file.ThrowIfMissing();
        if (statements is null || epoch != file.Epoch)
        {
            statements?.Dispose();
            epoch = file.Epoch;
            statements = file.Open();
            statements.Execute("PRAGMA wal_autocheckpoint=0"); // the checkpointer does it
            moved = 0;
        }

        statements.Execute(Begin);
        while (batch.Count < MostPerCommit && queue.Reader.TryRead(out var item))
        {
            if (item.TryTake())
            {
                batch.Add(item);
                if (batch.Count == 1)
                {
                    ApplyFirst(item, statements);
                }
                else
                {
                    Apply(item, statements);
                }
            }
        }

        statements.Execute("COMMIT");
        var written = statements.Number("SELECT total_changes()");
        if (written - moved >= RowsPerCheckpoint)
        {
            moved = written;
            checkpointer.Wake();
        }
    }

    // Before the second one comes, undoing it is beginning anew: a caller alone in its commit, which is the usual thing on a quiet server, pays for no savepoint.
    private void ApplyFirst(WriteItem item, PreparedStatements statements)
    {
        try
        {
            item.Run(statements);
        }
        catch (Exception e)
        {
            item.Fail(file.Translate(e));
            statements.Execute("ROLLBACK");
            statements.Execute(Begin);
        }
    }

    private void Apply(WriteItem item, PreparedStatements statements)
    {
        statements.Execute("SAVEPOINT item");
        try
        {
            item.Run(statements);
        }
        catch (Exception e)
        {
            item.Fail(file.Translate(e));
            statements.Execute("ROLLBACK TO item"); // fails when the error has undone the whole transaction: then all of the batch fails
        }

        statements.Execute("RELEASE item");
    }

    // Whoever waits has waited for the same broken database: they fail now, not one batch after the other. Closing the connection undoes what was not committed.
    private void Abandon(List<WriteItem> batch, Exception failure)
    {
        statements?.Dispose();
        statements = null;
        for (var waiting = queue.Reader.Count; waiting > 0 && queue.Reader.TryRead(out var item); waiting--)
        {
            if (item.TryTake())
            {
                batch.Add(item);
            }
        }

        foreach (var item in batch)
        {
            item.Fail(failure);
        }
    }
}
