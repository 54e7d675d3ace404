using System.Diagnostics;
using System.Text.RegularExpressions;
using IdServer.Data;
using IdServer.Data.Users;
using IdServer.Testing;
using IdServer.Tests.Manage;
using IdServer.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>Strangers at the login page: who has an account, what its password is, and keeping its owner out.</summary>
[Spec("requirement", "50")]
public sealed partial class AccountAttacks : IAsyncLifetime
{
    private const string Wrong = "not the password of anybody";

    private readonly ManualClock clock = new();
    private RunningServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.StartAsync(new RunningServer { Clock = clock, HashIterations = 100_000 }); // as Declared says: for nobody too
        foreach (var (name, change) in new (string, Action<User>)[] { ("disabled", _ => { }), ("federated", user => user.PasswordHash = null), ("careful", user => user.TwoFactorEnabled = true) })
        {
            var person = new DeclaredUser { Username = name, Email = name + "@example.com", Password = Declared.Password };
            Assert.Empty((await server.Provider.GetRequiredService<Accounts>().AddAsync(person, Ct)).Faults);
            await ChangeAsync(name, change);
        }

        await server.Provider.GetRequiredService<Accounts>().DisableAsync("disabled", Ct);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    [Attack("account enumeration")]
    public async Task The_login_page_says_the_same_to_every_wrong_password_whoever_it_is_for()
    {
        var answers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var login in new[] { "nobody", "nobody@example.com", Declared.User, "disabled", "federated", "careful", "careful@example.com" })
        {
            answers[login] = await AnswerAsync(login, Wrong);
        }

        answers["disabled, right password"] = await AnswerAsync("disabled", Declared.Password);

        Assert.Contains("422", answers["nobody"], StringComparison.Ordinal);
        Assert.All(answers, answer => Assert.Equal(answers["nobody"], answer.Value));
    }

    [Fact]
    [Attack("account enumeration")]
    public async Task The_brake_says_the_same_whether_there_is_an_account()
    {
        foreach (var login in new[] { "nobody", Declared.User })
        {
            for (var i = 0; i < 5; i++)
            {
                await AnswerAsync(login, Wrong);
            }
        }

        var answer = await AnswerAsync("nobody", Wrong);

        Assert.Contains("429", answer, StringComparison.Ordinal);
        Assert.Equal(answer, await AnswerAsync(Declared.User, Wrong));
        Assert.Equal(answer, await AnswerAsync(Declared.User, Declared.Password));
    }

    [Fact]
    [Attack("account enumeration")]
    public async Task The_login_page_takes_as_long_whoever_it_is_for()
    {
        using var browser = new AccountBrowser(server);
        var token = AccountBrowser.Token((await browser.GetAsync("account/login")).Html);
        string[] logins = ["nobody", Declared.User, "disabled", "federated"];
        var fastest = logins.ToDictionary(login => login, _ => double.MaxValue, StringComparer.Ordinal);
        for (var round = 0; round < 32 && (round < 6 || fastest.Values.Any(time => time / fastest["nobody"] is < 0.4 or > 2.5)); round++)
        {
            clock.Advance(TimeSpan.FromHours(2)); // nobody is braked
            foreach (var login in logins)
            {
                var from = Stopwatch.GetTimestamp();
                await browser.PostWithAsync("account/login", token, ("username", login), ("password", Wrong), ("login-submit", "yes"));
                fastest[login] = Math.Min(fastest[login], Stopwatch.GetElapsedTime(from).TotalMilliseconds);
            }
        }

        // The fastest of each and a wide range, since other programs run beside; further rounds while these have slowed one of them down. Without the hash the ratio stays beyond 10.
        Assert.All(fastest.Values, time => Assert.InRange(time / fastest["nobody"], 0.4, 2.5));
    }

    [Fact]
    [Attack("locking the owner out")]
    public async Task The_owner_signs_in_at_the_page_on_a_browser_they_have_used_while_everybody_else_waits()
    {
        using var owner = new AccountBrowser(server);
        Assert.Equal(303, (await SignInAsync(owner, Declared.User, Declared.Password)).Status);
        await owner.PostAsync("account/logout", ("logout-confirm", "yes"));
        using var thief = new AccountBrowser(server);
        Assert.Equal(303, (await SignInAsync(thief, "berta", Declared.Password)).Status);
        await thief.PostAsync("account/logout", ("logout-confirm", "yes"));
        for (var i = 0; i < 25; i++) // of the owner's own address, which is a source that has signed in to the account
        {
            await SignInAsync(thief, Declared.User, Wrong);
        }

        Assert.Equal(429, (await SignInAsync(thief, Declared.User, Declared.Password)).Status); // has a device, of another account
        using var stranger = new AccountBrowser(server);
        Assert.Equal(429, (await SignInAsync(stranger, Declared.User, Declared.Password)).Status);
        Assert.Equal(303, (await SignInAsync(owner, Declared.User, Declared.Password)).Status);
    }

    private static Task<Answer> SignInAsync(AccountBrowser browser, string login, string password) =>
        browser.PostAsync("account/login", ("username", login), ("password", password), ("login-submit", "yes"));

    // All that an attacker sees, without what they typed and what is different each time.
    private async Task<string> AnswerAsync(string login, string password)
    {
        using var browser = new AccountBrowser(server);
        var answer = await SignInAsync(browser, login, password);
        var cookies = browser.Browser.Cookies.Select(cookie => cookie.Name).Order(StringComparer.Ordinal);
        return $"{answer.Status} {answer.Location} {string.Join(' ', cookies)} {Token().Replace(answer.Html, "").Replace($"value=\"{login}\"", "", StringComparison.Ordinal)}";
    }

    private async Task ChangeAsync(string username, Action<User> change)
    {
        var id = Guid.Parse(await server.SubjectOfAsync(username));
        await using var scope = server.Provider.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ScopedContext>().Value;
        change(await db.Users.SingleAsync(u => u.Id == id, Ct));
        await db.SaveChangesAsync(Ct);
    }

    [GeneratedRegex("<input[^>]*name=\"anti-forgery\"[^>]*>", RegexOptions.None, 1000)]
    private static partial Regex Token();
}
