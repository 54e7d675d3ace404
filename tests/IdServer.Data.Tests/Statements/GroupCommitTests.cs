using IdServer.Data.Statements;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Statements;

public sealed class GroupCommitTests : IAsyncLifetime
{
    private TestDatabase file = null!;
    private IDatabase database = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    public async ValueTask InitializeAsync()
    {
        file = await TestDatabase.CreateAsync();
        database = file.Open().GetRequiredService<IDatabase>();
    }

    public ValueTask DisposeAsync() => file.DisposeAsync();

    [Fact]
    public async Task A_failing_transaction_is_undone_alone()
    {
        using var batch = await BatchAsync();
        var before = database.WriteAsync(statements => InsertAsync(statements, "before"), Ct).AsTask();
        var failing = database.WriteAsync<int>(
            async statements =>
            {
                await InsertAsync(statements, "failing");
                throw new InvalidTimeZoneException("The caller's own failure.");
            },
            Ct).AsTask();
        var violating = database.WriteAsync(
            async statements =>
            {
                await InsertAsync(statements, "violating");
                return await InsertAsync(statements, "before");
            },
            Ct).AsTask();
        var uncommitted = database.WriteAsync(_ => new ValueTask<long>(file.Count("clients")), Ct).AsTask();
        var after = database.WriteAsync(statements => InsertAsync(statements, "after"), Ct).AsTask();
        batch.Go();

        await before;
        await after;
        Assert.Equal("The caller's own failure.", (await Assert.ThrowsAsync<InvalidTimeZoneException>(() => failing)).Message);
        Assert.Equal(19, (await Assert.ThrowsAsync<SqliteException>(() => violating)).SqliteErrorCode); // SQLITE_CONSTRAINT
        Assert.Equal(0, await uncommitted); // so they did share one transaction
        Assert.Equal(["after", "before", "first"], await ClientsAsync());
    }

    [Fact]
    public async Task Nobody_is_answered_before_the_commit()
    {
        using var batch = await BatchAsync();
        var early = database.WriteAsync(statements => InsertAsync(statements, "early"), Ct).AsTask();
        var late = database.WriteAsync(
            async statements =>
            {
                await InsertAsync(statements, "late");
                return (Answered: early.IsCompleted, InTheFile: file.Count("clients"));
            },
            Ct).AsTask();
        batch.Go();

        Assert.Equal((false, 0), await late);
        Assert.Equal(3, file.Count("clients"));
    }

    [Fact]
    public async Task When_the_shared_transaction_is_lost_every_caller_hears_of_it_and_nothing_is_written()
    {
        using var batch = await BatchAsync();
        var before = database.WriteAsync(statements => InsertAsync(statements, "before"), Ct).AsTask();
        var breaking = database.WriteAsync(statements => statements.ExecuteAsync("ROLLBACK"), Ct).AsTask();
        var after = database.WriteAsync(statements => InsertAsync(statements, "after"), Ct).AsTask();
        batch.Go();

        await Assert.ThrowsAnyAsync<Exception>(() => batch.First);
        await Assert.ThrowsAnyAsync<Exception>(() => before);
        await Assert.ThrowsAnyAsync<Exception>(() => breaking);
        await Assert.ThrowsAnyAsync<Exception>(() => after);
        Assert.Empty(await ClientsAsync());

        await database.WriteAsync(statements => InsertAsync(statements, "next"), Ct);
        Assert.Equal(["next"], await ClientsAsync());
    }

    [Fact]
    public async Task A_caller_that_gives_up_while_waiting_is_left_out_and_the_others_commit()
    {
        using var batch = await BatchAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var gone = database.WriteAsync(statements => InsertAsync(statements, "gone"), patience.Token).AsTask();
        var other = database.WriteAsync(statements => InsertAsync(statements, "other"), Ct).AsTask();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        batch.Go();

        await other;
        Assert.Equal(["first", "other"], await ClientsAsync());
    }

    [Fact]
    public async Task A_caller_that_gives_up_too_late_learns_that_its_transaction_was_committed()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);

        var written = await database.WriteAsync(
            statements =>
            {
                patience.Cancel();
                return InsertAsync(statements, "late");
            },
            patience.Token);

        Assert.Equal(1, written);
        Assert.Equal(["late"], await ClientsAsync());
    }

    [Fact]
    public async Task More_callers_than_may_wait_are_all_served()
    {
        using var batch = await BatchAsync();
        var many = Enumerable.Range(0, 3000).Select(i => database.WriteAsync(statements => InsertAsync(statements, $"client-{i}"), Ct).AsTask()).ToArray();
        batch.Go();

        await Task.WhenAll(many);

        Assert.Equal(3001, file.Count("clients"));
    }

    [Fact]
    public async Task What_waits_when_the_server_stops_is_written_and_what_comes_later_is_refused()
    {
        var process = file.Open();
        var stopping = process.GetRequiredService<IDatabase>();
        var waiting = Enumerable.Range(0, 100).Select(i => stopping.WriteAsync(statements => InsertAsync(statements, $"client-{i}"), Ct).AsTask()).ToArray();

        await process.DisposeAsync();

        await Task.WhenAll(waiting);
        Assert.Equal(100, file.Count("clients"));
        await Assert.ThrowsAsync<DatabaseUnavailableException>(async () => await stopping.WriteAsync(statements => InsertAsync(statements, "late"), Ct));
    }

    [Fact]
    public async Task A_reader_cannot_write() =>
        await Assert.ThrowsAsync<DatabaseUnavailableException>(async () => await database.ReadAsync(statements => InsertAsync(statements, "sneaky"), Ct));

    [Fact]
    public async Task Commits_wait_for_the_disk_and_foreign_keys_hold()
    {
        var pragmas = await database.WriteAsync(
            async statements => (
                await statements.FirstAsync("PRAGMA synchronous", row => row.Number(0)),
                await statements.FirstAsync("PRAGMA foreign_keys", row => row.Number(0)),
                await statements.FirstAsync("PRAGMA journal_mode", row => row.Text(0))),
            Ct);

        Assert.Equal((2, 1, "wal"), pragmas); // 2 is FULL
    }

    /// <summary>A transaction that has begun and waits, so that what comes after it is drained into the same commit.</summary>
    private async Task<Batch> BatchAsync()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new ManualResetEventSlim();
        var first = database.WriteAsync(
            statements =>
            {
                begun.SetResult();
                go.Wait(Ct);
                return InsertAsync(statements, "first");
            },
            Ct).AsTask();
        await begun.Task;
        return new Batch(first, go);
    }

    private static ValueTask<int> InsertAsync(PreparedStatements statements, string clientId) =>
        statements.ExecuteAsync("INSERT INTO clients (client_id, metadata, created_at, updated_at) VALUES ($1, '{}', 0, 0)", clientId);

    private ValueTask<IReadOnlyList<string>> ClientsAsync() =>
        database.ReadAsync(statements => statements.ListAsync("SELECT client_id FROM clients ORDER BY client_id", row => row.Text(0)), Ct);

    private sealed record Batch(Task<int> First, ManualResetEventSlim Gate) : IDisposable
    {
        public void Go() => Gate.Set();

        public void Dispose()
        {
            Gate.Set();
            Gate.Dispose();
        }
    }
}
