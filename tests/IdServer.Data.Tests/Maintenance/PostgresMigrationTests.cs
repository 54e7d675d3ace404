using IdServer.Data.Maintenance;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace IdServer.Data.Tests.Maintenance;

public sealed class PostgresMigrationTests : IAsyncLifetime
{
    private const string Known = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public' AND tablename IN ('refresh_tokens', 'AspNetUserPasskeys', 'changes')";

    private const string MigrationLock = "1229214309, 2";

    private PostgresTestDatabase database = null!;

    public async ValueTask InitializeAsync() => database = await PostgresTestDatabase.NothingAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task The_database_is_made_from_nothing()
    {
        await MigrateAsync(database.Open());

        Assert.Equal(3L, await database.ScalarAsync(Known));
    }

    [Fact]
    public async Task Nodes_that_start_at_once_without_a_database_all_find_a_migrated_one()
    {
        var nodes = Enumerable.Range(0, 4).Select(_ => database.Open()).ToArray();

        await Task.WhenAll(nodes.Select(node => Task.Run(() => MigrateAsync(node), TestDatabase.Ct)));

        Assert.Equal(3L, await database.ScalarAsync(Known));
        Assert.Equal(1L, await database.ScalarAsync("SELECT COUNT(*) FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" LIKE '%_Initial'"));
    }

    [Fact]
    public async Task A_database_of_another_line_is_refused()
    {
        await MigrateAsync(database.Open());
        await database.ExecuteAsync("DELETE FROM \"__EFMigrationsHistory\"; INSERT INTO \"__EFMigrationsHistory\" VALUES ('20200101000000_Other', '10.0.0')");

        await Assert.ThrowsAsync<DatabaseUnavailableException>(() => MigrateAsync(database.Open()));
    }

    [Fact]
    public async Task A_node_waits_for_the_one_that_migrates()
    {
        await MigrateAsync(database.Open());
        await database.ExecuteAsync("DELETE FROM \"__EFMigrationsHistory\"");
        await using var other = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await other.OpenAsync(TestDatabase.Ct);
        await ExecuteAsync(other, $"SELECT pg_advisory_lock({MigrationLock})");

        var migration = MigrateAsync(database.Open());
        await Eventually.TrueAsync(() => database.ScalarAsync("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").GetAwaiter().GetResult() is > 0L);
        Assert.False(migration.IsCompleted);
        await ExecuteAsync(other, $"DROP SCHEMA public CASCADE; CREATE SCHEMA public; SELECT pg_advisory_unlock({MigrationLock})");

        await migration;
        Assert.Equal(3L, await database.ScalarAsync(Known));
    }

    [Fact]
    public async Task A_user_who_may_not_make_the_database_is_told_so()
    {
        await MigrateAsync(database.Open());
        await database.ExecuteAsync("DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'poor') THEN CREATE ROLE poor LOGIN; END IF; END $$");

        var outage = await Assert.ThrowsAsync<DatabaseUnavailableException>(() => MigrateAsync(database.Open(more: "Username=poor;Database=not_there")));

        Assert.Contains("not_there", outage.Message, StringComparison.Ordinal);
        Assert.Contains("poor may not make it", outage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_migrations_are_those_of_the_model()
    {
        await using var context = database.Open().GetRequiredService<ContextFactory>().Create();

        Assert.False(context.Database.HasPendingModelChanges(), "Run: dotnet ef migrations add Name -p src/IdServer.Data -s src/IdServer.Data -c PostgresDbContext -o Migrations/Postgres");
    }

    [Fact]
    public async Task Both_databases_have_the_same_tables_and_columns()
    {
        var file = TestDatabase.Nothing();
        await using var sqlite = file.Open().GetRequiredService<ContextFactory>().Create();
        await using var postgres = database.Open().GetRequiredService<ContextFactory>().Create();

        Assert.Equal(Columns(sqlite.Model), Columns(postgres.Model));
        await file.DisposeAsync();
    }

    private static Task MigrateAsync(ServiceProvider node) => node.GetRequiredService<DatabaseMigration>().MigrateAsync(TestDatabase.Ct);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestDatabase.Ct);
    }

    private static IEnumerable<string> Columns(IModel model) => model.GetRelationalModel().Tables
        .SelectMany(table => table.Columns.Select(column => $"{table.Name}.{column.Name}{(column.IsNullable ? "?" : "")}"))
        .Order(StringComparer.Ordinal);
}
