using System.Diagnostics;
using IdServer.Testing;
using IdServer.Tests.Conformance;
using IdServer.Tests.Manage;
using IdServer.Users;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>Whether a form tells a stranger, by its words or by its time, who has an account here. The server would send mail, and has nobody to send it to.</summary>
[Attack("account enumeration")]
[Spec("requirement", "50")]
public sealed class EnumerationAttacks : IAsyncLifetime
{
    private const int Rounds = 6;
    private const int MostRounds = 24;
    private const string Link = "knows a link from a mail, a cookie of ours or a code, and says nothing of other accounts";
    private const string Own = "shows and changes the account of whoever is signed in";

    /// <summary>Every page, and why it tells nobody who has an account; or which tests prove it.</summary>
    private static readonly Dictionary<string, string> Forms = new(StringComparer.Ordinal)
    {
        ["account/login"] = "AccountAttacks: words, brake, time; PasswordSignInTests: one hash for each attempt, as for the password grant",
        ["account/forgot"] = "ForgotTests: words, time",
        ["account/register"] = "RegistrationByMailTests, PasskeyRegistrationTests: words; here: time. A user name that is taken is said: it is no secret. Without mail an address must be said to be taken too",
        ["manage/email"] = "EmailTests: words; here: time",
        ["account/change-address"] = Link,
        ["account/link"] = Link,
        ["account/reset"] = Link,
        ["account/second-factor"] = Link,
        ["account/verify"] = Link,
        ["device"] = Link,
        ["device/confirm"] = Link,
        ["device/done"] = Link,
        ["authorize/consent"] = Link,
        ["account/logout"] = Link,
        ["account/signed-out"] = Link,
        ["account/password-hint"] = "judges what was typed, and by the account of whoever is signed in or follows a link",
        ["account/review"] = Own,
        ["manage"] = Own,
        ["manage/activity"] = Own,
        ["manage/apps"] = Own,
        ["manage/data"] = Own,
        ["manage/devices"] = Own,
        ["manage/logins"] = Own,
        ["manage/passkeys"] = Own,
        ["manage/password"] = Own,
        ["manage/profile"] = Own,
        ["manage/second-factor"] = Own,
        ["manage/security"] = Own,
        [""] = "says who is signed in",
        ["error"] = "takes nothing",
        ["mailbox"] = "Development only, to this machine only",
        ["not-found"] = "takes nothing",
    };

    private readonly SkippingClock clock = new();
    private RunningServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await RunningServer.StartAsync(new RunningServer { Environment = "Development", Clock = clock, HashIterations = 100_000 }); // what a missing hash would save is seen

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public void Of_every_page_it_is_known_why_it_tells_nobody_who_has_an_account() => Assert.Equal(
        Forms.Keys.Order(StringComparer.Ordinal),
        server.Provider.GetRequiredService<IdServer.Pages.PeoplesServices>().Provider.GetRequiredService<IActionDescriptorCollectionProvider>().ActionDescriptors.Items.OfType<PageActionDescriptor>().Select(page => page.AttributeRouteInfo!.Template!.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public async Task Registering_takes_as_long_and_writes_as_much_whether_the_address_has_an_account()
    {
        using var browser = new AccountBrowser(server);
        var token = AccountBrowser.Token((await browser.GetAsync("account/register")).Html);
        await RegisterAsync("warm-up@example.com");

        await AssertAlikeAsync(() => RegisterAsync("ana@example.com"), round => RegisterAsync($"nobody{round}@example.com"));

        async Task RegisterAsync(string address)
        {
            var sent = await browser.PostWithAsync("account/register", token, ("register-email", address), ("register-password", "several words in a row"), ("register-submit", "yes"));
            Assert.Equal(200, sent.Status);
            Assert.Contains("id=\"register-sent\"", sent.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Asking_for_another_address_takes_as_long_and_writes_as_much_whether_it_has_an_account()
    {
        Assert.Empty((await server.Provider.GetRequiredService<Accounts>().AddAsync(new() { Username = "greta", Email = "greta@example.com", EmailVerified = true, Password = Declared.Password }, Ct)).Faults);
        using var browser = await AccountBrowser.SignedInAsync(server);
        var token = AccountBrowser.Token((await browser.GetAsync("manage/email")).Html);
        await AskAsync("warm-up@example.com");

        await AssertAlikeAsync(() => AskAsync("greta@example.com"), round => AskAsync($"nobody{round}@example.com"), () => browser.Browser.SignInAsync());

        async Task AskAsync(string address)
        {
            var asked = await browser.PostWithAsync("manage/email", token, ("email-new", address));
            Assert.Equal((303, "/manage/profile"), (asked.Status, asked.Location));
        }
    }

    // In turns, the fastest of each and a wide range, since other programs run beside; further rounds while these have slowed one of them down. What is written is counted exactly.
    private async Task AssertAlikeAsync(Func<Task> known, Func<int, Task> unknown, Func<Task>? before = null)
    {
        var (there, nowhere) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < MostRounds && (round < Rounds || there / nowhere is < 0.6 or > 1.7); round++)
        {
            clock.Skip(TimeSpan.FromHours(2)); // nobody has asked too often
            await (before?.Invoke() ?? Task.CompletedTask);
            var rows = await RowsAsync();
            there = Math.Min(there, await MillisecondsAsync(known));
            var written = await RowsAsync() - rows;
            nowhere = Math.Min(nowhere, await MillisecondsAsync(() => unknown(round)));
            Assert.Equal(2 * written, await RowsAsync() - rows);
            Assert.True(written > 0);
        }

        Assert.InRange(there / nowhere, 0.6, 1.7);
    }

    private static async Task<double> MillisecondsAsync(Func<Task> work)
    {
        var from = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
    }

    // Mails, of which each is a row for good here. The links of one person replace one another.
    private async Task<long> RowsAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={server.DatabaseFile};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Ct);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM mails";
        return (long)(await command.ExecuteScalarAsync(Ct))!;
    }
}
