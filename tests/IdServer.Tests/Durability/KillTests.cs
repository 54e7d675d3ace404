using System.Diagnostics;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Durability;

public sealed class KillTests
{
    private const int Chains = 16;
    private const int Kills = 3;
    private const int AnswersPerLife = 150;
    private static readonly TimeSpan LifeLimit = TimeSpan.FromSeconds(60);

    [Fact]
    [Spec("requirement", "27")]
    [Spec("RFC 9700", "§4.14.2")]
    public async Task A_server_killed_while_it_refreshes_keeps_what_it_answered_and_issues_nothing_twice()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = new ServerProcess();
        server.Settings["IdServer__Tokens__RefreshTokenOverlap"] = "60"; // longer than a restart on a busy machine
        using var http = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.Zero });
        var answers = new Answers();

        await server.StartAsync(ct);
        var chains = await Task.WhenAll(Enumerable.Range(0, Chains).Select(_ => RefreshChain.StartAsync(http, server.Issuer, answers, ct)));
        for (var kill = 1; kill <= Kills; kill++)
        {
            var streams = Task.WhenAll(chains.Select(chain => chain.RunAsync(ct)));
            await WaitForAnswersAsync(answers, kill * AnswersPerLife, streams, ct);
            await server.KillAsync();
            await streams;
            await server.StartAsync(ct);
        }

        foreach (var chain in chains)
        {
            Assert.Equal(chain.Last, await chain.RefreshAsync(chain.Before!, ct)); // a lost answer is given again
            Assert.NotEqual(chain.Last, await chain.RefreshAsync(chain.Last, ct)); // the chain goes on
        }

        Assert.Equal(answers.Successors.Count, answers.Successors.Values.Distinct().Count());
        Assert.Equal(answers.AccessTokenIds.Count, answers.AccessTokenIds.Distinct().Count());
    }

    private static async Task WaitForAnswersAsync(Answers answers, int wanted, Task streams, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        while (answers.Count < wanted)
        {
            if (streams.IsCompleted)
            {
                await streams; // says why
                Assert.Fail("The server stopped answering before it was killed.");
            }

            Assert.True(clock.Elapsed < LifeLimit, $"Only {answers.Count} of {wanted} refreshes were answered.");
            await Task.Delay(5, ct); // polled: the moment of the kill is to be any moment
        }
    }
}
