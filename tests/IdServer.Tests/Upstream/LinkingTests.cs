using System.Net;
using System.Text.Json;
using IdServer.Data.Users;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Upstream;

/// <summary>Accounts and logins that have an address in common: what is linked, what is not, and who is kept out (pre-hijacking).</summary>
public sealed class LinkingTests : IClassFixture<FederatedServer>
{
    private const string AnasAddress = "ana@example.com"; // declared as verified

    private readonly FederatedServer server;

    public LinkingTests(FederatedServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        this.server = server;
        server.Heal();
    }

    [Fact]
    public async Task A_verified_account_is_linked_once_its_password_was_entered()
    {
        server.Upstream.BePerson("ana-at-google", AnasAddress);
        using var browser = new FederatedBrowser(server);
        var before = await server.PeopleAsync();
        var page = await browser.SignInAsync("google");
        Assert.Equal("/account/link", page.Path);
        Assert.Contains(AnasAddress, page.Html, StringComparison.Ordinal);
        Assert.Equal(before, await server.PeopleAsync());

        var wrong = await browser.PostAsync(page, ("link-password", "not the password"), ("link-submit", "yes"));
        Assert.Equal(422, wrong.Status);
        Assert.Equal(before, await server.PeopleAsync());

        var done = await browser.PostAsync(wrong, ("link-password", Declared.Password), ("link-submit", "yes"));
        var claims = await ClaimsAsync(done);
        Assert.Equal(await server.Running.SubjectOfAsync(Declared.User), claims.Text("sub"));
        Assert.Equal(["pwd", "fed"], claims.GetProperty("amr").EnumerateArray().Select(m => m.GetString()));

        using var later = new FederatedBrowser(server);
        Assert.Equal(claims.Text("sub"), (await ClaimsAsync(await later.SignInAsync("google"))).Text("sub"));
    }

