using IdServer.Testing;
using IdServer.Tests.Conformance;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>Other sites, and other people, who use a person's browser: forged forms, sessions and requests that were planted, and pages in frames.</summary>
public sealed class BrowserAttacks(AttackedServer server) : IClassFixture<AttackedServer>
{
    private const string StaleForm = "did not come from this page";

    private static readonly string[] PagesOfARequest = ["account/login", "authorize/consent", "account/logout", "connect/authorize", "device/confirm", "device/done"];

    private RunningServer Running => server.Running;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Pages that neither a stranger nor somebody who is signed in gets by their address alone, and why. One that they do get does not belong here.</summary>
    private static readonly Dictionary<string, string> Unseen = new(StringComparer.Ordinal)
    {
        ["account/link"] = "only who comes from another provider sees it: LinkingTests",
        ["account/verify"] = "only who follows the link of a mail, or has an unverified address, sees it: RegistrationByMailTests",
        ["account/password-hint"] = "answers our script in JSON",
    };

    /// <summary>Every page there is, by its address.</summary>
    private string[] Pages => [.. Running.Provider.GetRequiredService<IdServer.Pages.PeoplesServices>().Provider.GetRequiredService<IActionDescriptorCollectionProvider>().ActionDescriptors.Items.OfType<PageActionDescriptor>()
        .Select(page => page.AttributeRouteInfo!.Template!).Distinct()];

    [Fact]
    [Attack("CSRF")]
    [Spec("requirement", "18")]
    public async Task No_page_takes_a_form_without_a_token_of_the_same_browser()
    {
        using var attacker = new SuiteBrowser(Running);
        var page = await attacker.OpenAsync("account/login");
        var token = SuiteBrowser.HiddenFieldOf(page, "anti-forgery");
        var forged = Pages.Where(path => path != "not-found").ToArray();
        Assert.Superset(new HashSet<string> { "account/login", "account/register", "account/logout", "authorize/consent" }, forged.ToHashSet());
        using var victim = new SuiteBrowser(Running);
        await victim.BeSignedInAsync();
        await victim.OpenAsync("account/logout"); // has an anti-forgery cookie of its own

        await Running.WritesNothingAsync(async () =>
        {
            foreach (var path in forged)
            {
                foreach (var fields in new KeyValuePair<string, string>[][] { [], [new("anti-forgery", token)], [new("anti-forgery", "forged")] })
                {
                    var visit = await victim.PostAsync(path, [.. Everything, .. fields]);
                    visit.AssertErrorPage(ErrorCodes.InvalidRequest, StaleForm);
                }
            }
        });
        Assert.Contains(victim.Cookies, cookie => cookie.Name.EndsWith("session", StringComparison.Ordinal));
    }

    [Fact]
    [Attack("CSRF")]
    public async Task Nobody_is_signed_in_as_the_attacker_by_a_forged_form()
    {
        using var victim = new SuiteBrowser(Running);

        await Running.WritesNothingAsync(async () =>
        {
            var visit = await victim.PostAsync("account/login", [new("username", "berta"), new("password", Declared.Password), new("login-submit", "yes")]);
            visit.AssertErrorPage(ErrorCodes.InvalidRequest, StaleForm);
        });

        Assert.DoesNotContain(victim.Cookies, cookie => cookie.Name.EndsWith("session", StringComparison.Ordinal));
    }

