using IdServer.Configuration;
using IdServer.Data;
using IdServer.Data.Maintenance;
using IdServer.Data.Users;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Tokens.Revocations;
using IdServer.Users;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace IdServer.Tests.Users;

/// <summary>Accounts on a real database file in a temporary directory, without a web server, on a clock that stands. Can be started again on the same file.</summary>
public sealed class UsersOnDisk : IAsyncDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("idserver-users-");
    private ServiceProvider? provider;

    private UsersOnDisk()
    {
    }

    public ManualClock Clock { get; } = new();

    public RecordingEvents Events { get; } = new();

    /// <summary>From the next start on, whoever asks for EF Core fails.</summary>
    public bool RefusesEntityFramework { get; set; }

    public CountingHasher Hasher { get; private set; } = null!;

    public Accounts Accounts => Get<Accounts>();

    public IPasswordVerifier SignIn => Get<IPasswordVerifier>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static ServerSettings Settings(Func<ServerSettings, ServerSettings>? with = null)
    {
        var settings = new ServerSettings
        {
            Protocol = Build.Options(),
            Database = new DatabaseSettings(DatabaseProviders.Sqlite, ""),
            Scopes = Build.Catalog(),
            Passwords = new PasswordSettings(100_000),
        };
        return with is null ? settings : with(settings);
    }

    public static async Task<UsersOnDisk> StartAsync(Func<ServerSettings, ServerSettings>? with = null)
    {
        var users = new UsersOnDisk();
        await users.RestartAsync(with);
        return users;
    }

    /// <summary>Ends the program and starts it again with these settings.</summary>
    public async Task RestartAsync(Func<ServerSettings, ServerSettings>? with = null, string keys = "keys")
    {
        if (provider is not null)
        {
            await provider.DisposeAsync();
        }

        var settings = Settings(with) with { Database = new DatabaseSettings(DatabaseProviders.Sqlite, $"Data Source={Path.Combine(directory.FullName, "idserver.db")}") };
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<IProtocolEvents>(Events);
        services.AddSingleton(settings);
        services.AddSingleton(settings.Protocol);
        services.AddIdServerData(settings.Database);
        services.AddDataProtection().SetApplicationName("test").PersistKeysToFileSystem(directory.CreateSubdirectory(keys));
        services.AddIdServerUsers(settings);
        services.AddSingleton<PasswordHasher<User>>();
        services.AddSingleton<CountingHasher>();
        services.Replace(ServiceDescriptor.Singleton<IPasswordHasher<User>>(p => p.GetRequiredService<CountingHasher>()));
        if (RefusesEntityFramework)
        {
            services.Replace(ServiceDescriptor.Scoped<ScopedContext>(_ => throw new InvalidOperationException("EF Core was asked for.")));
        }

        provider = services.BuildServiceProvider();
        Hasher = provider.GetRequiredService<CountingHasher>();
        await Get<DatabaseMigration>().MigrateAsync(Ct);
    }

    public T Get<T>()
        where T : notnull => provider!.GetRequiredService<T>();

    /// <summary>Starts again with these settings and applies what they declare.</summary>
    public async Task ApplyAsync(Func<ServerSettings, ServerSettings> with, string keys = "keys")
    {
        await RestartAsync(with, keys);
        await Get<DeclaredState>().ApplyAsync(Ct);
    }

    public async Task<string> AddAsync(string username = "ana", string password = Build.Password)
    {
        var outcome = await Accounts.AddAsync(new DeclaredUser { Username = username, Email = username + "@example.com", Password = password }, Ct);
        Assert.Empty(outcome.Faults);
        return outcome.Subject!;
    }

    public async Task<User> RowAsync(string username)
    {
        await using var scope = provider!.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<UserManager<User>>().FindByNameAsync(username))!;
    }

    public async Task ChangeRowAsync(string username, Action<User> change)
    {
        await using var scope = provider!.CreateAsyncScope();
        var manager = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var row = (await manager.FindByNameAsync(username))!;
        change(row);
        Assert.True((await manager.UpdateAsync(row)).Succeeded);
    }

    public async Task<int> CountAsync()
    {
        await using var scope = provider!.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UserManager<User>>().Users.CountAsync(Ct);
    }

    /// <summary>Whether everything of this person issued until now is dead.</summary>
    public async Task<bool> HasEndedAsync(string subject) =>
        (await Get<IRevocationStore>().ReadAsync(0, int.MaxValue, Clock.Now, Ct)).Any(r => r.Kind == RevocationKind.Subject && r.Key == Guid.Parse(subject));

    /// <summary>Changes that other processes would hear of: grows with every write.</summary>
    public async Task<long> ChangesAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(directory.FullName, "idserver.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Ct);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM changes";
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }

    public async Task<bool> CanSignInAsync(string login, string password) => (await SignIn.VerifyAsync(login, password, null, null, Ct)).Subject is not null;

    public async ValueTask DisposeAsync()
    {
        if (provider is not null)
        {
            await provider.DisposeAsync();
        }

        SqliteConnection.ClearAllPools();
        directory.Delete(recursive: true);
    }
}

/// <summary>Identity's hasher, which also counts its slow work.</summary>
public sealed class CountingHasher(PasswordHasher<User> hasher) : IPasswordHasher<User>
{
    private int count;

    public int Count => count;

    public string HashPassword(User user, string password)
    {
        Interlocked.Increment(ref count);
        return hasher.HashPassword(user, password);
    }

    public PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
    {
        Interlocked.Increment(ref count);
        return hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
    }
}
