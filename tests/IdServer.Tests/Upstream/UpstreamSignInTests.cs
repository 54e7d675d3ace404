using System.Text.Json;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace IdServer.Tests.Upstream;

/// <summary>People who come from Google, GitHub and any OpenID Connect provider.</summary>
public sealed class UpstreamSignInTests : IClassFixture<FederatedServer>
{
    private readonly FederatedServer server;

    public UpstreamSignInTests(FederatedServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        this.server = server;
        server.Heal();
    }

    [Fact]
    public async Task Who_comes_from_Google_first_gets_an_account_and_comes_back_to_it()
    {
        server.Upstream.BePerson("google-1", "gala@gmail.example");
        var first = await IdTokenOfAsync("google");
        var user = await server.UserAsync(first.Text("sub"));
        Assert.Equal(("gala@gmail.example", true, "Gala Eluard", "Gala", "https://lh3.example/photo.jpg"), (user.Email, user.EmailConfirmed, user.Name, user.GivenName, user.Picture));
        Assert.Null(user.PasswordHash);

        server.Upstream.BePerson("google-1", "another@gmail.example"); // the subject counts, not the address
        Assert.Equal(first.Text("sub"), (await IdTokenOfAsync("google")).Text("sub"));
    }

    [Fact]
    [Spec("RFC 8176", "§1")]
    [Spec("requirement", "11")]
    public async Task The_ID_token_says_that_another_provider_was_believed()
    {
        server.Upstream.BePerson("google-amr", "amr@gmail.example");
        var claims = await IdTokenOfAsync("google");

        Assert.Equal("fed", Assert.Single(claims.GetProperty("amr").EnumerateArray()).GetString());
        Assert.Equal(AuthenticationContexts.Federated, claims.Text("acr"));
    }

    [Fact]
    public async Task The_role_is_that_of_the_provider_or_of_registration()
    {
        server.Upstream.BePerson("google-role", "role@gmail.example");
        Assert.Equal("usuario", await RoleAsync((await IdTokenOfAsync("google")).Text("sub")));
        server.Upstream.BePerson("corporate-role", "role@corporate.example");
        Assert.Equal("editor", await RoleAsync((await IdTokenOfAsync("corporate")).Text("sub")));
    }

    [Fact]
    public async Task A_private_address_and_a_missing_name_at_GitHub_are_made_up_for()
    {
        server.Upstream.BeGitHubPerson(4711, "octo-dalia", name: null, ("old@github.example", false, true), ("dalia@github.example", true, true));
        var user = await server.UserAsync((await IdTokenOfAsync("github")).Text("sub"));

        Assert.Equal(("dalia@github.example", true, "octo-dalia", "https://avatars.example/u/4711"), (user.Email, user.EmailConfirmed, user.Name, user.Picture));
    }

    [Fact]
    public async Task A_login_at_GitHub_that_was_given_to_somebody_else_is_somebody_else()
    {
        server.Upstream.BeGitHubPerson(100, "recycled", "First", ("first@github.example", true, true));
        var first = await IdTokenOfAsync("github");
        server.Upstream.BeGitHubPerson(101, "recycled", "Second", ("second@github.example", true, true));

        Assert.NotEqual(first.Text("sub"), (await IdTokenOfAsync("github")).Text("sub"));
    }

    [Fact]
    [Spec("OIDC Core", "§5.7")]
    public async Task The_same_subject_of_two_providers_is_two_people()
    {
        server.Upstream.BePerson("twin", "twin@gmail.example");
        var google = await IdTokenOfAsync("google");
        server.Upstream.BePerson("twin", "twin@corporate.example");

        Assert.NotEqual(google.Text("sub"), (await IdTokenOfAsync("corporate")).Text("sub"));
    }

    [Fact]
    [Spec("OIDC Core", "§5.3.2")]
    public async Task Any_provider_is_found_by_discovery_and_its_userinfo_read_by_its_own_names()
    {
        server.Upstream.BePerson("corporate-1", "ines@corporate.example", name: null);
        server.Upstream.Person["displayName"] = "Inés de la Corporación";
        var user = await server.UserAsync((await IdTokenOfAsync("corporate")).Text("sub"));

        Assert.Equal(("ines@corporate.example", "Inés de la Corporación"), (user.Email, user.Name));
    }

    [Fact]
    public async Task An_account_that_was_disabled_does_not_come_back_through_a_provider()
    {
        server.Upstream.BePerson("google-disabled", "disabled@gmail.example");
        await IdTokenOfAsync("google");
        var accounts = (IdServer.Users.Accounts)server.Running.Provider.GetService(typeof(IdServer.Users.Accounts))!;
        await accounts.DisableAsync("disabled@gmail.example", TestContext.Current.CancellationToken);
        using var browser = new FederatedBrowser(server);

        (await browser.SignInAsync("google")).AssertLoginPage("is disabled");
        Assert.DoesNotContain(browser.Cookies, c => c.Name == "idserver.session");
    }

