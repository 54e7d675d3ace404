using IdServer.Data.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Cluster;

public sealed class ClusterTests : IAsyncLifetime
{
    private PostgresTestDatabase database = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    public async ValueTask InitializeAsync() => database = await PostgresTestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task One_node_has_a_duty_and_keeps_it()
    {
        ICluster[] nodes = [Node(), Node(), Node()];

        Assert.Equal((bool[])[true, false, false], await AskAsync(nodes, Duty.Pruning));
        Assert.Equal((bool[])[true, false, false], await AskAsync(nodes, Duty.Pruning));
    }

    [Fact]
    public async Task Each_duty_is_given_by_itself()
    {
        ICluster[] nodes = [Node(), Node()];
        await nodes[1].LeadsAsync(Duty.KeyMaintenance, Ct);

        Assert.Equal((bool[])[true, false], await AskAsync(nodes, Duty.Pruning));
        Assert.Equal((bool[])[false, true], await AskAsync(nodes, Duty.KeyMaintenance));
    }

    [Fact]
    public async Task A_node_that_stops_gives_its_duties_to_the_next_that_asks()
    {
        var first = database.Open();
        var second = Node();
        await AskAsync([first.GetRequiredService<ICluster>(), second], Duty.Pruning);

        await first.DisposeAsync();

        await Eventually.TrueAsync(() => second.LeadsAsync(Duty.Pruning, Ct).AsTask().GetAwaiter().GetResult()); // the server notices a moment after the connection was closed
    }

    [Fact]
    public async Task A_node_that_lost_its_connection_has_the_duty_no_longer_when_another_took_it()
    {
        ICluster[] nodes = [Node(), Node()];
        await AskAsync(nodes, Duty.Pruning);

        await database.CutAsync();

        await Eventually.TrueAsync(() => nodes[1].LeadsAsync(Duty.Pruning, Ct).AsTask().GetAwaiter().GetResult());
        Assert.False(await nodes[0].LeadsAsync(Duty.Pruning, Ct));
    }

    [Fact]
    public async Task Without_a_database_asking_is_an_outage()
    {
        var node = database.Open(more: "Port=1").GetRequiredService<ICluster>();

        await Assert.ThrowsAsync<DatabaseUnavailableException>(async () => await node.LeadsAsync(Duty.Pruning, Ct));
        await Assert.ThrowsAsync<DatabaseUnavailableException>(async () => await node.TakeTurnAsync(Turn.Preparation, Ct));
    }

    [Fact]
    public async Task The_only_node_of_a_file_leads()
    {
        await using var file = await TestDatabase.CreateAsync();

        Assert.True(await file.Open().GetRequiredService<ICluster>().LeadsAsync(Duty.Pruning, Ct));
    }

    private static async Task<bool[]> AskAsync(ICluster[] nodes, Duty duty)
    {
        var answers = new List<bool>();
        foreach (var node in nodes)
        {
            answers.Add(await node.LeadsAsync(duty, Ct));
        }

        return [.. answers];
    }

    private ICluster Node() => database.Open().GetRequiredService<ICluster>();
}
