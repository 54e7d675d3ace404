using System.Buffers.Binary;
using IdServer.Data.Statements;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Statements;

public sealed class CheckpointTests : IAsyncLifetime
{
    private const int RowsAtATime = 600; // more than wake the checkpointer

    private TestDatabase file = null!;
    private IDatabase database = null!;

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
        const int MostRounds = 100; // of 10 MB without a pause; 64 MB are the bound of the log, and what is written meanwhile on a busy machine
        var rounds = 0;
        do
        {
            await WriteAsync(16 * 1024);
            rounds++;
        }
        while (Beginnings() < 2 && rounds < MostRounds);

        Assert.True(Beginnings() >= 2, $"The log grows: {rounds} rounds were written.");
        Assert.Equal(rounds * RowsAtATime, file.Count("changes"));
    }

    // How often the log has begun anew (https://sqlite.org/fileformat.html#the_write_ahead_log: the checkpoint sequence number).
    private uint Beginnings()
    {
        using var log = new FileStream(file.FilePath + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var header = new byte[32];
        return log.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length ? 0 : BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(12));
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
