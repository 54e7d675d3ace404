using System.Net;
using System.Net.Sockets;
using IdServer.Configuration;
using IdServer.Data;
using IdServer.Data.Maintenance;
using IdServer.Hosting;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IdServer.Tests;

/// <summary>
/// The real server in this process: on a free loopback port, with a database file, keys and a content root of its own in a temporary directory, and what
/// <see cref="Declared"/> declares. Use it as a class fixture, or start one with settings of its own. What takes long and is proved elsewhere is made once for all:
/// the empty database and the RSA key; and passwords are hashed quickly.
/// </summary>
public sealed class RunningServer : IAsyncLifetime
{
    private const int Attempts = 5;

    private static readonly Lazy<Task<byte[]>> EmptyDatabase = new(MigrateAsync);
    private static readonly byte[] RsaKey = SigningKey.Create(Algorithms.RS256, default, default).ExportPkcs8();

    private readonly DirectoryInfo directory = System.IO.Directory.CreateTempSubdirectory("idserver-");
    private WebApplication? app;
    private HttpClient? http;

    /// <summary>Added to the configuration, by its full names such as <c>IdServer:RateLimits:TokenFailuresPerMinute</c>.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>More of them, which need to know the address or the directory.</summary>
    public Func<RunningServer, IReadOnlyDictionary<string, string?>> SettingsFor { get; init; } = _ => new Dictionary<string, string?>();

    /// <summary>The server's clock; the system's unless a test gives one.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Host of the issuer; <c>localhost</c> for passkeys, which browsers make for names only.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The host's environment.</summary>
    public string Environment { get; init; } = "Testing";

    /// <summary>What one hash of a password costs. One is the least, and right unless it is proved how long something takes.</summary>
    public int HashIterations { get; init; } = 1;

    /// <summary>Path part of the issuer, such as <c>/tenant</c>.</summary>
    public string IssuerPath { get; init; } = "";

    /// <summary>Changes the services before the server is built.</summary>
    public Action<IServiceCollection> Services { get; init; } = _ => { };

    /// <summary>Without a slash at its end.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary>Scheme, host and port, without the issuer's path.</summary>
    public string Origin { get; private set; } = "";

    /// <summary>Where database and keys are.</summary>
    public string Directory => directory.FullName;

    public string DatabaseFile => Path.Combine(Directory, "idserver.db");

    private string ConnectionString => $"Data Source={DatabaseFile}";

    /// <summary>A program's connection: no cookies, no redirects.</summary>
    public HttpClient Http => http ?? throw new InvalidOperationException("The server has not been started.");

    public IServiceProvider Provider => app?.Services ?? throw new InvalidOperationException("The server has not been started.");

    public static async Task<RunningServer> StartAsync(RunningServer? prepared = null)
    {
        var server = prepared ?? new RunningServer();
        await server.InitializeAsync();
        return server;
    }

    /// <summary>The <c>sub</c> of a declared person.</summary>
    public async Task<string> SubjectOfAsync(string username)
    {
        await using var scope = Provider.CreateAsyncScope();
        var normalized = username.ToUpperInvariant();
        var user = await scope.ServiceProvider.GetRequiredService<ScopedContext>().Value.Users.SingleAsync(u => u.NormalizedUserName == normalized, TestContext.Current.CancellationToken);
        return user.Id.ToString();
    }

    /// <summary>How many rows the protocol has written, sessions left out: what a refused request must not raise.</summary>
    public async Task<long> CountRowsAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={DatabaseFile};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT (SELECT COUNT(*) FROM grants) + (SELECT COUNT(*) FROM authorization_codes) + (SELECT COUNT(*) FROM refresh_tokens)
              + (SELECT COUNT(*) FROM interactions) + (SELECT COUNT(*) FROM pushed_requests) + (SELECT COUNT(*) FROM consents) + (SELECT COUNT(*) FROM revocations) + (SELECT COUNT(*) FROM replays) + (SELECT COUNT(*) FROM device_codes)
            """;
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>A browser with no cookies yet.</summary>
    public TestBrowser NewBrowser() => new(this);

    public async ValueTask InitializeAsync()
    {
        for (var attempt = 1; app is null; attempt++)
        {
            try
            {
                app = await StartOnFreePortAsync();
            }
            catch (IOException) when (attempt < Attempts)
            {
                // Somebody took the port between finding and using it.
            }
        }

        http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(Issuer + "/") };
    }

    /// <summary>What Ctrl+C and SIGTERM do: no new requests, and the running ones are finished.</summary>
    public Task StopAsync() => app?.StopAsync() ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        http?.Dispose();
        await StopAsync();
        if (app is not null)
        {
            await app.DisposeAsync();
        }

        SqliteConnection.ClearAllPools();
        directory.Delete(recursive: true);
    }

    private async Task<WebApplication> StartOnFreePortAsync()
    {
        var port = FreePort();
        Origin = $"http://{Host}:{port}";
        Issuer = Origin + IssuerPath;
        var built = ServerHost.Build(["--contentRoot", Directory, "--urls", $"http://127.0.0.1:{port}", "--environment", Environment], builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            builder.Configuration.AddJsonStream(Declared.Json(Issuer, DatabaseFile)).AddInMemoryCollection(Settings).AddInMemoryCollection(SettingsFor(this));
            builder.Services.AddSingleton(Clock);
            builder.Services.PostConfigure<PasswordHasherOptions>(options => options.IterationCount = HashIterations);
            Services(builder.Services);
        });
        try
        {
            if (built.Services.GetRequiredService<ServerSettings>().Database.ConnectionString == ConnectionString && !File.Exists(DatabaseFile))
            {
                await File.WriteAllBytesAsync(DatabaseFile, await EmptyDatabase.Value, TestContext.Current.CancellationToken);
                var now = Clock.GetUtcNow();
                await built.Services.GetRequiredService<ISigningKeyStore>().AddAsync(SigningKey.Import(Algorithms.RS256, RsaKey, now, now), TestContext.Current.CancellationToken);
            }

            await ServerHost.PrepareAsync(built, TestContext.Current.CancellationToken);
            await built.StartAsync(TestContext.Current.CancellationToken);
            return built;
        }
        catch
        {
            await built.DisposeAsync();
            throw;
        }
    }

    private static async Task<byte[]> MigrateAsync()
    {
        var place = System.IO.Directory.CreateTempSubdirectory("idserver-");
        var file = Path.Combine(place.FullName, "idserver.db");
        await using (var server = ServerHost.Build(["--contentRoot", place.FullName], builder => builder.Configuration.AddJsonStream(Declared.Json("http://localhost", file))))
        {
            await server.Services.GetRequiredService<DatabaseMigration>().MigrateAsync(CancellationToken.None);
        }

        Assert.False(File.Exists(file + "-wal"), "The last connection takes the WAL into the file.");
        var bytes = await File.ReadAllBytesAsync(file);
        place.Delete(recursive: true);
        return bytes;
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