    [Fact]
    public async Task Without_leave_to_make_accounts_only_who_has_one_comes_in()
    {
        server.Upstream.BePerson("members-stranger", "stranger@corporate.example");
        var before = await server.PeopleAsync();
        using var browser = new FederatedBrowser(server);

        (await browser.SignInAsync("members")).AssertLoginPage("There is no account here for your Members sign-in");
        Assert.Equal(before, await server.PeopleAsync());
    }

    [Fact]
    public async Task A_provider_that_must_name_a_verified_address_and_does_not_is_refused()
    {
        server.Upstream.BePerson("corporate-unverified", "unverified@corporate.example", verified: false);
        var before = await server.PeopleAsync();
        using var browser = new FederatedBrowser(server);

        (await browser.SignInAsync("corporate")).AssertLoginPage("Example Corporation does not name a verified e-mail address");
        Assert.Equal(before, await server.PeopleAsync());
    }

    [Fact]
    [Spec("RFC 7636", "§4.3")]
    public async Task A_provider_is_asked_with_PKCE_nonce_and_the_callback_address_of_the_issuer()
    {
        server.Upstream.BePerson("google-asked", "asked@gmail.example");
        await IdTokenOfAsync("google");
        var asked = server.Upstream.Request;

        Assert.Equal($"{server.Running.Issuer}/account/upstream/google/callback", asked["redirect_uri"]);
        Assert.Equal(43, asked["code_challenge"].ToString().Length);
        Assert.NotEmpty(asked["nonce"].ToString());
        Assert.NotEmpty(asked["state"].ToString());
    }

    [Fact]
    [Spec("requirement", "3")]
    public async Task A_hint_goes_straight_to_the_provider_and_an_unknown_one_changes_nothing()
    {
        server.Upstream.BePerson("google-hint", "hint@gmail.example");
        using var hinted = new FederatedBrowser(server);
        using var astray = new FederatedBrowser(server);

        Assert.NotNull((await hinted.AuthorizeAsync(("idp_hint", "google"))).Query("code"));
        var page = await astray.AuthorizeAsync(("idp_hint", "myspace"));
        Assert.Equal((200, "/account/login"), (page.Status, page.Path));
    }

    [Fact]
    public async Task After_a_failure_a_hint_does_not_send_the_person_there_again()
    {
        server.Upstream.Error = "access_denied";
        using var browser = new FederatedBrowser(server);

        (await browser.AuthorizeAsync(("idp_hint", "google"))).AssertLoginPage("You did not sign in with Google");
    }

    [Fact]
    [Spec("requirement", "11")]
    public async Task A_request_that_demands_a_password_offers_no_provider_and_takes_no_session_of_one()
    {
        server.Upstream.BePerson("google-acr", "acr@gmail.example");
        using var browser = new FederatedBrowser(server);
        await browser.SignInAsync("google");
        var page = await browser.AuthorizeAsync(("claims", "{\"id_token\":{\"acr\":{\"essential\":true,\"values\":[\"" + AuthenticationContexts.Password + "\"]}}}"), ("idp_hint", "google"));

        Assert.Equal("/account/login", page.Path);
        Assert.DoesNotContain("/account/upstream/", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_for_fresh_credentials_is_passed_on()
    {
        server.Upstream.BePerson("corporate-forced", "forced@corporate.example");
        using var browser = new FederatedBrowser(server);
        server.Upstream.ChangeIdToken = claims => claims["auth_time"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 3600;

        var stale = await browser.PressAsync(await browser.AuthorizeAsync(("prompt", "login")), "corporate");
        stale.AssertLoginPage("could not be verified");
        Assert.Equal(("login", "0"), (server.Upstream.Request["prompt"].ToString(), server.Upstream.Request["max_age"].ToString()));

        server.Heal();
        Assert.True((await browser.PressAsync(stale, "corporate")).IsAtApplication);
    }

    private async Task<JsonElement> IdTokenOfAsync(string provider)
    {
        using var browser = new FederatedBrowser(server);
        var stop = await browser.SignInAsync(provider);
        Assert.True(stop.IsAtApplication, stop.Address);
        using var response = await server.Running.RedeemAsync(stop.Query("code")!);
        return JsonElement.Parse(WebEncoders.Base64UrlDecode((await response.JsonAsync()).Text(Parameters.IdToken).Split('.')[1]));
    }

    private async Task<string> RoleAsync(string subject)
    {
        var users = (IdServer.Protocol.Users.IUserClaimsSource)server.Running.Provider.GetService(typeof(IdServer.Protocol.Users.IUserClaimsSource))!;
        return Assert.Single((await users.FindAsync(subject, TestContext.Current.CancellationToken))!.Roles);
    }
}
