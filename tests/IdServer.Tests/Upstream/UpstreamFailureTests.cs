using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Upstream;

/// <summary>Providers that say no, are down or lie, and answers that are not what they seem: nobody is signed in, nobody gets an account, and the request still waits.</summary>
public sealed class UpstreamFailureTests : IClassFixture<FederatedServer>
{
    private readonly FederatedServer server;

    public UpstreamFailureTests(FederatedServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        this.server = server;
        server.Heal();
        server.Upstream.BePerson("victim", "victim@gmail.example");
    }

    [Theory]
    [InlineData("nonce")]
    [InlineData("nonce missing")]
    [InlineData("iss")]
    [InlineData("aud")]
    [InlineData("azp")]
    [InlineData("exp")]
    [InlineData("sub")]
    [InlineData("signature")]
    [Spec("OIDC Core", "§3.1.3.7")]
    [Attack("forged ID token of another provider")]
    public async Task An_ID_token_that_is_wrong_is_not_believed(string wrong)
    {
        server.Upstream.SignsWithForeignKey = wrong == "signature";
        server.Upstream.ChangeIdToken = claims =>
        {
            switch (wrong)
            {
                case "nonce missing": claims.Remove("nonce"); break;
                case "exp": claims["exp"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 120; break;
                case "aud": (claims["aud"], claims["azp"]) = ("another-client", "another-client"); break;
                case "sub": claims.Remove("sub"); break;
                case "signature": break;
                default: claims[wrong] = "https://evil.example"; break;
            }
        };

        await AssertNothingHappensAsync("google", "What Google answered could not be verified");
    }

    [Fact]
    public async Task Who_says_no_there_may_choose_again_here()
    {
        server.Upstream.Error = "access_denied";
        await AssertNothingHappensAsync("google", "You did not sign in with Google");
    }

    [Fact]
    public async Task A_provider_that_answers_with_an_error_is_out_of_order()
    {
        server.Upstream.Error = "server_error";
        await AssertNothingHappensAsync("google", "Google is not answering properly");
    }

    [Theory]
    [InlineData("google", "Google")]
    [InlineData("github", "GitHub")]
    public async Task A_token_endpoint_that_fails_is_out_of_order(string provider, string name)
    {
        server.Upstream.IsBroken = true;
        await AssertNothingHappensAsync(provider, $"{name} is not answering properly");
    }

    [Fact]
    public async Task A_provider_that_never_answers_is_given_up_after_ten_seconds()
    {
        server.Upstream.Hangs = true;
        await AssertNothingHappensAsync("google", "Google is not answering properly");
    }

    [Fact]
    public async Task GitHub_without_a_person_is_not_believed()
    {
        server.Upstream.Person = [];
        await AssertNothingHappensAsync("github", "What GitHub answered could not be verified");
    }

    [Fact]
    [Spec("OIDC Core", "§5.3.2")]
    public async Task Userinfo_of_somebody_else_is_not_believed()
    {
        server.Upstream.ChangeIdToken = claims => claims["sub"] = "attacker";
        await AssertNothingHappensAsync("corporate", "What Example Corporation answered could not be verified");
    }

    [Fact]
    [Spec("RFC 6749", "§10.12")]
    [Attack("login CSRF")]
    public async Task An_answer_that_began_in_another_browser_signs_nobody_in()
    {
        using var attacker = new FederatedBrowser(server);
        var answer = await CallbackAsync(attacker);
        using var victim = new FederatedBrowser(server);
        await victim.AuthorizeAsync(); // has cookies of its own
        var before = await server.PeopleAsync();

        var stop = await victim.GoAsync(answer);

        Assert.Equal("/error", stop.Path); // the interaction is the attacker's: nothing of it is shown here
        Assert.Equal(before, await server.PeopleAsync());
        Assert.DoesNotContain(victim.Cookies, c => c.Name == "idserver.session");
    }

    [Fact]
    [Attack("login CSRF")]
    public async Task An_answer_with_a_state_of_nobody_signs_nobody_in()
    {
        using var browser = new FederatedBrowser(server);
        var answer = await CallbackAsync(browser);
        var before = await server.PeopleAsync();

        (await browser.GoAsync(answer.Replace("state=", "state=x", StringComparison.Ordinal))).AssertLoginPage("That sign-in with Google is over");
        Assert.Equal(before, await server.PeopleAsync());
    }

    [Fact]
    [Attack("replayed answer of another provider")]
    public async Task An_answer_is_good_once_even_with_the_cookies_of_before()
    {
        server.Upstream.BePerson("replayed", "replayed@gmail.example");
        using var browser = new FederatedBrowser(server);
        var answer = await CallbackAsync(browser);
        using var copy = new FederatedBrowser(server);
        copy.Take(browser.Cookies);
        copy.Take(browser.CookiesOf(answer));
        Assert.True((await browser.GoAsync(answer)).IsAtApplication);
        var before = await server.PeopleAsync();

        await copy.GoAsync(answer);

        Assert.Equal(before, await server.PeopleAsync());
        Assert.DoesNotContain(copy.Cookies, c => c.Name == "idserver.session");
    }

    [Fact]
    [Spec("RFC 9207", "§2.4")]
    [Attack("mix-up")]
    public async Task An_answer_that_names_another_issuer_or_came_to_another_provider_s_address_is_refused()
    {
        using var browser = new FederatedBrowser(server);
        var before = await server.PeopleAsync();
        var answer = await CallbackAsync(browser);

        (await browser.GoAsync(answer + "&iss=https%3A%2F%2Fevil.example")).AssertLoginPage("could not be verified");
        (await browser.GoAsync((await CallbackAsync(browser)).Replace("/google/", "/github/", StringComparison.Ordinal))).AssertLoginPage("That sign-in with GitHub is over");
        Assert.Equal(before, await server.PeopleAsync());
    }

    [Theory]
    [InlineData("fault=Denied&provider=%3Cscript%3E")]
    [InlineData("fault=%3Cscript%3E&provider=google")]
    [InlineData("fault=999&provider=google")]
    public async Task The_address_of_the_login_page_says_which_sentence_and_nothing_else(string query)
    {
        using var browser = new FederatedBrowser(server);
        var page = await browser.GoAsync($"account/login?{query}");

        Assert.DoesNotContain("login-fault", page.Html, StringComparison.Ordinal);
    }

    // The provider's answer, not yet opened.
    private static async Task<string> CallbackAsync(FederatedBrowser browser)
    {
        var page = await browser.AuthorizeAsync();
        var answer = await browser.GoAsync($"account/upstream/google?interaction={page.Query("interaction")}", longestWay: 2);
        Assert.EndsWith("/account/upstream/google/callback", answer.Path, StringComparison.Ordinal);
        return answer.Address;
    }

    private async Task AssertNothingHappensAsync(string provider, string sentence)
    {
        using var browser = new FederatedBrowser(server);
        var before = await server.PeopleAsync();

        var page = await browser.SignInAsync(provider);

        page.AssertLoginPage(sentence);
        Assert.Equal(before, await server.PeopleAsync());
        Assert.DoesNotContain(browser.Cookies, c => c.Name == "idserver.session");
        var after = await browser.PostAsync(page, ("username", Declared.User), ("password", Declared.Password), ("login-submit", "yes")); // nothing is lost
        Assert.NotNull(after.Query("code"));
    }
}