    [Fact]
    [Attack("CSRF")]
    [Spec("requirement", "46")]
    public async Task A_link_alone_signs_nobody_out()
    {
        using var victim = new SuiteBrowser(Running);
        await victim.BeSignedInAsync();

        foreach (var link in new[] { "account/logout", "connect/endsession", "connect/endsession?client_id=app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fsigned-out" })
        {
            var visit = await victim.OpenAsync(link);
            Assert.EndsWith("/account/logout", visit.Path, StringComparison.Ordinal); // which asks
        }

        var silent = await victim.OpenAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request((Parameters.Prompt, Prompts.None))));
        Assert.Contains(Parameters.Code, silent.Answer!);
    }

    [Fact]
    [Attack("session fixation")]
    public async Task A_planted_session_ends_when_the_victim_signs_in_over_it()
    {
        using var attacker = Running.NewBrowser();
        await attacker.SignInAsync("berta");
        using var victim = Running.NewBrowser();
        Plant(attacker, victim);

        await victim.SignInAsync();

        Assert.NotEqual(SessionOf(attacker), SessionOf(victim));
        using var silent = await attacker.AuthorizeAsync((Parameters.Prompt, Prompts.None));
        Assert.Contains(ErrorCodes.LoginRequired, silent.Headers.Location!.Query, StringComparison.Ordinal);
    }

    [Fact]
    [Attack("session fixation")]
    public async Task A_planted_browser_cookie_gives_the_attacker_no_part_in_the_sign_in()
    {
        using var attacker = Running.NewBrowser();
        using var toLogin = await attacker.AuthorizeAsync();
        var interaction = toLogin.Headers.Location!.OriginalString[toLogin.Headers.Location.OriginalString.IndexOf('?')..];
        using var victim = Running.NewBrowser();
        Plant(attacker, victim); // the victim now is the same browser to the server, and enters a password
        await victim.SignInAsync();

        using var resumed = await attacker.Http.GetAsync("connect/authorize" + interaction, Ct);

        Assert.StartsWith("/account/login?interaction=", resumed.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    [Attack("session fixation")]
    [Spec("requirement", "46")]
    public async Task A_cookie_of_a_session_that_was_ended_is_worth_nothing()
    {
        using var person = Running.NewBrowser();
        await person.SignInAsync();
        using var thief = Running.NewBrowser();
        Plant(person, thief);
        using var browser = new SuiteBrowser(Running, person);
        await browser.PressAsync(await browser.OpenAsync("account/logout"), "logout-confirm");

        await Running.WritesNothingAsync(async () =>
        {
            using var silent = await thief.AuthorizeAsync((Parameters.Prompt, Prompts.None));
            Assert.Contains(ErrorCodes.LoginRequired, silent.Headers.Location!.Query, StringComparison.Ordinal);
        });
    }

    [Fact]
    [Attack("session fixation")]
    public async Task A_request_that_another_browser_began_is_finished_by_nobody_else()
    {
        using var attacker = new SuiteBrowser(Running);
        var login = await attacker.OpenAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request()));
        using var victim = new SuiteBrowser(Running);
        await victim.BeSignedInAsync();

        await Running.WritesNothingAsync(async () =>
        {
            foreach (var path in PagesOfARequest)
            {
                var visit = await victim.OpenAsync(path + new Uri(login.Address).Query);
                visit.AssertErrorPage(ErrorCodes.InvalidRequest, "opened in another browser");
            }
        });
    }

    [Fact]
    [Attack("clickjacking")]
    [Spec("requirement", "18")]
    public async Task No_page_can_be_framed()
    {
        using var person = Running.NewBrowser();
        await person.SignInAsync();
        var formPost = "connect/authorize?" + Wire.Encode(TestBrowser.Request((Parameters.ResponseMode, ResponseModes.FormPost)));
        using var toConsent = await person.AuthorizeAsync((Parameters.ClientId, Declared.PublicApp));
        using var withDevice = new SuiteBrowser(Running, person);
        var (toConfirm, toDone) = (await EnterDeviceCodeAsync(withDevice), await withDevice.PressAsync(await EnterDeviceCodeAsync(withDevice), "device-deny"));
        var seen = new HashSet<string>(StringComparer.Ordinal);

        foreach (var path in (string[])[.. Pages, formPost, new Uri(toConfirm.Address).PathAndQuery, new Uri(toDone.Address).PathAndQuery, toConsent.Headers.Location!.OriginalString, "no/such/page"])
        {
            using var stranger = await Running.Http.GetAsync(path, Ct);
            using var signedIn = await person.Http.GetAsync(path, Ct);
            var pages = new[] { stranger, signedIn }.Where(response => response.Content.Headers.ContentType?.MediaType == "text/html").ToArray(); // a redirect shows nothing
            seen.UnionWith(pages.Select(_ => path.Split('?')[0].TrimStart('/')));
            Assert.All(pages, response =>
            {
                Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
                Assert.Contains("frame-ancestors 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
                Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
                response.AssertNotStored();
            });
        }

        Assert.Equal(Pages.Except(Unseen.Keys).Order(StringComparer.Ordinal), Pages.Intersect(seen).Order(StringComparer.Ordinal));
    }

    private async Task<Visit> EnterDeviceCodeAsync(SuiteBrowser person)
    {
        using var response = await Running.PostAsync("connect/deviceauthorization", null, (Parameters.ClientId, Declared.Tv));
        return await person.PressAsync(await person.OpenAsync("device"), "device-continue", ("device-code", (await response.JsonAsync()).Text("user_code")));
    }

    // Whatever any of the forms looks for.
    private static KeyValuePair<string, string>[] Everything =>
    [
        new("username", "berta"), new("password", Declared.Password), new("login-submit", "yes"), new("logout-confirm", "yes"), new("consent-accept", "yes"), new("email", "new@example.com"), new("device-code", "BCDF-GHJK"), new("device-allow", "yes"),
    ];

    private static string? SessionOf(TestBrowser browser) => browser.Cookies.Single(cookie => cookie.Name.EndsWith("session", StringComparison.Ordinal)).Value;

    private static void Plant(TestBrowser from, TestBrowser to) => to.Take(from.Cookies);
}
