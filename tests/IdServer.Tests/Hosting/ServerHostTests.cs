using System.Net;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Hosting;

public sealed class ServerHostTests
{
    [Fact]
    public async Task Keys_are_made_on_the_first_start_and_nobody_else_can_read_them()
    {
        await using var server = await RunningServer.StartAsync();
        using var browser = server.NewBrowser();
        await browser.SignInAsync(); // seals a cookie

        var keys = Path.Combine(server.Directory, "keys");
        Assert.Equal(2, System.IO.Directory.GetFiles(keys, "*.json").Length);
        var sealing = Path.Combine(keys, "dataprotection");
        Assert.NotEmpty(System.IO.Directory.GetFiles(sealing, "*.xml"));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var path in System.IO.Directory.GetFileSystemEntries(keys))
            {
                const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
                Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & others);
            }
        }
    }

    [Fact]
    public async Task No_file_is_watched_since_every_commit_in_the_same_directory_would_wake_the_watcher()
    {
        await using var server = await RunningServer.StartAsync();

        var files = ((IConfigurationRoot)server.Provider.GetRequiredService<IConfiguration>()).Providers.OfType<FileConfigurationProvider>().ToArray();

        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => file.Source.ReloadOnChange);
    }

    [Fact]
    public async Task The_published_keys_are_those_of_the_ring()
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.SendAsync(HttpMethod.Get, ".well-known/jwks.json");

        Assert.Equal(
            server.Provider.GetRequiredService<KeyRing>().PublicKeys.Keys.Select(k => k.KeyId).Order(StringComparer.Ordinal),
            (await response.JsonAsync()).GetProperty("keys").EnumerateArray().Select(k => k.Text("kid")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_server_that_stops_finishes_what_it_has_begun()
    {
        var verifier = new SlowVerifier();
        await using var server = await RunningServer.StartAsync(new RunningServer { Services = services => services.AddSingleton<IPasswordVerifier>(verifier) });
        var running = server.PostAsync("connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), (Parameters.Username, "ana"), (Parameters.Password, "x"));
        await verifier.Entered.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        var stopping = server.StopAsync();
        verifier.Goes.SetResult();

        using var response = await running;
        await response.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        await stopping;
    }

    private sealed class SlowVerifier : IPasswordVerifier
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Goes { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<PasswordOutcome> VerifyAsync(string login, string password, IPAddress? source, byte[]? device, CancellationToken ct)
        {
            Entered.SetResult();
            await Goes.Task;
            return default;
        }
    }
}
