using IdServer.Data.Users;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Statements;

public sealed class OutageTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private TestDatabase database = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    public async ValueTask InitializeAsync() => database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task A_locked_database_refuses_writes_after_the_timeout_and_still_reads()
    {
        var process = Open();
        var interactions = process.GetRequiredService<IInteractionStore>();
        var interaction = Build.Interaction(clock);
        await interactions.SaveAsync(interaction, Ct);
        using (Lock())
        {
            var outage = await Assert.ThrowsAsync<DatabaseUnavailableException>(async () => await interactions.SaveAsync(Build.Interaction(clock), Ct));

            Assert.Contains("locked by another process", outage.Message, StringComparison.Ordinal);
            Assert.NotNull(await interactions.FindAsync(interaction.Id, Build.BrowserDigest, clock.Now, Ct));
        }

        await interactions.SaveAsync(Build.Interaction(clock), Ct);
        Assert.Equal(2, database.Count("interactions"));
    }

    [Fact]
    public async Task Everybody_who_waited_for_a_locked_database_fails_together()
    {
        var interactions = Open().GetRequiredService<IInteractionStore>();
        using var locked = Lock();

        var begun = TimeProvider.System.GetTimestamp();
        var waiting = Enumerable.Range(0, 500).Select(_ => interactions.SaveAsync(Build.Interaction(clock), Ct).AsTask()).ToArray();
        foreach (var task in waiting)
        {
            await Assert.ThrowsAsync<DatabaseUnavailableException>(() => task);
        }

        Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(10), "They failed one timeout after the other.");
    }

    [Fact]
    public async Task A_locked_database_is_an_outage_to_Identity_too()
    {
        var process = Open();
        await using var scope = process.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        using (Lock())
        {
            await Assert.ThrowsAsync<DatabaseUnavailableException>(() => users.CreateAsync(NewUser("ana")));
        }

        await using var later = process.CreateAsyncScope();
        Assert.True((await later.ServiceProvider.GetRequiredService<UserManager<User>>().CreateAsync(NewUser("ana"))).Succeeded);
    }

    [Fact]
    public async Task A_database_that_was_never_made_is_missing_and_is_not_made()
    {
        await using var nothing = TestDatabase.Nothing();
        var process = nothing.Open();
        await using var scope = process.CreateAsyncScope();

        await AssertMissingAsync(async () => await process.GetRequiredService<IInteractionStore>().SaveAsync(Build.Interaction(clock), Ct));
        await AssertMissingAsync(async () => await process.GetRequiredService<IClientStore>().FindAsync("app", Ct));
        await AssertMissingAsync(async () => await scope.ServiceProvider.GetRequiredService<UserManager<User>>().FindByNameAsync("ana"));
        Assert.Empty(Directory.GetFiles(nothing.Directory));
    }

    [Fact]
    public async Task A_database_that_is_removed_under_a_running_server_is_missing_until_it_is_back()
    {
        var process = Open();
        var interactions = process.GetRequiredService<IInteractionStore>();
        await using var scope = process.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var backup = await File.ReadAllBytesAsync(database.FilePath, Ct);
        await interactions.SaveAsync(Build.Interaction(clock), Ct);
        await interactions.FindAsync(Guid.CreateVersion7(clock.Now), Build.BrowserDigest, clock.Now, Ct);
        await users.FindByNameAsync("ana");

        foreach (var path in Directory.GetFiles(database.Directory, "idserver.db*"))
        {
            File.Delete(path);
        }

        await AssertMissingAsync(async () => await interactions.SaveAsync(Build.Interaction(clock), Ct));
        await AssertMissingAsync(async () => await interactions.FindAsync(Guid.CreateVersion7(clock.Now), Build.BrowserDigest, clock.Now, Ct));
        await AssertMissingAsync(async () => await users.FindByNameAsync("ana"));

        await File.WriteAllBytesAsync(database.FilePath, backup, Ct);
        var saved = Build.Interaction(clock);
        await interactions.SaveAsync(saved, Ct);
        Assert.NotNull(await interactions.FindAsync(saved.Id, Build.BrowserDigest, clock.Now, Ct));
        Assert.Equal(1, database.Count("interactions"));
    }

    [Fact]
    public async Task A_file_that_is_no_database_says_so()
    {
        await File.WriteAllTextAsync(database.FilePath, new string('x', 5000), Ct);
        var process = Open();

        var writing = await Assert.ThrowsAsync<DatabaseUnavailableException>(async () => await process.GetRequiredService<IInteractionStore>().SaveAsync(Build.Interaction(clock), Ct));
        var reading = await Assert.ThrowsAsync<DatabaseUnavailableException>(async () => await process.GetRequiredService<IClientStore>().FindAsync("app", Ct));

        Assert.Contains("not an SQLite database", writing.Message, StringComparison.Ordinal);
        Assert.Contains("not an SQLite database", reading.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_was_not_migrated_says_what_to_do()
    {
        await File.WriteAllBytesAsync(database.FilePath, [], Ct);

        var outage = await Assert.ThrowsAsync<DatabaseUnavailableException>(async () => await Open().GetRequiredService<IClientStore>().FindAsync("app", Ct));

        Assert.Contains("run the verb migrate", outage.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Postgres", "Data Source=x.db")]
    [InlineData("Sqlite", "")]
    [InlineData("Sqlite", "Data Source=:memory:")]
    [InlineData("Sqlite", "Data Source=x.db;Mode=Memory")]
    [InlineData("Sqlite", "Server=x")]
    public void Settings_that_name_no_database_file_are_refused(string provider, string connectionString) =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddIdServerData(new DatabaseSettings(provider, connectionString)));

    private static async Task AssertMissingAsync(Func<Task> use) =>
        Assert.Contains("is missing", (await Assert.ThrowsAsync<DatabaseUnavailableException>(use)).Message, StringComparison.Ordinal);

    private ServiceProvider Open() => database.Open(clock, lockTimeoutSeconds: 1);

    // What a backup or another program does.
    private SqliteConnection Lock()
    {
        var connection = database.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        return connection;
    }

    private User NewUser(string name) => new() { Id = Guid.CreateVersion7(clock.Now), UserName = name };
}
