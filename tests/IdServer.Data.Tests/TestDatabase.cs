using IdServer.Protocol.Events;
using IdServer.Protocol.Options;
using IdServer.Testing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests;

/// <summary>A database file in a directory of its own, and processes on it: each <see cref="Open"/> is what a process has.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Lazy<Task<byte[]>> Migrated = new(MigrateAsync);

    private readonly List<ServiceProvider> processes = [];

    private TestDatabase(string directory) => Directory = directory;

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public string Directory { get; }

    public string FilePath => Path.Combine(Directory, "idserver.db");

    /// <summary>A directory without a database.</summary>
    public static TestDatabase Nothing() => new(System.IO.Directory.CreateTempSubdirectory("idserver-data-").FullName);

    /// <summary>An empty database of the current schema.</summary>
    public static async Task<TestDatabase> CreateAsync()
    {
        var database = Nothing();
        await File.WriteAllBytesAsync(database.FilePath, await Migrated.Value, Ct);
        return database;
    }

    public ServiceProvider Open(TimeProvider? clock = null, ProtocolOptions? options = null, string? path = null, int lockTimeoutSeconds = 5, Action<IServiceCollection>? with = null)
    {
        var settings = new DatabaseSettings(DatabaseProviders.Sqlite, $"Data Source={path ?? FilePath};Default Timeout={lockTimeoutSeconds}");
        var services = Services(settings, Directory, clock, options);
        with?.Invoke(services);
        var process = services.BuildServiceProvider(validateScopes: true);
        processes.Add(process);
        return process;
    }

    /// <summary>What a process on any database has.</summary>
    public static ServiceCollection Services(DatabaseSettings settings, string directory, TimeProvider? clock, ProtocolOptions? options)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(clock ?? TimeProvider.System);
        services.AddSingleton(options ?? Build.Options());
        services.AddSingleton<IProtocolEvents, RecordingEvents>();
        services.AddIdServerData(settings);
        services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(directory, "dataprotection")));
        services.AddSigningKeyDirectory(Path.Combine(directory, "keys"));
        services.AddIdentityCore<Data.Users.User>().AddRoles<Data.Users.Role>();
        return services;
    }

    /// <summary>A connection of somebody else, for looking and for locking.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False");
        connection.Open();
        return connection;
    }

    public long Count(string table)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT COUNT(*) FROM {table}";
        return (long)command.ExecuteScalar()!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }

    // Once for all tests: the bytes of a migrated file.
    private static async Task<byte[]> MigrateAsync()
    {
        var template = Nothing();
        await template.Open().GetRequiredService<Data.Maintenance.DatabaseMigration>().MigrateAsync(CancellationToken.None);
        foreach (var process in template.processes)
        {
            await process.DisposeAsync(); // the last connection takes the WAL into the file
        }

        template.processes.Clear();
        var bytes = await File.ReadAllBytesAsync(template.FilePath);
        await template.DisposeAsync();
        return bytes;
    }
}
