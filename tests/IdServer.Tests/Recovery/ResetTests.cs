using IdServer.Data.Users;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Tests.Manage;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Recovery;

/// <summary>From the link of a mail to another password.</summary>
public sealed class ResetTests(ForgottenPassword people) : IClassFixture<ForgottenPassword>
{
    private const string Reset = "account/reset";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RunningServer Server => people.Server;

    [Fact]
    [Spec("NIST SP 800-63B", "§4.2.1")]
    public async Task A_link_gives_another_password_ends_every_other_session_and_signs_in()
    {
        var name = await people.AddPersonAsync();
        using var elsewhere = await AccountBrowser.SignedInAsync(Server, name);
        var link = await people.LinkAsync(name);
        using var browser = await people.FollowAsync(link);

        var done = await ForgottenPassword.ResetAsync(browser);

        Assert.Equal((303, "/account/review"), (done.Status, done.Location));
        Assert.Equal(200, (await browser.GetAsync("account/review")).Status);
        Assert.Equal(303, (await elsewhere.GetAsync("manage")).Status);
        Assert.Equal((false, true), (await CanSignInAsync(name, Declared.Password), await CanSignInAsync(name, ForgottenPassword.Another)));
        Assert.Contains("password", (await people.Mail.TakeAsync(ForgottenPassword.AddressOf(name), ct: Ct)).Subject, StringComparison.OrdinalIgnoreCase); // PasswordChanged
    }

    [Fact]
    public async Task The_link_is_out_of_the_address_before_a_page_is_shown_and_opening_it_spends_nothing()
    {
        var name = await people.AddPersonAsync();
        var link = await people.LinkAsync(name);
        for (var looks = 0; looks < 3; looks++)
        {
            using var program = await people.FollowAsync(link); // a program that looks at mail
            var page = await program.GetAsync(Reset);
            Assert.Equal(200, page.Status);
            Assert.DoesNotContain(link.Split('=')[1], page.Html, StringComparison.Ordinal);
            Assert.Contains(ForgottenPassword.AddressOf(name), page.Html, StringComparison.Ordinal); // whose account it is: not somebody else's link
        }

        using var browser = await people.FollowAsync(link);
        Assert.Equal(303, (await ForgottenPassword.ResetAsync(browser)).Status);
    }

    [Fact]
    [Attack("reset-token reuse")]
    public async Task A_link_is_good_once_also_for_the_browser_that_followed_it_before()
    {
        var name = await people.AddPersonAsync();
        var link = await people.LinkAsync(name);
        using var thief = await people.FollowAsync(link);
        var token = AccountBrowser.Token((await thief.GetAsync(Reset)).Html);
        using var owner = await people.FollowAsync(link);
        Assert.Equal(303, (await ForgottenPassword.ResetAsync(owner)).Status);

        var again = await thief.ForgeAsync(Reset, ("anti-forgery", token), ("reset-password", "an attacker's lantern"));

        Assert.Equal(410, again.Status);
        Assert.Contains("no longer works", again.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(thief.Browser.Cookies, cookie => cookie.Name is "idserver.session" or "idserver.reset");
        using var late = new AccountBrowser(Server);
        Assert.Equal(410, (await late.GetAsync(link)).Status);
        Assert.False(await CanSignInAsync(name, "an attacker's lantern"));
    }

    [Fact]
    [Attack("reset-token reuse")]
    public async Task Of_two_resets_at_once_one_wins()
    {
        var name = await people.AddPersonAsync();
        var link = await people.LinkAsync(name);
        var browsers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => people.FollowAsync(link)));

        var answers = await Task.WhenAll(browsers.Select((browser, i) => ForgottenPassword.ResetAsync(browser, $"{ForgottenPassword.Another} {i}")));

