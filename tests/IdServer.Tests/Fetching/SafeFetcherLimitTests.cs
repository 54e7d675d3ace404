using System.Diagnostics;
using System.IO.Compression;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Fetching;

[Spec("requirement", "22")]
[Attack("SSRF")]
public sealed class SafeFetcherLimitTests : FetcherTests
{
    [Fact]
    public async Task A_document_may_be_as_long_as_allowed_and_no_longer()
    {
        await using var exact = ScriptedServer.Answering("200 OK", new string('x', 100));
        await using var longer = ScriptedServer.Answering("200 OK", new string('x', 101));

        Assert.Equal(100, (await FetchAsync(exact))!.Length);
        Assert.Null(await FetchAsync(longer));
    }

    [Theory]
    [InlineData("Content-Length: 99999999999")] // promised
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("Connection: close")] // until the end
    public async Task An_endless_document_is_cut_off_while_it_is_read(string framing)
    {
        long sent = 0;
        await using var server = ScriptedServer.Start(async (stream, ct) =>
        {
            await ScriptedServer.WriteAsync(stream, $"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n", ct);
            var block = "1000\r\n" + new string('x', 4096) + "\r\n";
            while (true)
            {
                await ScriptedServer.WriteAsync(stream, block, ct);
                Interlocked.Add(ref sent, block.Length);
            }
        });
        var begun = Stopwatch.GetTimestamp();

        Assert.Null(await FetchAsync(server));

        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(4)); // not by the time limit
        Assert.InRange(Interlocked.Read(ref sent), 0, 50_000_000); // what the sockets hold
    }

    [Fact]
    public async Task A_compressed_document_is_refused_and_not_asked_for()
    {
        var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync(new byte[1_000_000], Ct);
        }

        await using var server = ScriptedServer.Start(async (stream, ct) =>
        {
            await ScriptedServer.WriteAsync(stream, $"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {bomb.Length}\r\n\r\n", ct);
            await stream.WriteAsync(bomb.ToArray(), ct);
        });

        Assert.Null(await FetchAsync(server, longestBody: 100_000));
        Assert.DoesNotContain("Accept-Encoding", Assert.Single(server.Requests), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("")] // says nothing at all
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")] // stops in the body
    public async Task A_server_that_falls_silent_is_given_up_after_5_seconds(string said)
    {
        await using var server = ScriptedServer.Start(async (stream, ct) =>
        {
            await ScriptedServer.WriteAsync(stream, said, ct);
            _ = await stream.ReadAsync(new byte[1], ct); // until the fetcher hangs up
        });
        var clock = new RushedClock();

        Assert.Null(await FetchAsync(server, clock: clock));

        Assert.Equal([TimeSpan.FromSeconds(5)], clock.Asked);
        Assert.Contains("longer than 5 seconds", Assert.Single(Logs.Entries).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_drips_is_given_up_after_5_seconds_in_all()
    {
        await using var server = ScriptedServer.Start(async (stream, ct) =>
        {
            await ScriptedServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", ct);
            while (true)
            {
                await ScriptedServer.WriteAsync(stream, "x", ct);
                await Task.Delay(10, ct); // a drop at a time is what is tested
            }
        });
        var clock = new RushedClock();

        Assert.Null(await FetchAsync(server, clock: clock, longestBody: 1_000_000));

        Assert.Equal([TimeSpan.FromSeconds(5)], clock.Asked); // not set anew by a drop
        Assert.Contains("longer than 5 seconds", Assert.Single(Logs.Entries).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_of_any_size_are_not_kept()
    {
        await using var server = ScriptedServer.Answering("200 OK\r\nX: " + new string('x', 100_000));

        Assert.Null(await FetchAsync(server));
    }

    [Fact]
    public async Task At_most_16_fetches_run_at_once()
    {
        var (running, most) = (0, 0);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = ScriptedServer.Start(async (stream, ct) =>
        {
            var now = Interlocked.Increment(ref running);
            most = Math.Max(most, now);
            await gate.Task;
            Interlocked.Decrement(ref running);
            await ScriptedServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", ct);
        });
        using var fetcher = NewFetcher(server.Name);

        var fetches = Enumerable.Range(0, 40).Select(_ => fetcher.FetchAsync(Address(server), 100, Ct).AsTask()).ToArray();
        await Eventually.Async(() => Task.FromResult(Volatile.Read(ref running)), now => now == 16, TimeSpan.FromSeconds(4));
        gate.SetResult();

        Assert.All(await Task.WhenAll(fetches), Assert.NotNull);
        Assert.Equal(16, most);
    }
}
