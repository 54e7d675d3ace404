using IdServer.Testing.Mail;
using IdServer.Tests.Manage;
using IdServer.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Recovery;

/// <summary>A server that sends its mail to a listener, and people who have forgotten their passwords. For a class fixture.</summary>
public sealed class ForgottenPassword : IAsyncLifetime
{
    public const string Another = "lantern, violet and gravel";

    private int people;

    public SmtpListener Mail { get; } = new();

    public RunningServer Server { get; private set; } = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Server = await RunningServer.StartAsync(new RunningServer
    {
        Settings = new Dictionary<string, string?>(Mail.Settings) { ["IdServer:RateLimits:RecoveriesPerHour"] = "100000", ["IdServer:Audit:FailuresPerMinute"] = "100000" },
    });

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Mail.DisposeAsync();
    }

    /// <summary>An account of a name that no other test has.</summary>
    public async Task<string> AddPersonAsync(bool isVerified = true)
    {
        var name = $"person{Interlocked.Increment(ref people)}";
        var outcome = await Server.Provider.GetRequiredService<Accounts>().AddAsync(new() { Username = name, Email = AddressOf(name), EmailVerified = isVerified, Password = Declared.Password }, Ct);
        Assert.Empty(outcome.Faults);
        return name;
    }

    public static string AddressOf(string name) => $"{name}@example.com";

    /// <summary>The path with the query of the link that this person is sent.</summary>
    public async Task<string> LinkAsync(string name)
    {
        using var browser = new AccountBrowser(Server);
        Assert.Equal("/account/forgot?sent=yes", (await browser.PostAsync("account/forgot", ("forgot-login", name))).Location);
        return (await Mail.TakeAsync(AddressOf(name), "password", Ct)).Link.PathAndQuery[1..];
    }

    internal async Task<AccountBrowser> FollowAsync(string link)
    {
        var browser = new AccountBrowser(Server);
        Assert.Equal((303, "/account/reset"), await browser.GetAsync(link) is var answer ? (answer.Status, answer.Location) : default);
        return browser;
    }

    internal static Task<Answer> ResetAsync(AccountBrowser browser, string password = Another) => browser.PostAsync("account/reset", ("reset-password", password));
}
