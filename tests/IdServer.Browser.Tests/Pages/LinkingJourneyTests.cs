using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using IdServer.Testing;
using IdServer.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>Accounts and logins at providers that have an address in common: what is linked, by which proof, and what never is.</summary>
public sealed class LinkingJourneyTests(Chromium chromium, PeopleServer server) : BrowserTests(chromium), IClassFixture<PeopleServer>
{
    [Fact]
    [Journey("never a silent merge with an account whose address is unverified")]
    public async Task Who_took_the_address_of_another_before_keeps_nothing_of_theirs_when_they_come()
    {
        var trap = await server.AddPersonAsync(user => user with { Name = "Mallory", EmailVerified = false });
        var attacker = await NewPageAsync();
        await attacker.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(attacker, trap.Email);
        await Expect(attacker.Locator("#home-heading")).ToHaveTextAsync("Hello, Mallory");

        server.Upstream.BePerson("victim", trap.Email);
        server.Upstream.Person["displayName"] = "Vera Novak";
        var victim = await NewPageAsync();
        await victim.GotoAsync(server.Address("/account/login"));
        await SignInAtAsync(victim, "#login-corporate");
        await Expect(victim.Locator("#home-heading")).ToHaveTextAsync("Hello, Vera Novak");
        await Expect(victim.Locator("#home-email")).ToHaveTextAsync(trap.Email);

        await attacker.GotoAsync(server.Address("/manage"));
        await Expect(attacker.Locator("#login-heading")).ToBeVisibleAsync(); // the session is over
        await PagesServer.SignInAsync(attacker, trap.Email);
        await Expect(attacker.Locator("#login-fault")).ToBeVisibleAsync();
        await PagesServer.SignInAsync(attacker, trap.Username); // what was the attacker's own still is
        await Expect(attacker.Locator("#manage-heading")).ToBeVisibleAsync();
        Assert.Equal("Mallory//0", await server.ReadAsync("""SELECT "Name" || '/' || COALESCE("Email", '') || '/' || (SELECT COUNT(*) FROM "AspNetUserLogins" l WHERE l."UserId" = u."Id") FROM "AspNetUsers" u WHERE "UserName" = $1""", trap.Username));
    }

    [Fact]
    [Journey("a provider that does not say the address is verified is not believed")]
    public async Task An_address_that_the_provider_does_not_call_verified_opens_no_account_and_takes_none()
    {
        var owner = await server.AddPersonAsync();
        server.Upstream.BePerson("liar", owner.Email, verified: false, name: "Lila");
        server.Upstream.Person["hd"] = "corporation.example";
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address("/account/login"));

        await SignInAtAsync(page, "#login-google");

