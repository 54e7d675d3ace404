using IdServer.Data.Admin;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Stores;

/// <summary>What is certain on SQLite, where transactions run one after the other, and must be kept where they run beside one another on several nodes.</summary>
public sealed class PostgresRaceTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private PostgresTestDatabase database = null!;
    private ServiceProvider[] nodes = [];

    private static CancellationToken Ct => TestDatabase.Ct;

    public async ValueTask InitializeAsync()
    {
        database = await PostgresTestDatabase.CreateAsync();
        const string Patient = "Timeout=60;Command Timeout=120"; // who wins is proved here, not how soon a machine answers that is busy with other tests
        nodes = [database.Open(clock, more: Patient), database.Open(clock, more: Patient), database.Open(clock, more: Patient)];
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    [Spec("requirement", "48")]
    public async Task A_grant_begun_while_its_session_ends_on_another_node_never_lives()
    {
        for (var round = 0; round < 40; round++)
        {
            var session = Build.Session(clock);
            await On<ISessionStore>(0).SaveAsync(session, Ct);
            var codes = Enumerable.Range(0, 6).Select(_ => Build.Code(clock, Build.Grant(clock, grant => grant with { Scopes = ["openid"], Subject = session.Subject, SessionId = session.Id })).Code).ToArray();

            await AtOnceAsync([
                .. codes[..3].Select((code, i) => (Func<Task>)(() => On<IAuthorizationCodeStore>(i).SaveAsync(code, Ct).AsTask())),
                () => On<ISessionStore>(1).EndAsync(session.Id, clock.Now, Ct).AsTask(),
                .. codes[3..].Select((code, i) => (Func<Task>)(() => On<IAuthorizationCodeStore>(i).SaveAsync(code, Ct).AsTask())),
            ]);

            Assert.Equal(0L, await database.ScalarAsync("SELECT COUNT(*) FROM grants WHERE ended_at IS NULL"));
        }
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task A_grant_begun_in_a_session_while_all_of_its_user_ends_never_lives()
    {
        for (var round = 0; round < 40; round++)
        {
            var session = Build.Session(clock);
            await On<ISessionStore>(0).SaveAsync(session, Ct);
            var code = Build.Code(clock, Build.Grant(clock, grant => grant with { Scopes = ["openid"], Subject = session.Subject, SessionId = session.Id })).Code;

            await AtOnceAsync(
                () => On<IAuthorizationCodeStore>(0).SaveAsync(code, Ct).AsTask(),
                () => On<IGrantStore>(1).EndAllOfSubjectAsync(session.Subject, clock.Now, Ct).AsTask());

            Assert.Equal(0L, await database.ScalarAsync("SELECT COUNT(*) FROM grants WHERE ended_at IS NULL"));
        }
    }

    [Fact]
    public async Task A_client_declared_by_nodes_that_start_at_once_has_one_secret_and_is_told_of_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var metadata = Build.Metadata(m => m with { ClientId = "app-" + round });

            await AtOnceAsync([.. nodes.Select((_, i) => (Func<Task>)(() => On<ClientAdmin>(i).UpsertAsync(metadata, Build.ClientSecret, Ct).AsTask()))]);
        }

        Assert.Equal(10, await database.CountAsync("client_secrets"));
        Assert.Equal(10, await database.CountAsync("changes"));
    }

    [Fact]
    public async Task Consents_given_at_once_on_several_nodes_are_all_remembered()
    {
        var subject = Guid.CreateVersion7(clock.Now).ToString();
        string[] scopes = [.. Enumerable.Range(0, 12).Select(i => "scope" + i)];

        await AtOnceAsync([.. scopes.Select((scope, i) => (Func<Task>)(() => On<IConsentStore>(i % 3).RememberAsync(subject, "app", [scope], [], clock.Now, Ct).AsTask()))]);

        Assert.Equal(scopes.Order(StringComparer.Ordinal), (await On<IConsentStore>(0).FindAsync(subject, "app", Ct))!.Scopes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Who_reads_revocations_by_their_sequence_while_nodes_write_them_misses_none()
    {
        const int Each = 60;
        var seen = new List<long>();
        using var done = new CancellationTokenSource();
        var reading = Task.Run(
            async () =>
            {
                bool last;
                do
                {
                    last = done.IsCancellationRequested;
                    seen.AddRange((await On<IRevocationStore>(0).ReadAsync(seen.LastOrDefault(), int.MaxValue, clock.Now, Ct)).Select(r => r.Sequence));
                }
                while (!last);
            },
            Ct);

        await AtOnceAsync([.. Enumerable.Range(0, 12).Select(writer => (Func<Task>)(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                await On<IRevocationStore>(writer % 3).RevokeTokenAsync(Guid.CreateVersion7(clock.Now), clock.Now.AddHours(1), clock.Now, Ct);
            }
        }))]);
        await done.CancelAsync();
        await reading;

        Assert.Equal(12 * Each, seen.Distinct().Count());
    }

    [Fact]
    public async Task Transactions_that_wait_for_one_another_both_succeed()
    {
        var (one, other) = (Build.Session(clock), Build.Session(clock));
        await On<ISessionStore>(0).SaveAsync(one, Ct);
        await On<ISessionStore>(0).SaveAsync(other, Ct);
        var firstTurn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = 0;

        async Task WriteAsync(int node, Guid first, Guid second, Task wait, TaskCompletionSource? holds)
        {
            await On<Data.Statements.IDatabase>(node).WriteAsync(
                async statements =>
                {
                    Interlocked.Increment(ref runs);
                    await statements.ExecuteAsync("UPDATE sessions SET acr = acr || '+' WHERE id = $1", first);
                    holds?.TrySetResult();
                    await wait;
                    return await statements.ExecuteAsync("UPDATE sessions SET acr = acr || '+' WHERE id = $1", second);
                },
                Ct);
        }

        var secondTurn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Task.WhenAll(WriteAsync(0, one.Id, other.Id, secondTurn.Task, firstTurn), WriteAsync(1, other.Id, one.Id, firstTurn.Task, secondTurn));

        Assert.Equal(3, runs); // one was undone by the deadlock and ran again
        Assert.Equal(2L, await database.ScalarAsync($"SELECT COUNT(*) FROM sessions WHERE acr LIKE '%++'"));
    }

    private static async Task AtOnceAsync(params Func<Task>[] calls)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = calls.Select(call => Task.Run(
            async () =>
            {
                await start.Task;
                await call();
            },
            Ct)).ToArray();
        start.SetResult();
        await Task.WhenAll(running);
    }

    private T On<T>(int node)
        where T : notnull => nodes[node].GetRequiredService<T>();
}
