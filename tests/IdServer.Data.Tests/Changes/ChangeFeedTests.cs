using IdServer.Data.Admin;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Changes;

public sealed class ChangeFeedTests : IAsyncLifetime
{
    private TestDatabase database = null!;
    private ServiceProvider server = null!;
    private ServiceProvider commandLine = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        server = database.Open();
        commandLine = database.Open();
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task A_client_that_another_process_changes_is_told_of()
    {
        var told = await server.ListenAsync();

        await commandLine.GetRequiredService<ClientAdmin>().UpsertAsync(Build.Metadata(), Build.ClientSecret, Ct);

        await Eventually.TrueAsync(() => told.Contains(new Change(ChangeKind.Client, "app")));
    }

    [Fact]
    public async Task A_user_whom_another_process_disables_can_do_nothing_here_any_more()
    {
        await server.ListenAsync();
        var id = await People.AddAsync(server, "ana");
        var people = server.GetRequiredService<IUserClaimsSource>();
        Assert.NotNull(await people.FindAsync(id.ToString(), Ct));

        await People.ChangeAsync(commandLine, "ana", user => user.DisabledAt = TimeProvider.System.GetUtcNow());

        await Eventually.TrueAsync(() => people.FindAsync(id.ToString(), Ct).AsTask().GetAwaiter().GetResult() is null);
    }

    [Fact]
    public async Task A_revocation_by_another_process_enters_the_revoked_set()
    {
        await server.ListenAsync();
        using var revoked = new RevokedSet(server.GetRequiredService<IChangeFeed>());
        var token = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

        await commandLine.GetRequiredService<IRevocationStore>().RevokeTokenAsync(token, TimeProvider.System.GetUtcNow().AddHours(1), TimeProvider.System.GetUtcNow(), Ct);

        await Eventually.TrueAsync(() => revoked.HoldsToken(token, null, null, null));
    }

    [Fact]
    public async Task What_was_written_between_filling_the_caches_and_the_first_look_is_not_missed()
    {
        using var revoked = new RevokedSet(server.GetRequiredService<IChangeFeed>());
        var token = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await commandLine.GetRequiredService<IRevocationStore>().RevokeTokenAsync(token, TimeProvider.System.GetUtcNow().AddHours(1), TimeProvider.System.GetUtcNow(), Ct);

        var told = await server.ListenAsync();

        await Eventually.TrueAsync(() => revoked.HoldsToken(token, null, null, null));
        Assert.Contains(new Change(ChangeKind.Everything), told);
    }

    [Fact]
    public async Task An_outage_ends_when_the_database_is_back_and_nothing_written_meanwhile_is_missed()
    {
        var told = await server.ListenAsync();
        var away = database.Directory + "-away";
        Directory.Move(database.Directory, away);
        await Assert.ThrowsAsync<DatabaseUnavailableException>(async () => await server.GetRequiredService<IClientStore>().FindAsync("app", Ct));
        Directory.Move(away, database.Directory);

        await commandLine.GetRequiredService<ClientAdmin>().UpsertAsync(Build.Metadata(), Build.ClientSecret, Ct);

        await Eventually.TrueAsync(() => told.Contains(new Change(ChangeKind.Client, "app")) || told.Count(change => change.Kind == ChangeKind.Everything) > 1);
    }

    [Fact]
    public async Task A_disposed_subscription_hears_nothing()
    {
        var feed = server.GetRequiredService<IChangeFeed>();
        var told = new List<Change>();
        feed.Subscribe(told.Add).Dispose();

        feed.Publish(new Change(ChangeKind.Everything));

        Assert.Empty(told);
        await Task.CompletedTask;
    }
}
