using System.Runtime.Versioning;
using IdServer.Data.Maintenance;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Maintenance;

[SupportedOSPlatform("linux")]
public sealed class DatabaseMigrationTests : IAsyncDisposable
{
    private readonly TestDatabase database = TestDatabase.Nothing();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task The_database_is_made_from_nothing_with_its_directories()
    {
        var path = Path.Combine(database.Directory, "not", "there", "id.db");

        await MigrateAsync(database.Open(path: path));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Contains("refresh_tokens", Tables(path));
        Assert.Contains("AspNetUserPasskeys", Tables(path));
    }

    [Fact]
    public async Task Migrating_again_changes_nothing()
    {
        await MigrateAsync(database.Open());
        var before = Tables(database.FilePath);

        await MigrateAsync(database.Open());

        Assert.Equal(before, Tables(database.FilePath));
    }

    [Fact]
    public async Task A_migration_that_is_missing_is_made_up_for()
    {
        await MigrateAsync(database.Open());
        var complete = Tables(database.FilePath);
        using (var older = database.Connect())
        {
            foreach (var table in complete.Where(name => name is not "sqlite_sequence" and not "__EFMigrationsHistory"))
            {
                Execute(older, $"PRAGMA foreign_keys=OFF; DROP TABLE \"{table}\"");
            }

            Execute(older, "DELETE FROM \"__EFMigrationsHistory\"");
        }

        await MigrateAsync(database.Open());

        Assert.Subset(Tables(database.FilePath).ToHashSet(), complete.ToHashSet());
    }

    [Fact]
    public async Task A_database_of_a_newer_version_serves_an_older_one()
    {
        await MigrateAsync(database.Open());
        using (var newer = database.Connect())
        {
            Execute(newer, "INSERT INTO \"__EFMigrationsHistory\" VALUES ('29990101000000_Later', '10.0.0')");
        }

        await MigrateAsync(database.Open());
    }

    [Fact]
    public async Task A_database_of_another_line_is_refused_and_stays_as_it_was()
    {
        await MigrateAsync(database.Open());
        using (var other = database.Connect())
        {
            Execute(other, "DELETE FROM \"__EFMigrationsHistory\"; INSERT INTO \"__EFMigrationsHistory\" VALUES ('20200101000000_Other', '10.0.0')");
        }

        var before = Tables(database.FilePath);

        var outage = await Assert.ThrowsAsync<DatabaseUnavailableException>(() => MigrateAsync(database.Open()));

        Assert.Contains("\"20200101000000_Other\"", outage.Message, StringComparison.Ordinal);
        Assert.Equal(before, Tables(database.FilePath));
    }

    [Fact]
    public async Task Processes_that_start_at_once_all_find_a_migrated_database()
    {
        var processes = Enumerable.Range(0, 4).Select(_ => database.Open()).ToArray();

        await Task.WhenAll(processes.Select(process => Task.Run(() => MigrateAsync(process), TestDatabase.Ct)));

        Assert.Equal(await MigrationsAsync(), database.Count("__EFMigrationsHistory"));
    }

    [Fact]
    public async Task The_lock_of_a_killed_process_stops_nobody()
    {
        using (var killed = database.Connect())
        {
            Execute(killed, """CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL PRIMARY KEY, "Timestamp" TEXT NOT NULL)""");
            Execute(killed, """INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01')""");
        }

        await MigrateAsync(database.Open()).WaitAsync(TimeSpan.FromSeconds(30), TestDatabase.Ct);

        Assert.Equal(await MigrationsAsync(), database.Count("__EFMigrationsHistory"));
    }

    [Fact]
    public async Task The_migrations_are_those_of_the_model()
    {
        await using var context = database.Open().GetRequiredService<ContextFactory>().Create();

        Assert.False(context.Database.HasPendingModelChanges(), "Run: dotnet ef migrations add Name -p src/IdServer.Data -s src/IdServer.Data -c SqliteDbContext -o Migrations/Sqlite");
    }

    [Fact]
    public async Task The_build_knows_the_ids_of_the_migrations()
    {
        await using var context = database.Open().GetRequiredService<ContextFactory>().Create();

        Assert.Equal(context.Database.GetMigrations(), Data.Maintenance.Migrations.Of(Data.Maintenance.Migrations.Sqlite).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_is_an_outage_that_names_the_file()
    {
        var file = Path.Combine(database.Directory, "file");
        await File.WriteAllTextAsync(file, "", TestDatabase.Ct);

        var outage = await Assert.ThrowsAsync<DatabaseUnavailableException>(() => MigrateAsync(database.Open(path: Path.Combine(file, "id.db"))));

        Assert.Contains(Path.Combine(file, "id.db"), outage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_an_outage_and_stays_as_it_was()
    {
        var garbage = new string('x', 5000);
        await File.WriteAllTextAsync(database.FilePath, garbage, TestDatabase.Ct);

        var outage = await Assert.ThrowsAsync<DatabaseUnavailableException>(() => MigrateAsync(database.Open()));

        Assert.Contains("not an SQLite database", outage.Message, StringComparison.Ordinal);
        Assert.Equal(garbage, await File.ReadAllTextAsync(database.FilePath, TestDatabase.Ct));
    }

    private static Task MigrateAsync(ServiceProvider process) => process.GetRequiredService<DatabaseMigration>().MigrateAsync(TestDatabase.Ct);

    private async Task<int> MigrationsAsync()
    {
        await using var context = database.Open().GetRequiredService<ContextFactory>().Create();
        return context.Database.GetMigrations().Count();
    }

    private static List<string> Tables(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