    [Fact]
    [Attack("clickjacking")]
    [Spec("requirement", "18")]
    public async Task The_page_cannot_be_framed()
    {
        server.Upstream.BePerson("ana-framed", AnasAddress);
        using var browser = new FederatedBrowser(server);
        var page = await browser.SignInAsync("google");
        Assert.Equal("/account/link", page.Path);

        using var response = await browser.Http.GetAsync(page.Address, TestContext.Current.CancellationToken);

        Assert.Contains("link-password", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
        Assert.Contains("frame-ancestors 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        response.AssertNotStored();
    }

    [Fact]
    public async Task Who_does_not_link_is_back_at_the_login_page_and_nothing_is_stored()
    {
        server.Upstream.BePerson("ana-again", AnasAddress);
        using var browser = new FederatedBrowser(server);
        var before = await server.PeopleAsync();
        var page = await browser.SignInAsync("google");

        var login = await browser.PostAsync(page, ("link-cancel", "yes"));

        Assert.Equal("/account/login", login.Path);
        Assert.Equal(before, await server.PeopleAsync());
        Assert.Equal("/account/login", (await browser.GoAsync("account/link")).Path);
    }

    [Fact]
    public async Task An_account_without_password_is_proved_at_the_provider_it_came_from()
    {
        server.Upstream.BePerson("two-doors", "doors@gmail.example");
        using var first = new FederatedBrowser(server);
        var subject = (await ClaimsAsync(await first.SignInAsync("google"))).Text("sub");
        server.Upstream.BeGitHubPerson(2001, "two-doors", "Two Doors", ("doors@gmail.example", true, true));
        using var browser = new FederatedBrowser(server);
        var page = await browser.SignInAsync("github");
        Assert.Equal("/account/link", page.Path);
        Assert.DoesNotContain("link-password", page.Html, StringComparison.Ordinal);

        server.Upstream.BePerson("two-doors", "doors@gmail.example");
        Assert.Equal(subject, (await ClaimsAsync(await browser.PressAsync(page, "google"))).Text("sub"));

        server.Upstream.BeGitHubPerson(2001, "two-doors", "Two Doors", ("doors@gmail.example", true, true));
        using var later = new FederatedBrowser(server);
        Assert.Equal(subject, (await ClaimsAsync(await later.SignInAsync("github"))).Text("sub"));
    }

    [Fact]
    public async Task Who_has_a_second_factor_is_linked_after_it()
    {
        server.Upstream.BePerson("two-steps", "steps@gmail.example");
        using var first = new FederatedBrowser(server);
        var subject = (await ClaimsAsync(await first.SignInAsync("google"))).Text("sub");
        var (secret, step) = (TimeBasedCode.NewSecret(), TimeBasedCode.StepAt(TimeProvider.System.GetUtcNow()));
        Assert.True(await server.Running.Provider.GetRequiredService<Authenticators>().TryAddAsync(Guid.Parse(subject), secret, TimeBasedCode.Of(secret, step - 1), TestContext.Current.CancellationToken));
        server.Upstream.BeGitHubPerson(2002, "two-steps", "Two Steps", ("steps@gmail.example", true, true));
        using var browser = new FederatedBrowser(server);
        var page = await browser.SignInAsync("github");
        server.Upstream.BePerson("two-steps", "steps@gmail.example");
        var before = await LoginsAsync();

        var owes = await browser.PressAsync(page, "google");
        Assert.Equal(("/account/second-factor", before), (owes.Path, await LoginsAsync()));
        Assert.Equal(subject, (await ClaimsAsync(await browser.PostAsync(owes, ("second-code", TimeBasedCode.Of(secret, step))))).Text("sub"));

        Assert.NotEqual(before, await LoginsAsync());
    }

    [Fact]
    [Attack("account pre-hijacking")]
    public async Task Whoever_registered_the_address_first_gets_nothing_of_its_owner_who_comes_from_a_provider()
    {
        using var attacker = new FederatedBrowser(server);
        var form = await attacker.GoAsync("account/register");
        await attacker.PostAsync(form, ("register-email", "target@gmail.example"), ("register-password", "a password of the attacker"), ("register-submit", "yes"));
        var trap = await server.Running.SubjectOfAsync("target@gmail.example");

        server.Upstream.BePerson("target", "target@gmail.example");
        using var victim = new FederatedBrowser(server);
        var subject = (await ClaimsAsync(await victim.SignInAsync("google"))).Text("sub");

        Assert.NotEqual(trap, subject);
        Assert.Equal(("target@gmail.example", true), ((await server.UserAsync(subject)).Email, (await server.UserAsync(subject)).EmailConfirmed)); // by proof
        Assert.Equal((null, false), ((await server.UserAsync(trap)).Email, (await server.UserAsync(trap)).EmailConfirmed));
        Assert.Equal("/account/login", (await attacker.GoAsync("manage")).Path); // what the trap had begun is over
    }

    [Fact]
    [Attack("unverified address of another provider")]
    public async Task An_address_that_the_provider_does_not_call_verified_is_nobody_s()
    {
        server.Upstream.BePerson("liar", AnasAddress, verified: false);
        using var attacker = new FederatedBrowser(server);
        var stolen = (await ClaimsAsync(await attacker.SignInAsync("google"))).Text("sub");
        Assert.NotEqual(await server.Running.SubjectOfAsync(Declared.User), stolen);
        Assert.Null((await server.UserAsync(stolen)).Email);

        server.Upstream.BeGitHubPerson(666, "liar", "Liar", (AnasAddress, true, false), ("mine@evil.example", false, true));
        using var second = new FederatedBrowser(server);
        var other = await server.UserAsync((await ClaimsAsync(await second.SignInAsync("github"))).Text("sub"));
        Assert.Null(other.Email);

        server.Upstream.BePerson("squatter", "future@gmail.example", verified: false); // and it keeps no address from its owner
        using var squatter = new FederatedBrowser(server);
        await squatter.SignInAsync("google");
        server.Upstream.BePerson("owner", "future@gmail.example");
        using var owner = new FederatedBrowser(server);
        var mine = await server.UserAsync((await ClaimsAsync(await owner.SignInAsync("google"))).Text("sub"));
        Assert.Equal("future@gmail.example", mine.Email);
    }

    [Fact]
    [Attack("account pre-hijacking")]
    public async Task A_declared_account_whose_address_is_not_verified_is_never_merged()
    {
        server.Upstream.BePerson("berta-at-google", "berta@example.com");
        using var browser = new FederatedBrowser(server);

        Assert.NotEqual(await server.Running.SubjectOfAsync("berta"), (await ClaimsAsync(await browser.SignInAsync("google"))).Text("sub"));
    }

    [Fact]
    [Attack("linking to another person's account")]
    public async Task Another_account_s_password_or_login_proves_nothing()
    {
        server.Upstream.BePerson("berta-posing", "posing@gmail.example");
        using var own = new FederatedBrowser(server);
        await own.SignInAsync("google"); // the attacker's own account
        server.Upstream.BeGitHubPerson(777, "poser", "Poser", (AnasAddress, true, true));
        using var attacker = new FederatedBrowser(server);
        var page = await attacker.SignInAsync("github");
        Assert.Equal("/account/link", page.Path);
        var before = await LoginsAsync();

        var posted = await attacker.PostAsync(page, ("username", "berta"), ("link-password", "not Ana's password"), ("link-submit", "yes"));
        Assert.Equal(422, posted.Status);
        server.Upstream.BePerson("berta-posing", "posing@gmail.example");
        (await attacker.GoAsync($"account/upstream/google?interaction={page.Query("interaction")}&proves=yes")).AssertLoginPage("is over");
        Assert.Equal(before, await LoginsAsync());
    }

    [Fact]
    [Attack("code guessing")]
    [Spec("requirement", "50")]
    public async Task Guessing_on_the_link_page_is_braked()
    {
        server.Upstream.BePerson("guesser", "guessed@gmail.example");
        var accounts = (IdServer.Users.Accounts)server.Running.Provider.GetService(typeof(IdServer.Users.Accounts))!;
        await accounts.AddAsync(new() { Email = "guessed@gmail.example", EmailVerified = true, Password = "several words, long enough" }, TestContext.Current.CancellationToken);
        using var attacker = new FederatedBrowser(server);
        var page = await attacker.SignInAsync("google");
        var before = await LoginsAsync();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            page = await attacker.PostAsync(page, ("link-password", $"guess number {attempt}"), ("link-submit", "yes"));
        }

        Assert.Equal(429, (await attacker.PostAsync(page, ("link-password", "several words, long enough"), ("link-submit", "yes"))).Status);
        Assert.Equal(before, await LoginsAsync());
    }

    [Fact]
    [Attack("stolen cookie")]
    public async Task A_login_that_waits_to_be_linked_is_worthless_in_another_browser()
    {
        server.Upstream.BePerson("planted", AnasAddress);
        using var attacker = new FederatedBrowser(server);
        await attacker.SignInAsync("google");
        using var victim = new FederatedBrowser(server);
        await victim.AuthorizeAsync();
        var planted = new CookieCollection { attacker.Cookies.Single(c => c.Name == "idserver.link") };
        victim.Take(planted);

        Assert.Equal("/account/login", (await victim.GoAsync("account/link")).Path);
    }

    [Fact]
    [Attack("second way in")]
    public async Task An_account_of_a_provider_has_no_password_to_guess()
    {
        server.Upstream.BePerson("passwordless", "passwordless@gmail.example");
        using var browser = new FederatedBrowser(server);
        await browser.SignInAsync("google");

        using var response = await server.Running.PostAsync(
            "connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), ("username", "passwordless@gmail.example"), ("password", ""));
        using var other = await server.Running.PostAsync(
            "connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), ("username", "passwordless@gmail.example"), ("password", Declared.Password));

        Assert.Equal((400, 400), ((int)response.StatusCode, (int)other.StatusCode));
    }

    [Fact]
    public async Task Of_two_first_sign_ins_at_once_one_makes_the_account_and_both_get_it()
    {
        server.Upstream.BePerson("hasty", "hasty@gmail.example");
        using var left = new FederatedBrowser(server);
        using var right = new FederatedBrowser(server);

        var stops = await Task.WhenAll(left.SignInAsync("google"), right.SignInAsync("google"));

        var subjects = new[] { (await ClaimsAsync(stops[0])).Text("sub"), (await ClaimsAsync(stops[1])).Text("sub") };
        Assert.Equal(subjects[0], subjects[1]);
    }

    private async Task<string> LoginsAsync() => (await server.PeopleAsync()).Split(", ")[1];

    private async Task<JsonElement> ClaimsAsync(Halt stop)
    {
        Assert.True(stop.IsAtApplication, $"{stop.Status} {stop.Address}");
        using var response = await server.Running.RedeemAsync(stop.Query("code")!);
        return JsonElement.Parse(WebEncoders.Base64UrlDecode((await response.JsonAsync()).Text(Parameters.IdToken).Split('.')[1]));
    }
}