        var winner = Array.FindIndex(answers, a => a.Status == 303);
        Assert.Equal(1, answers.Count(a => a.Status == 303));
        Assert.All(answers.Where(a => a.Status != 303), a => Assert.Equal(410, a.Status));
        Assert.True(await CanSignInAsync(name, $"{ForgottenPassword.Another} {winner}"));
        Array.ForEach(browsers, browser => browser.Dispose());
    }

    [Fact]
    public async Task Only_the_newest_link_is_good()
    {
        var name = await people.AddPersonAsync();
        var first = await people.LinkAsync(name);
        var second = await people.LinkAsync(name);

        using var old = new AccountBrowser(Server);
        Assert.Equal(410, (await old.GetAsync(first)).Status);
        using var browser = await people.FollowAsync(second);
        Assert.Equal(303, (await ForgottenPassword.ResetAsync(browser)).Status);
    }

    [Theory]
    [InlineData("account/reset")]
    [InlineData("account/reset?token=")]
    [InlineData("account/reset?token=not-one-of-ours")]
    public async Task Without_a_link_there_is_nothing_to_set(string address)
    {
        using var browser = new AccountBrowser(Server);

        Assert.Equal(410, (await browser.GetAsync(address)).Status);
        using var somebody = await AccountBrowser.SignedInAsync(Server, await people.AddPersonAsync()); // being signed in is no link
        Assert.Equal(410, (await somebody.GetAsync(address)).Status);
    }

    [Fact]
    public async Task A_link_that_was_altered_or_has_another_purpose_is_none()
    {
        var name = await people.AddPersonAsync();
        var link = await people.LinkAsync(name);
        var id = Guid.Parse(await Server.SubjectOfAsync(name));
        var verify = await Server.Provider.GetRequiredService<OneTimeTokens>().IssueAsync("verify", id, ForgottenPassword.AddressOf(name), TimeSpan.FromDays(1), Ct);
        using var browser = new AccountBrowser(Server);

        Assert.Equal(410, (await browser.GetAsync(link[..^3] + (link.EndsWith("AAA", StringComparison.Ordinal) ? "BBB" : "AAA"))).Status);
        Assert.Equal(410, (await browser.GetAsync("account/reset?token=" + verify)).Status);
        Assert.DoesNotContain(browser.Browser.Cookies, cookie => cookie.Name == "idserver.reset");
    }

    [Fact]
    [Attack("session riding")]
    public async Task The_cookie_of_a_link_is_good_in_its_browser_only()
    {
        var link = await people.LinkAsync(await people.AddPersonAsync());
        using var owner = await people.FollowAsync(link);
        using var thief = new AccountBrowser(Server);
        thief.Browser.Take([owner.Browser.Cookies.Single(c => c.Name == "idserver.reset")]);

        Assert.Equal(410, (await thief.GetAsync(Reset)).Status);
        Assert.Equal(200, (await owner.GetAsync(Reset)).Status);
    }

    [Theory]
    [InlineData("", "Choose a password")]
    [InlineData("short", "at least 10 characters")]
    [InlineData("password1234", "Easy to guess")]
    public async Task A_bad_password_is_refused_and_the_link_stays_good(string password, string sentence)
    {
        var name = await people.AddPersonAsync();
        using var browser = await people.FollowAsync(await people.LinkAsync(name));

        var refused = await ForgottenPassword.ResetAsync(browser, password);

        Assert.Equal(422, refused.Status);
        Assert.Contains(sentence, refused.Text, StringComparison.Ordinal);
        Assert.True(await CanSignInAsync(name, Declared.Password));
        Assert.Equal(303, (await ForgottenPassword.ResetAsync(browser)).Status);
    }

    [Fact]
    public async Task Ones_own_name_and_address_are_weak_here_too()
    {
        var name = await people.AddPersonAsync();
        using var browser = await people.FollowAsync(await people.LinkAsync(name));

        Assert.Contains("a part of your name or address", (await ForgottenPassword.ResetAsync(browser, $"{name}@example!")).Text, StringComparison.Ordinal);
        var token = AccountBrowser.Token((await browser.GetAsync(Reset)).Html);
        var hint = await browser.ForgeAsync("account/password-hint", ("anti-forgery", token), ("password", $"{name}@example!"));
        Assert.Contains("a part of your name or address", hint.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_another_site_posts_sets_nothing()
    {
        var name = await people.AddPersonAsync();
        using var browser = await people.FollowAsync(await people.LinkAsync(name));

        var forged = await browser.ForgeAsync(Reset, ("reset-password", ForgottenPassword.Another));

        Assert.StartsWith("/error?e=", forged.Location, StringComparison.Ordinal);
        Assert.True(await CanSignInAsync(name, Declared.Password));
    }

    [Fact]
    public async Task An_account_that_was_disabled_meanwhile_gets_no_password()
    {
        var name = await people.AddPersonAsync();
        using var browser = await people.FollowAsync(await people.LinkAsync(name));
        var token = AccountBrowser.Token((await browser.GetAsync(Reset)).Html);
        await Server.Provider.GetRequiredService<Accounts>().DisableAsync(name, Ct);

        Assert.Equal(410, (await browser.ForgeAsync(Reset, ("anti-forgery", token), ("reset-password", ForgottenPassword.Another))).Status);
        await Server.Provider.GetRequiredService<Accounts>().EnableAsync(name, Ct);
        Assert.True(await CanSignInAsync(name, Declared.Password));
    }

    [Fact]
    public async Task A_link_to_an_address_that_is_the_accounts_no_more_is_worth_nothing()
    {
        var name = await people.AddPersonAsync();
        using var browser = await people.FollowAsync(await people.LinkAsync(name));
        await ChangeAsync(name, user => user.Email = "moved-" + user.Email);

        Assert.Equal(410, (await browser.GetAsync(Reset)).Status);
    }

    [Fact]
    [Attack("pre-hijacking")]
    public async Task Who_shows_that_an_address_is_theirs_gets_the_account_without_what_a_stranger_put_there()
    {
        var name = await people.AddPersonAsync(isVerified: false); // by the attacker, with the victim's address
        using var attacker = await AccountBrowser.SignedInAsync(Server, name);
        await ChangeAsync(name, user => user.TwoFactorEnabled = true, new UserLoginInfo("https://attacker.example", "1", "Attacker"));
        using var victim = await people.FollowAsync(await people.LinkAsync(name));
        Assert.Contains("Nobody has shown before that this address is theirs", (await victim.GetAsync(Reset)).Text, StringComparison.Ordinal);

        var done = await ForgottenPassword.ResetAsync(victim);

        Assert.Equal("/account/review", done.Location); // not the attacker's second factor
        Assert.True((await Server.Provider.GetRequiredService<IUserClaimsSource>().FindAsync(await Server.SubjectOfAsync(name), Ct))!.EmailVerified);
        Assert.Equal(303, (await attacker.GetAsync("manage")).Status);
        Assert.False(await CanSignInAsync(name, Declared.Password));
        await using var scope = Server.Provider.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        Assert.Empty(await users.GetLoginsAsync((await users.FindByNameAsync(name))!));
    }

    [Fact]
    [Attack("second-factor bypass")]
    public async Task Who_has_a_second_factor_still_owes_it()
    {
        var name = await people.AddPersonAsync();
        await ChangeAsync(name, user => user.TwoFactorEnabled = true);
        using var browser = await people.FollowAsync(await people.LinkAsync(name));

        var done = await ForgottenPassword.ResetAsync(browser);

        Assert.Equal("/account/second-factor?to=%2Faccount%2Freview", done.Location);
        Assert.DoesNotContain(browser.Browser.Cookies, cookie => cookie.Name == "idserver.session");
        Assert.Equal("/account/login?to=%2Faccount%2Freview", (await browser.GetAsync("account/review")).Location);
    }

    [Fact]
    [Attack("second-factor bypass")]
    public async Task After_the_second_factor_everything_is_shown_and_an_unknown_app_for_codes_can_go()
    {
        var name = await people.AddPersonAsync();
        var (apps, secret) = (Server.Provider.GetRequiredService<Authenticators>(), TimeBasedCode.NewSecret());
        var id = Guid.Parse(await Server.SubjectOfAsync(name));
        var step = TimeBasedCode.StepAt(TimeProvider.System.GetUtcNow());
        Assert.True(await apps.TryAddAsync(id, secret, TimeBasedCode.Of(secret, step), Ct));
        using var browser = await people.FollowAsync(await people.LinkAsync(name));
        var asked = (await ForgottenPassword.ResetAsync(browser)).Location![1..];

        Assert.Equal(422, (await browser.PostAsync(asked, ("second-code", "000000"), ("second-submit", "yes"))).Status);
        var done = await browser.PostAsync(asked, ("second-code", TimeBasedCode.Of(secret, step + 1)), ("second-submit", "yes"));

        Assert.Equal((303, "/account/review"), (done.Status, done.Location));
        Assert.Contains("value=\"Authenticator:app\"", (await browser.GetAsync("account/review")).Html, StringComparison.Ordinal);
        Assert.Equal("/manage", (await browser.PostAsync("account/review", ("review-unknown", "Authenticator:app"), ("review-drop", "yes"))).Location);
        Assert.Null(await apps.FindAsync(id, Ct));
    }

    private async Task<bool> CanSignInAsync(string name, string password)
    {
        using var response = await Server.PostAsync("connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), ("username", name), ("password", password));
        return (int)response.StatusCode == 200;
    }

    private async Task ChangeAsync(string name, Action<User> change, UserLoginInfo? login = null)
    {
        await using var scope = Server.Provider.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var user = (await users.FindByNameAsync(name))!;
        change(user);
        Assert.True((await users.UpdateAsync(user)).Succeeded);
        if (login is not null)
        {
            Assert.True((await users.AddLoginAsync(user, login)).Succeeded);
        }
    }
}
