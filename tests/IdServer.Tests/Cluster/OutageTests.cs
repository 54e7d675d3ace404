using System.Diagnostics;
using IdServer.Testing;
using IdServer.Tests.Durability;
using Xunit;

namespace IdServer.Tests.Cluster;

[Collection(OneCluster.Name)]
public sealed class OutageTests(RunningCluster cluster)
{
    private const int Chains = 12;
    private const int AnswersBetween = 200;

    // Every grant that still lives has one token that was not used, and every used one its successor.
    private const string HalfWritten =
        """
        SELECT (SELECT COUNT(*) FROM grants g WHERE g.ended_at IS NULL AND EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.grant_id = g.id)
                AND (SELECT COUNT(*) FROM refresh_tokens t WHERE t.grant_id = g.id AND t.rotated_at IS NULL) <> 1)
             + (SELECT COUNT(*) FROM refresh_tokens t WHERE t.rotated_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM refresh_tokens s WHERE s.id = t.successor_id))
        """;

    private readonly Answers answers = new();
    private readonly Outages outages = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("requirement", "27")]
    [Spec("RFC 9700", "§4.14.2")]
    public async Task A_node_killed_among_refreshes_loses_no_answer_and_none_is_given_twice_while_the_others_go_on() =>
        await RefreshThroughAsync(async () =>
        {
            await cluster.Nodes[1].KillAsync();
            await UntilAnswersAsync(answers.Count + AnswersBetween); // the other two serve on
            await cluster.Nodes[1].StartAsync(Ct);
            await cluster.UntilAllServeAsync();
        });

    [Fact]
    [Spec("requirement", "27")]
    [Spec("RFC 9700", "§4.14.2")]
    public async Task A_crash_of_PostgreSQL_among_refreshes_is_503_for_a_while_and_the_nodes_recover_by_themselves() =>
        await RefreshThroughAsync(async () =>
        {
            await cluster.Postgres.CrashAsync();
            await UntilAsync(() => outages.Unavailable >= Chains, () => $"No 503 while the database is away: {outages}");
            await cluster.Postgres.RecoverAsync();
            await cluster.UntilAllServeAsync();
        });

    private async Task RefreshThroughAsync(Func<Task> outage)
    {
        Assert.Equal(0, await HalfWrittenAsync());
        var isOver = false;
        var chains = await Task.WhenAll(Enumerable.Range(0, Chains).Select(_ => RefreshChain.StartAsync(cluster.Http, cluster.Issuer, answers, Ct)));
        var streams = Task.WhenAll(chains.Select(chain => chain.RunThroughAsync(outages, () => Volatile.Read(ref isOver), Ct)));
        try
        {
            await UntilAnswersAsync(AnswersBetween);
            await outage();
            await UntilAnswersAsync(answers.Count + AnswersBetween);
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            await streams; // says why
        }

        foreach (var chain in chains)
        {
            Assert.Equal(chain.Last, await chain.RefreshAsync(chain.Before!, Ct)); // a lost answer is given again
            Assert.NotEqual(chain.Last, await chain.RefreshAsync(chain.Last, Ct)); // the chain goes on
        }

        Assert.Equal(answers.Successors.Count, answers.Successors.Values.Distinct().Count());
        Assert.Equal(answers.AccessTokenIds.Count, answers.AccessTokenIds.Distinct().Count());
        Assert.Equal(0, outages.WithoutPause);
        Assert.Equal(0, await HalfWrittenAsync());
        TestContext.Current.TestOutputHelper?.WriteLine($"{answers.Count} answers, {outages}.");
    }

    private Task<long> HalfWrittenAsync() => cluster.ScalarAsync(HalfWritten);

    private Task UntilAnswersAsync(int wanted) => UntilAsync(() => answers.Count >= wanted, () => $"Only {answers.Count} of {wanted} refreshes were answered: {outages}");

    private static async Task UntilAsync(Func<bool> condition, Func<string> complaint)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < Outages.Limit, complaint());
            await Task.Delay(5, Ct); // polled: the moment of the outage is to be any moment
        }
    }
}
