using IdServer.Data.Users;
using IdServer.Testing;
using IdServer.Testing.Mail;
using IdServer.Users;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Upstream;

/// <summary>A link to the account's address as the proof that the account belongs to who came from a provider: good once, for that login, in that browser.</summary>
public sealed class LinkingByMailTests : IAsyncLifetime
{
    private const string Address = "owner@gmail.example";
    private const string Subject = "Is it you who wants to sign in another way?";

    private readonly SmtpListener listener = new();
    private FederatedServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = new FederatedServer { Settings = listener.Settings };
        await server.InitializeAsync();
        await Accounts.AddAsync(new() { Username = "owner", Email = Address, EmailVerified = true, Locale = "en", Password = Declared.Password }, Ct);
        server.Upstream.BePerson("owner-at-google", Address);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await listener.DisposeAsync();
    }

    private Accounts Accounts => server.Running.Provider.GetRequiredService<Accounts>();

    [Fact]
    public async Task The_link_links_when_its_button_is_pressed_and_once()
    {
        using var browser = new FederatedBrowser(server);
        var link = await AskAsync(browser);

        var page = await browser.GoAsync(link);
        Assert.Contains("link-proved", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("link-password", page.Html, StringComparison.Ordinal);
        Assert.Equal(0, await LoginsAsync()); // opening it is nothing
        var done = await browser.PostAsync(page, ("link-submit", "yes"));

        Assert.True(done.IsAtApplication, $"{done.Status} {done.Address}");
        Assert.Equal(1, await LoginsAsync());
        Assert.Equal("/", (await browser.GoAsync($"account/link?token={TokenOf(link)}")).Path); // signed in, and nothing waits to be linked
    }

    [Fact]
    [Attack("linking to another person's account")]
    public async Task In_the_browser_of_who_only_has_the_mail_it_is_worthless()
    {
        using var browser = new FederatedBrowser(server);
        var link = await AskAsync(browser);
        using var other = new FederatedBrowser(server);

        Assert.Equal("/account/login", (await other.GoAsync($"account/link?token={TokenOf(link)}")).Path);
        Assert.Equal(0, await LoginsAsync());
    }

    [Fact]
    [Attack("linking to another person's account")]
    public async Task A_link_for_one_login_proves_nothing_for_another()
    {
        using var browser = new FederatedBrowser(server);
        var link = await AskAsync(browser);
        server.Upstream.BePerson("somebody-else-at-google", Address);
        using var attacker = new FederatedBrowser(server);
        var page = await attacker.SignInAsync("google");

        var posted = await attacker.PostAsync(await attacker.GoAsync($"{page.Address}&token={TokenOf(link)}"), ("link-submit", "yes"));

        Assert.Equal(422, posted.Status); // asked for the password as if there were no link
        Assert.Contains("no longer good", (await attacker.GoAsync($"{page.Address}&token={TokenOf(link)}")).Html, StringComparison.Ordinal);
        Assert.Equal(0, await LoginsAsync());
        Assert.Contains("link-proved", (await browser.GoAsync(link)).Html, StringComparison.Ordinal); // and it was not spent
    }

    [Fact]
    public async Task A_newer_link_and_a_new_password_end_it()
    {
        using var browser = new FederatedBrowser(server);
        var first = await AskAsync(browser);
        var second = await AskAsync(browser, await browser.GoAsync(first));
        Assert.DoesNotContain("link-proved", (await browser.GoAsync(first)).Html, StringComparison.Ordinal);
        Assert.Contains("link-proved", (await browser.GoAsync(second)).Html, StringComparison.Ordinal);

        await Accounts.SetPasswordAsync("owner", "another password, long enough", Ct);

        Assert.DoesNotContain("link-proved", (await browser.GoAsync(second)).Html, StringComparison.Ordinal);
        Assert.Equal(0, await LoginsAsync());
    }

    [Fact]
    [Attack("mail bombing")]
    public async Task Three_mails_an_hour_go_to_an_account()
    {
        using var browser = new FederatedBrowser(server);
        var page = await browser.SignInAsync("google");
        for (var mail = 0; mail < 3; mail++)
        {
            Assert.Equal(200, (await browser.PostAsync(page, ("link-mail", "yes"))).Status);
            await listener.TakeAsync(Address, Subject, Ct);
        }

        Assert.Equal(429, (await browser.PostAsync(page, ("link-mail", "yes"))).Status);
        Assert.Equal(3, listener.Received.Count(m => m.Subject == Subject));
    }

    [Fact]
    [Attack("second-factor bypass")]
    public async Task Who_has_a_second_factor_proves_that_too()
    {
        var secret = TimeBasedCode.NewSecret();
        var step = TimeBasedCode.StepAt(TimeProvider.System.GetUtcNow());
        Assert.True(await server.Running.Provider.GetRequiredService<Authenticators>().TryAddAsync(Guid.Parse(await server.Running.SubjectOfAsync("owner")), secret, TimeBasedCode.Of(secret, step - 1), Ct));
        using var browser = new FederatedBrowser(server);
        var link = await AskAsync(browser);

        var next = await browser.PostAsync(await browser.GoAsync(link), ("link-submit", "yes"));

        Assert.Equal("/account/second-factor", next.Path);
        Assert.Equal(0, await LoginsAsync());
        Assert.Equal(422, (await browser.PostAsync(next, ("second-code", "000000"))).Status);
        Assert.Equal(0, await LoginsAsync());
        Assert.True((await browser.PostAsync(next, ("second-code", TimeBasedCode.Of(secret, step)))).IsAtApplication);
        Assert.Equal(1, await LoginsAsync()); // linked once everything was proved
    }

    [Fact]
    public async Task Without_mail_the_page_does_not_offer_it()
    {
        await using var silent = new FederatedServer();
        await silent.InitializeAsync();
        silent.Upstream.BePerson("ana-at-google", "ana@example.com");
        using var browser = new FederatedBrowser(silent);

        var page = await browser.SignInAsync("google");

        Assert.Equal("/account/link", page.Path);
        Assert.DoesNotContain("link-mail", page.Html, StringComparison.Ordinal);
        Assert.Equal(422, (await browser.PostAsync(page, ("link-mail", "yes"))).Status);
    }

    private static string TokenOf(string link) => System.Web.HttpUtility.ParseQueryString(new Uri(link).Query)["token"]!;

    private async Task<string> AskAsync(FederatedBrowser browser, Halt? page = null)
    {
        var asked = await browser.PostAsync(page ?? await browser.SignInAsync("google"), ("link-mail", "yes"));
        Assert.Equal(200, asked.Status);
        Assert.Contains("link-mailed", asked.Html, StringComparison.Ordinal);
        return (await listener.TakeAsync(Address, Subject, Ct)).Link.AbsoluteUri;
    }

    private async Task<int> LoginsAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={server.Running.DatabaseFile};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Ct);
        await using var command = connection.CreateCommand();
        command.CommandText = """SELECT COUNT(*) FROM "AspNetUserLogins" """;
        return Convert.ToInt32(await command.ExecuteScalarAsync(Ct), System.Globalization.CultureInfo.InvariantCulture);
    }
}
