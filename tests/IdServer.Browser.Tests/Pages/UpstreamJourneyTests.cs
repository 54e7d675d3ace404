using IdServer.Testing;
using IdServer.Tests;
using IdServer.Tests.Upstream;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>People in front of Chromium who sign in at a provider like Google, at one like GitHub, and at a second IdServer.</summary>
public sealed class UpstreamJourneyTests(Chromium chromium, UpstreamJourneyTests.Places places) : BrowserTests(chromium), IClassFixture<UpstreamJourneyTests.Places>
{
    [Theory]
    [Journey("sign in with Google")]
    [InlineData("#login-google", "Sign in with Google", "Gala Eluard")]
    [InlineData("#login-github", "Sign in with GitHub", "octo-gala")]
    public async Task A_person_without_account_signs_in_with_the_button_of_a_provider(string button, string label, string name)
    {
        places.Upstream.BePerson("gala", "gala@gmail.example");
        (places.Upstream.Person["id"], places.Upstream.Person["login"]) = (4711, "octo-gala");
        if (button == "#login-github")
        {
            places.Upstream.BeGitHubPerson(4711, "octo-gala", name: null, ("gala@github.example", true, true));
        }

        var page = await NewPageAsync();
        await page.GotoAsync(places.Server.Issuer + "/account/login");
        await Expect(page.Locator(button)).ToHaveAccessibleNameAsync(label);
        await PagesServer.SubmitAsync(page, button);
        await Expect(page.Locator("h1")).ToHaveTextAsync("Upstream");
        await PagesServer.SubmitAsync(page, "#upstream-continue");

        await Expect(page.Locator("#home-heading")).ToHaveTextAsync($"Hello, {name}");
        await Expect(page.Locator("#home-roles")).ToHaveTextAsync("usuario");
    }

    [Fact]
    [Journey("any OpenID Connect provider"), Journey("linking after a proof: password")]
    public async Task Another_IdServer_is_a_provider_and_its_person_links_an_account_by_its_password()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(places.Server.Issuer + "/account/login");
        await PagesServer.SubmitAsync(page, "#login-partner");
        Assert.StartsWith(places.Partner.Issuer, page.Url, StringComparison.Ordinal);
        await PagesServer.SignInAsync(page);

        await Expect(page.Locator("#link-heading")).ToHaveTextAsync("Is this account yours?");
        await Expect(page.Locator("#link-why")).ToContainTextAsync("ana@example.com");
        await page.FillAsync("#link-password", Declared.Password);
        await PagesServer.SubmitAsync(page, "#link-submit");
        await Expect(page.Locator("#home-heading")).ToHaveTextAsync("Hello, Ana García");

        var later = await NewPageAsync();
        await later.GotoAsync(places.Server.Issuer + "/account/login");
        await PagesServer.SubmitAsync(later, "#login-partner");
        await PagesServer.SignInAsync(later);
        await Expect(later.Locator("#home-heading")).ToHaveTextAsync("Hello, Ana García");
    }

    [Fact]
    [Journey("linked logins")]
    public async Task A_person_links_a_provider_signs_in_with_it_and_takes_it_away_again()
    {
        places.Upstream.BePerson("berta-there", "berta@elsewhere.example");
        var page = await NewPageAsync();
        await page.GotoAsync(places.Server.Issuer + "/account/login?to=/manage/logins");
        await PagesServer.SignInAsync(page, "berta");
        await PagesServer.SubmitAsync(page, "button[name=link][value=google]");
        await PagesServer.SubmitAsync(page, "#upstream-continue");
        await Expect(page.Locator("#logins-heading")).ToBeVisibleAsync();
        await Expect(page.Locator("input[name=unlink]")).ToHaveCountAsync(1);

        var later = await NewPageAsync();
        await later.GotoAsync(places.Server.Issuer + "/account/login");
        await PagesServer.SubmitAsync(later, "#login-google");
        await PagesServer.SubmitAsync(later, "#upstream-continue");
        await Expect(later.Locator("#home-username")).ToHaveTextAsync("berta");

        await PagesServer.SubmitAsync(page, "form:has(input[name=unlink]) button");
        await Expect(page.Locator("#logins-none")).ToBeVisibleAsync();
    }

    [Fact]
    [Spec("requirement", "17")]
    public async Task Who_turns_back_at_the_provider_reads_so_and_signs_in_with_a_password()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(places.Server.Issuer + "/account/login");
        await PagesServer.SubmitAsync(page, "#login-partner");
        await PagesServer.SubmitAsync(page, "#login-cancel");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("You did not sign in with Partner Server. Choose another way, or try again.");

        await PagesServer.SignInAsync(page);

        await Expect(page.Locator("#home-heading")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_buttons_speak_the_language_of_the_person()
    {
        var page = await NewPageAsync(person => person.Locale = "es-ES");
        await page.GotoAsync(places.Server.Issuer + "/account/login?provider=google&fault=Unavailable");

        await Expect(page.Locator("#login-google")).ToHaveAccessibleNameAsync("Iniciar sesión con Google");
        await Expect(page.Locator("#login-fault")).ToContainTextAsync("Google no responde bien en este momento");
    }

    /// <summary>The server, and the providers its people come from.</summary>
    public sealed class Places : IAsyncLifetime
    {
        private FakeUpstream? upstream;
        private RunningServer? partner;
        private RunningServer? server;

        public FakeUpstream Upstream => upstream!;

        public RunningServer Partner => partner!;

        public RunningServer Server => server!;

        public async ValueTask InitializeAsync()
        {
            upstream = await FakeUpstream.StartAsync();
            upstream.AsksPerson = true;
            partner = await RunningServer.StartAsync(new RunningServer { Settings = Downstream() });
            server = await RunningServer.StartAsync(new RunningServer { Settings = upstream.Settings().Concat(Declared.Besides($$"""
                { "IdServer": {
                  "Fetching": { "AllowedPrivateHosts": { "1": "{{new Uri(partner.Issuer).Authority}}" } },
                  "UpstreamProviders": { "Partner": { "DisplayName": "Partner Server", "Authority": "{{partner.Issuer}}", "ClientId": "downstream", "ClientSecret": "{{Declared.Secret}}" } } } }
                """)).ToDictionary() });
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var started in new[] { server, partner })
            {
                if (started is not null)
                {
                    await started.DisposeAsync();
                }
            }

            if (upstream is not null)
            {
                await upstream.DisposeAsync();
            }
        }

        // On loopback any port will do (RFC 8252 §7.3), so each may be started before the other's address is known.
        private static IReadOnlyDictionary<string, string?> Downstream() => Declared.Besides($$"""
            { "IdServer": { "Clients": { "10": {
              "client_id": "downstream", "client_secret": "{{Declared.Secret}}", "client_name": "Downstream", "application_type": "native", "require_consent": "false", "scope": "openid profile email",
              "grant_types": { "0": "authorization_code" }, "redirect_uris": { "0": "http://127.0.0.1/account/upstream/partner/callback" } } } } }
            """);
    }
}
