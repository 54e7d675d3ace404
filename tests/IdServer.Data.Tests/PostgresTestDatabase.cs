using System.Collections.Concurrent;
using System.Globalization;
using IdServer.Data.Maintenance;
using IdServer.Protocol.Options;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresOfThisRun))]

namespace IdServer.Data.Tests;

/// <summary>A database on the PostgreSQL of this run, and nodes on it: each <see cref="Open"/> is what a node has.</summary>
internal sealed class PostgresTestDatabase : IAsyncDisposable
{
    private const string Empty =
        """
        DO $$ DECLARE name text; BEGIN
          FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> '__EFMigrationsHistory' LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
        END $$
        """;

    private static readonly Lazy<Task<string>> Migrated = new(MigrateAsync);
    private static readonly ConcurrentBag<string> Free = [];
    private static int count;

    private readonly List<ServiceProvider> nodes = [];
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("idserver-data-");
    private readonly InstalledPostgres postgres;

    private readonly bool isCopy;

    private PostgresTestDatabase(InstalledPostgres postgres, string name, bool isCopy) => (this.postgres, Name, this.isCopy) = (postgres, name, isCopy);

    public string Name { get; }

    public string ConnectionString => postgres.Named(Name);

    /// <summary>A name that no database has yet.</summary>
    public static async Task<PostgresTestDatabase> NothingAsync() => new(await InstalledPostgres.GetAsync(), NewName(), isCopy: false);

    /// <summary>An empty database of the current schema.</summary>
    public static async Task<PostgresTestDatabase> CreateAsync()
    {
        var template = await Migrated.Value;
        var server = await InstalledPostgres.GetAsync();
        if (!Free.TryTake(out var name))
        {
            name = NewName();
            await ExecuteAsync(server.Named("postgres"), $"CREATE DATABASE {name} TEMPLATE {template}");
        }

        return new(server, name, isCopy: true);
    }

    public ServiceProvider Open(TimeProvider? clock = null, ProtocolOptions? options = null, string more = "", Action<IServiceCollection>? with = null)
    {
        var services = TestDatabase.Services(new DatabaseSettings(DatabaseProviders.PostgreSql, $"{ConnectionString};{more}"), directory.FullName, clock, options);
        with?.Invoke(services);
        var node = services.BuildServiceProvider(validateScopes: true);
        nodes.Add(node);
        return node;
    }

    public async Task<long> CountAsync(string table) => (long)(await ScalarAsync($"SELECT COUNT(*) FROM {table}"))!;

    public Task ExecuteAsync(string sql) => ExecuteAsync(ConnectionString, sql);

    public async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Ends every connection to this database, as a restart of the server does.</summary>
    public Task CutAsync() => ExecuteAsync(postgres.Named("postgres"), $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Name}'");

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        if (isCopy)
        {
            await ExecuteAsync(ConnectionString, Empty);
            Free.Add(Name); // making and dropping one waits for checkpoints
        }
        else
        {
            await ExecuteAsync(postgres.Named("postgres"), $"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
        }

        directory.Delete(recursive: true);
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string NewName() => string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref count)}");

    // Once for all tests: a migrated database to copy.
    private static async Task<string> MigrateAsync()
    {
        var template = await NothingAsync();
        await template.Open(more: "Pooling=false").GetRequiredService<DatabaseMigration>().MigrateAsync(CancellationToken.None);
        foreach (var node in template.nodes)
        {
            await node.DisposeAsync();
        }

        template.directory.Delete();
        return template.Name;
    }
}
