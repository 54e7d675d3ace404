using System.Diagnostics;
using IdServer.Data.Statements;
using Xunit;

namespace IdServer.Data.Tests.Statements;

/// <summary>When the writer pauses between two commits, and when it never does.</summary>
public sealed class GatheringTests : IAsyncLifetime
{
    private readonly List<Task<long>> meanwhile = [];
    private readonly WriteLane lane = new();
    private TestDatabase database = null!;
    private SqliteFile file = null!;
    private GroupCommitWriter writer = null!;
    private int pauses;
    private Action whilePausing = () => { };

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        file = new SqliteFile($"Data Source={database.FilePath}");
        writer = new GroupCommitWriter(file, lane, Pause);
    }

    public ValueTask DisposeAsync()
    {
        writer.Dispose();
        file.Dispose();
        lane.Dispose();
        return database.DisposeAsync();
    }

    [Fact]
    public async Task A_caller_alone_is_never_delayed()
    {
        for (var i = 0; i < 50; i++)
        {
            await InsertAsync($"client-{i}");
        }

        Assert.Equal(0, Volatile.Read(ref pauses));
    }

    [Fact]
    public async Task After_a_shared_commit_the_next_ones_gather_and_share_theirs()
    {
        whilePausing = () => meanwhile.AddRange([InsertAsync("third"), InsertAsync("fourth")]);

        await ShareOneCommitAsync();

        await Eventually.TrueAsync(() => Volatile.Read(ref pauses) >= 2); // after the commit of both, and again after that of those who came meanwhile
        Assert.All(await Task.WhenAll(meanwhile), visible => Assert.Equal(2, visible)); // neither saw the other in the file: they did share one commit
        Assert.Equal(4, database.Count("clients"));
    }

    [Fact]
    public async Task When_nobody_comes_meanwhile_the_next_caller_is_alone_again()
    {
        await ShareOneCommitAsync();
        await Eventually.TrueAsync(() => Volatile.Read(ref pauses) == 1);

        await InsertAsync("alone");
        await InsertAsync("again");

        Assert.Equal(1, Volatile.Read(ref pauses));
    }

    [Fact]
    public void A_pause_is_less_than_a_timer_can_measure_and_more_than_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere there is none.");
        var before = Stopwatch.GetTimestamp();
        for (var i = 0; i < 20; i++)
        {
            BriefPause.Take();
        }

        Assert.True(Stopwatch.GetElapsedTime(before) > TimeSpan.FromMilliseconds(3)); // 6 but for signals, which end one early
    }

    private void Pause()
    {
        if (Interlocked.Increment(ref pauses) == 1)
        {
            whilePausing();
        }
    }

    /// <summary>Two transactions in one commit: the second comes while the first runs.</summary>
    private async Task ShareOneCommitAsync()
    {
        Task<long>? second = null;
        await writer.WriteAsync(
            statements =>
            {
                second = InsertAsync("second");
                return InsertAsync(statements, "first");
            },
            TestDatabase.Ct);
        await second!;
    }

    private Task<long> InsertAsync(string client) => writer.WriteAsync(statements => InsertAsync(statements, client), TestDatabase.Ct).AsTask();

    /// <returns>How many rows others can see before the commit.</returns>
    private async ValueTask<long> InsertAsync(PreparedStatements statements, string client)
    {
        await statements.ExecuteAsync("INSERT INTO clients (client_id, metadata, created_at, updated_at) VALUES ($1, '{}', 0, 0)", client);
        return database.Count("clients");
    }
}
