using System.Globalization;
using System.Net;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IdServer.Tests.Hosting;

public sealed class FailuresTests
{
    private const string Inside = "something of the inside";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("RFC 6749", "§5.2")]
    public async Task A_missing_database_is_temporarily_unavailable_everywhere()
    {
        await using var server = await RunningServer.StartAsync();
        using var browser = server.NewBrowser();
        await browser.SignInAsync();
        foreach (var file in System.IO.Directory.EnumerateFiles(server.Directory, "idserver.db*"))
        {
            File.Delete(file);
        }

        using var token = await server.RefreshAsync("an unknown client is looked up");
        await AssertUnavailableAsync(token);
        using var introspection = await server.PostAsync("connect/introspect", Wire.Basic("somebody"), (Parameters.Token, "x"));
        await AssertUnavailableAsync(introspection);
        using var health = await server.SendAsync(HttpMethod.Get, "health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        using var authorize = await browser.AuthorizeAsync((Parameters.ClientId, "somebody"));
        using var page = await browser.Http.GetAsync(authorize.Headers.Location, Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
        Assert.Contains(ErrorCodes.TemporarilyUnavailable, await page.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.False(File.Exists(server.DatabaseFile)); // nobody began an empty one
    }

    [Fact]
    [Spec("RFC 6749", "§5.2")]
    public async Task A_locked_database_is_temporarily_unavailable_and_loses_nothing()
    {
        await using var server = await RunningServer.StartAsync(new RunningServer
        {
            SettingsFor = running => new Dictionary<string, string?> { ["IdServer:Database:ConnectionString"] = $"Data Source={running.DatabaseFile};Default Timeout=1" }, // seconds
        });
        var refreshToken = (await server.TokensAsync()).Text(Parameters.RefreshToken);
        var rows = await server.CountRowsAsync();
        await using (var other = new SqliteConnection($"Data Source={server.DatabaseFile};Pooling=False"))
        {
            await other.OpenAsync(Ct);
            await using var command = other.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            await command.ExecuteNonQueryAsync(Ct);

            using var refused = await server.RefreshAsync(refreshToken);
            await AssertUnavailableAsync(refused);
        }

        Assert.Equal(rows, await server.CountRowsAsync());
        using var again = await server.RefreshAsync(refreshToken);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task A_bug_is_server_error_with_a_reference_that_stands_in_the_log()
    {
        using var logs = new CapturedLogs();
        await using var server = await BrokenAsync(logs);

        using var response = await server.PostAsync("connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), (Parameters.Username, "ana"), (Parameters.Password, "x"));

        await response.AssertErrorAsync(500, ErrorCodes.ServerError);
        var text = await response.Content.ReadAsStringAsync(Ct);
        Assert.DoesNotContain(Inside, text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        var entry = Assert.Single(logs.Entries, e => e.Id == 1501);
        Assert.Equal(LogLevel.Error, entry.Level);
        Assert.Equal(Inside, entry.Exception?.Message);
        Assert.Contains(entry.Message.Split(' ')[^1], text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bug_on_a_page_ends_on_the_error_page_with_the_reference()
    {
        using var logs = new CapturedLogs();
        await using var server = await BrokenAsync(logs);
        using var browser = server.NewBrowser();
        using var form = await browser.Http.GetAsync("account/login", Ct);
        const string before = "name=\"anti-forgery\" type=\"hidden\" value=\"";
        var token = (await form.Content.ReadAsStringAsync(Ct)).Split(before)[1].Split('"')[0];

        using var response = await browser.Http.PostAsync("account/login", new FormUrlEncodedContent([new("username", "ana"), new("password", "x"), new("anti-forgery", token)]), Ct);

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        using var page = await browser.Http.GetAsync(response.Headers.Location, Ct);
        Assert.Equal(HttpStatusCode.InternalServerError, page.StatusCode);
        var html = await page.Content.ReadAsStringAsync(Ct);
        Assert.DoesNotContain(Inside, html, StringComparison.Ordinal);
        var entry = Assert.Single(logs.Entries, e => e.Id == 1501);
        var reference = entry.Message.Split(' ')[^1];
        Assert.Contains(reference, html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_goes_away_is_no_failure()
    {
        using var logs = new CapturedLogs();
        var verifier = new EndlessVerifier();
        await using var server = await RunningServer.StartAsync(new RunningServer
        {
            Services = services => services.AddSingleton<ILoggerProvider>(logs).AddSingleton<IPasswordVerifier>(verifier),
        });
        using var impatience = new CancellationTokenSource();
        using var body = new FormUrlEncodedContent([new(Parameters.GrantType, GrantTypes.Password), new(Parameters.Username, "ana"), new(Parameters.Password, "x")]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "connect/token") { Content = body, Headers = { Authorization = Wire.Basic(Declared.Trusted) } };
        var calling = server.Http.SendAsync(request, impatience.Token);
        await verifier.Entered.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct);

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        await verifier.Left.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct);
        await server.StopAsync();
        Assert.DoesNotContain(logs.Entries, entry => entry.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task A_healthy_server_says_so()
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.SendAsync(HttpMethod.Get, "health");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task AssertUnavailableAsync(HttpResponseMessage response)
    {
        await response.AssertErrorAsync(503, ErrorCodes.TemporarilyUnavailable);
        Assert.InRange(int.Parse(Assert.Single(response.Headers.GetValues("Retry-After")), CultureInfo.InvariantCulture), 1, 60);
    }

    private static Task<RunningServer> BrokenAsync(CapturedLogs logs) => RunningServer.StartAsync(new RunningServer
    {
        Services = services => services.AddSingleton<ILoggerProvider>(logs).AddSingleton<IPasswordVerifier>(new BrokenVerifier()),
    });

    private sealed class BrokenVerifier : IPasswordVerifier
    {
        public ValueTask<PasswordOutcome> VerifyAsync(string login, string password, IPAddress? source, byte[]? device, CancellationToken ct) => throw new InvalidOperationException(Inside);
    }

    private sealed class EndlessVerifier : IPasswordVerifier
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<PasswordOutcome> VerifyAsync(string login, string password, IPAddress? source, byte[]? device, CancellationToken ct)
        {
            Entered.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, ct); // until the caller is gone
                return default;
            }
            finally
            {
                Left.SetResult();
            }
        }
    }
}
