using IdServer.Data.Statements;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Statements;

public sealed class CheckpointTests : IAsyncLifetime
{
    private const int RowsAtATime = 600; // more than wake the checkpointer

    private TestDatabase file = null!;
    private IDatabase database = null!;

    private long Log => new FileInfo(file.FilePath + "-wal").Length;

    public async ValueTask InitializeAsync()
    {
        file = await TestDatabase.CreateAsync();
        database = file.Open().GetRequiredService<IDatabase>();
    }

    public ValueTask DisposeAsync() => file.DisposeAsync();

    [Fact]
    public async Task What_is_committed_moves_into_the_file_while_it_is_open()
    {
        var before = new FileInfo(file.FilePath).Length;

        await WriteAsync(16);

        await Eventually.TrueAsync(() => new FileInfo(file.FilePath).Length > before);
        Assert.Equal(RowsAtATime, file.Count("changes"));
    }

    [Fact]
    public async Task The_log_begins_anew_however_much_is_written()
    {
        const int Rounds = 24;
        for (var round = 0; round < Rounds; round++)
        {
            await WriteAsync(16 * 1024);
        }

        Assert.InRange(Log, 1, Rounds * RowsAtATime * 16L * 1024 / 2); // 240 MB were written, and 64 MB are its bound, give or take what is written meanwhile
        Assert.Equal(Rounds * RowsAtATime, file.Count("changes"));
    }

    private async Task WriteAsync(int bytes) => await database.WriteAsync(
        async statements =>
        {
            var key = new string('x', bytes);
            for (var row = 0; row < RowsAtATime; row++)
            {
                await statements.ExecuteAsync("INSERT INTO changes (kind, key, at) VALUES (3, $1, 0)", key);
            }

            return true;
        },
        TestDatabase.Ct);
}