        await Expect(page.Locator("#home-heading")).ToHaveTextAsync("Hello, Lila");
        await Expect(page.Locator("main")).Not.ToContainTextAsync(owner.Email);
        Assert.Equal("1", await server.ReadAsync("""SELECT COUNT(*) FROM "AspNetUsers" WHERE "Email" = $1""", owner.Email));
        Assert.Equal("0", await server.ReadAsync("""SELECT COUNT(*) FROM "AspNetUserLogins" WHERE "UserId" = $1""", owner.Id));
    }

    [Fact]
    [Journey("linking after a proof: passkey"), Journey("amr: hwk and swk, with mfa")]
    public async Task A_person_shows_by_a_passkey_that_the_account_with_the_address_is_theirs()
    {
        var owner = await server.AddPersonAsync();
        var page = await NewPageAsync();
        var authenticator = await VirtualAuthenticator.AddAsync(page);
        await authenticator.TouchAsync(false); // the autofill of the login page would be answered before the password is typed
        await page.GotoAsync(server.Address("/account/login?to=/manage/passkeys"));
        await PagesServer.SignInAsync(page, owner.Username);
        await authenticator.TouchAsync(true);
        await PagesServer.SubmitAsync(page, "#passkey-add");
        await Expect(page.Locator("#passkeys-list")).ToBeVisibleAsync();
        await page.Context.ClearCookiesAsync();

        server.Upstream.BePerson("owner-there", owner.Email);
        await page.GotoAsync(server.Authorize(("idp_hint", "corporate")));
        await PagesServer.SubmitAsync(page, "#upstream-continue");
        await Expect(page.Locator("#link-heading")).ToHaveTextAsync("Is this account yours?");
        await Expect(page.Locator("#link-why")).ToContainTextAsync(owner.Email);
        await page.FillAsync("#link-password", "not the password");
        await PagesServer.SubmitAsync(page, "#link-submit");
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("The password is not right.");
        Assert.Equal("0", await LoginsOfAsync(owner));
        await PagesServer.SubmitAsync(page, "#link-passkey");
        await PagesServer.SubmitAsync(page, "#consent-accept");
        var claims = await server.ClaimsAsync(page);
        Assert.Equal((owner.Id.ToString(), ("urn:idserver:acr:mfa", "hwk fed mfa")), (claims.Text("sub"), claims.Proved()));
        Assert.Equal("1", await LoginsOfAsync(owner));
        Assert.Contains("Example Corporation", (await server.Mail.TakeAsync(owner.Email, "Another way to sign in was added", TestContext.Current.CancellationToken)).Text, StringComparison.Ordinal);

        var later = await NewPageAsync();
        await later.GotoAsync(server.Address("/account/login"));
        await SignInAtAsync(later, "#login-corporate");
        await Expect(later.Locator("#home-username")).ToHaveTextAsync(owner.Username);
    }

    [Fact]
    [Journey("linking after a proof: mail")]
    public async Task A_person_shows_by_a_mail_that_the_account_with_the_address_is_theirs()
    {
        var owner = await server.AddPersonAsync();
        server.Upstream.BePerson("mailed-there", owner.Email);
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize(("idp_hint", "corporate")));
        await PagesServer.SubmitAsync(page, "#upstream-continue");
        await PagesServer.SubmitAsync(page, "#link-mail");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync($"A link is on its way to {owner.Email}.");
        var mail = await server.Mail.TakeAsync(owner.Email, "Is it you who wants to sign in another way?", TestContext.Current.CancellationToken);
        Assert.Contains("Example Corporation", mail.Text, StringComparison.Ordinal);

        var elsewhere = await NewPageAsync();
        await elsewhere.GotoAsync(mail.Link.AbsoluteUri);
        await Expect(elsewhere.Locator("#link-proved")).ToHaveCountAsync(0); // the mail alone is worth nothing
        await page.GotoAsync(mail.Link.AbsoluteUri);
        await Expect(page.Locator("#link-proved")).ToHaveTextAsync($"The link in the mail has shown that {owner.Email} is yours.");
        await Expect(page.Locator("#link-password")).ToHaveCountAsync(0);
        Assert.Equal("0", await LoginsOfAsync(owner)); // opening it has linked nothing
        foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
            Assert.Empty((await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] } })).Violations);
        }

        await PagesServer.SubmitAsync(page, "#link-submit");
        await PagesServer.SubmitAsync(page, "#consent-accept");
        var claims = await server.ClaimsAsync(page);
        Assert.Equal((owner.Id.ToString(), ("urn:idserver:acr:fed", "fed")), (claims.Text("sub"), claims.Proved()));
        Assert.Equal("1", await LoginsOfAsync(owner));
    }

    [Fact]
    [Journey("unlinking never takes the last way in")]
    public async Task The_last_way_in_stays_until_there_is_another()
    {
        server.Upstream.BeGitHubPerson(4713, "octo-lone", name: "Lone Traveller", ("lone@github.example", true, true));
        var page = await NewPageAsync();
        var authenticator = await VirtualAuthenticator.AddAsync(page);
        await page.GotoAsync(server.Address("/account/login?to=/manage/logins"));
        await SignInAtAsync(page, "#login-github");
        await page.GetByRole(AriaRole.Button, new() { Name = "Unlink GitHub" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("This is your only way in, so it stays. Set a password or add a passkey first.");
        Assert.Equal("1", await server.ReadAsync("""SELECT COUNT(*) FROM "AspNetUserLogins" WHERE "ProviderKey" = '4713'"""));

        await page.GotoAsync(server.Address("/manage/passkeys"));
        await PagesServer.SubmitAsync(page, "#passkey-add");
        Assert.Equal(1, await authenticator.CountAsync());
        await page.GotoAsync(server.Address("/manage/logins"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Unlink GitHub" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The login is unlinked.");
        Assert.Equal("0", await server.ReadAsync("""SELECT COUNT(*) FROM "AspNetUserLogins" WHERE "ProviderKey" = '4713'"""));
    }

    private static async Task SignInAtAsync(IPage page, string button)
    {
        await PagesServer.SubmitAsync(page, button);
        await PagesServer.SubmitAsync(page, "#upstream-continue");
    }

    private Task<string> LoginsOfAsync(Person person) => server.ReadAsync("""SELECT COUNT(*) FROM "AspNetUserLogins" WHERE "UserId" = $1""", person.Id);
}
