using IdServer.Data.Admin;
using IdServer.Data.Statements;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace IdServer.Data.Tests.Statements;

public sealed class PostgresOutageTests : IAsyncLifetime
{
    private PostgresTestDatabase database = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    public async ValueTask InitializeAsync() => database = await PostgresTestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task A_server_that_is_not_there_is_an_outage_that_names_it()
    {
        var node = database.Open(more: "Port=1");

        foreach (var call in Calls(node))
        {
            var outage = await Assert.ThrowsAsync<DatabaseUnavailableException>(call);
            Assert.Contains($"{database.Name} at 127.0.0.1:1 cannot be reached", outage.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_user_whom_the_server_does_not_know_is_an_outage_that_says_so()
    {
        var outage = await Assert.ThrowsAsync<DatabaseUnavailableException>(() => Calls(database.Open(more: "Username=nobody"))[0]());

        Assert.Contains("does not let us in", outage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_that_the_server_has_ended_fail_no_request()
    {
        var node = database.Open();
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 10).SelectMany(_ => Calls(node)[..2]).Select(call => call()));
            await database.CutAsync();
        }

        foreach (var call in Calls(node)[..2])
        {
            await call();
        }
    }

    [Fact]
    public async Task A_user_store_works_again_after_its_connections_were_ended()
    {
        var node = database.Open();
        await People.AddAsync(node, "ana");
        await database.CutAsync();
        await Record.ExceptionAsync(() => Calls(node)[2]()); // the first one may notice

        await Calls(node)[2]();
        await People.ChangeAsync(node, "ana", user => user.Name = "Ana");
    }

    [Fact]
    public async Task A_transaction_whose_connection_is_ended_before_the_commit_runs_again_and_is_done_once()
    {
        var node = database.Open();
        var runs = 0;

        await node.GetRequiredService<IDatabase>().WriteAsync(
            async statements =>
            {
                await statements.ExecuteAsync("INSERT INTO clients (client_id, metadata, created_at, updated_at) VALUES ('a', '{}', 0, 0)");
                if (runs++ == 0)
                {
                    await database.CutAsync();
                }

                return await statements.ExecuteAsync("INSERT INTO clients (client_id, metadata, created_at, updated_at) VALUES ('b', '{}', 0, 0)");
            },
            Ct);

        Assert.Equal((2, 2L), (runs, await database.CountAsync("clients")));
    }

    [Fact]
    public async Task A_transaction_that_throws_leaves_nothing()
    {
        var node = database.Open();

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await node.GetRequiredService<IDatabase>().WriteAsync<int>(
            async statements =>
            {
                await statements.ExecuteAsync("INSERT INTO clients (client_id, metadata, created_at, updated_at) VALUES ('a', '{}', 0, 0)");
                throw new InvalidOperationException();
            },
            Ct));

        Assert.Equal(0, await database.CountAsync("clients"));
    }

    [Fact]
    public async Task A_violated_constraint_is_a_bug_and_no_outage()
    {
        var node = database.Open();
        var (_, code) = Build.Code(new ManualClock());
        await node.GetRequiredService<IAuthorizationCodeStore>().SaveAsync(code, Ct);

        await Assert.ThrowsAsync<PostgresException>(async () => await node.GetRequiredService<IAuthorizationCodeStore>().SaveAsync(code, Ct));
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("\ud800")]
    public async Task Text_that_PostgreSQL_does_not_take_finds_nothing_and_is_no_error(string name)
    {
        var node = database.Open();

        Assert.Null(await node.GetRequiredService<IClientStore>().FindAsync(name, Ct));
        await using var scope = node.CreateAsyncScope();
        Assert.Null(await scope.ServiceProvider.GetRequiredService<UserManager<Data.Users.User>>().FindByNameAsync(name));
    }

    [Fact]
    public async Task Users_are_listed_in_the_same_order_as_on_SQLite()
    {
        var node = database.Open();
        foreach (var name in (string[])["eva", "ana", "Juan", "a-z", "a_b"])
        {
            await People.AddAsync(node, name);
        }

        var users = await node.GetRequiredService<UserQueries>().ListAsync(null, 10, Ct);

        Assert.Equal(["A-Z", "ANA", "A_B", "EVA", "JUAN"], users.Select(user => user.NormalizedUsername));
    }

    private static Func<Task>[] Calls(ServiceProvider node) =>
    [
        () => node.GetRequiredService<IClientStore>().FindAsync("app", Ct).AsTask(),
        () => node.GetRequiredService<ISessionStore>().SaveAsync(Build.Session(new ManualClock()), Ct).AsTask(),
        async () =>
        {
            await using var context = node.GetRequiredService<ContextFactory>().Create();
            await context.Users.CountAsync(Ct);
        },
    ];
}
