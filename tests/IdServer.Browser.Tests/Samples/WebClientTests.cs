using System.Globalization;
using IdServer.Browser.Tests.Pages;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Samples;

/// <summary>A person and the sample web application, through the framework's OAuth handler.</summary>
public sealed class WebClientTests(Chromium chromium, SampleSite site) : BrowserTests(chromium)
{
    [Fact]
    public async Task A_person_signs_in_with_consent_sees_the_profile_calls_the_API_and_refreshes()
    {
        var page = await NewPageAsync();
        var complaints = Visitor.Complaints(page);
        Assert.True(await Visitor.SignInAsync(page, site.WebClient, SampleSite.Newcomer), "Consent was not asked.");
        await Expect(page.Locator("#profile-name")).ToHaveTextAsync("Nuria Vega");
        await Expect(page.Locator("#profile-email")).ToHaveTextAsync("nuria@example.com");

        await Visitor.CallApiAsync(page, "#call-perfil");
        await Expect(page.Locator("#answer")).ToContainTextAsync("nuria@example.com");
        await Expect(page.Locator("#answer")).ToContainTextAsync("\"rol\": \"editor\"");
        await Visitor.CallApiAsync(page, "#call-articulos");
        await Expect(page.Locator("#answer-heading")).ToContainTextAsync("/api/articulos");

        await page.ClickAsync("#refresh");
        await Expect(page.Locator("#notice")).ToHaveTextAsync("Tokens refreshed.");
        await Visitor.CallApiAsync(page, "#call-perfil");
        Assert.Empty(complaints);
    }

    [Fact]
    [Spec("requirement", "46")]
    public async Task Signing_out_ends_the_session_at_the_server_too()
    {
        var page = await NewPageAsync();
        await Visitor.SignInAsync(page, site.WebClient);

        await page.ClickAsync("#sign-out");

        await Expect(page.Locator("#signed-out-heading")).ToHaveTextAsync("Signed out");
        Assert.StartsWith(site.WebClient + "/signed-out", page.Url, StringComparison.Ordinal);
        Assert.DoesNotContain(await page.Context.CookiesAsync([site.WebClient]), cookie => cookie.Name.StartsWith("webclient.session", StringComparison.Ordinal));
        await Visitor.MustSignInAgainAsync(page, site.WebClient);
    }

    [Fact]
    public async Task Tokens_are_readable_neither_by_script_nor_in_the_cookie()
    {
        var page = await NewPageAsync();
        await Visitor.SignInAsync(page, site.WebClient);

        var session = Assert.Single(await page.Context.CookiesAsync([site.WebClient]), cookie => cookie.Name == "webclient.session");
        Assert.True(session.HttpOnly);
        Assert.DoesNotContain("eyJ", await page.ContentAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(await page.Context.CookiesAsync([site.WebClient]), cookie => cookie.Value.Contains("eyJ", StringComparison.Ordinal));
        Assert.Equal(0, await page.EvaluateAsync<int>("localStorage.length + sessionStorage.length"));
    }

    [Fact]
    public async Task An_access_token_about_to_expire_is_refreshed_by_the_call_that_needs_it()
    {
        var page = await NewPageAsync();
        await Visitor.SignInAsync(page, site.HastyWebClient);
        var before = await ExpiryAsync();

        await page.WaitForTimeoutAsync(1100); // expiry is told in whole seconds; nothing else changes on the page
        await Visitor.CallApiAsync(page, "#call-perfil");

        Assert.True(await ExpiryAsync() > before);

        async Task<DateTimeOffset> ExpiryAsync() => DateTimeOffset.Parse((await page.GetAttributeAsync("#expires-at", "datetime"))!, CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("perfil", "200")]
    [InlineData("articulos", "401")]
    public async Task A_call_that_the_API_refuses_is_tried_once_more_with_a_new_token(string name, string status)
    {
        var page = await NewPageAsync();
        await Visitor.SignInAsync(page, site.DoubtedWebClient);

        await page.ClickAsync("#call-" + name);

        await Expect(page.Locator("#answer-status")).ToHaveTextAsync(status);
        var tokens = site.SuspiciousApi.Tokens["/api/" + name];
        Assert.Equal(2, tokens.Count);
        Assert.Equal(2, tokens.Distinct().Count());
    }

    [Fact]
    public async Task A_grant_that_ended_at_the_server_ends_the_session_in_the_application()
    {
        var page = await NewPageAsync();
        await Visitor.SignInAsync(page, site.WebClient, SampleSite.Leaver);
        await site.Server.GetRequiredService<IGrantStore>().EndAllOfSubjectAsync(
            await page.InnerTextAsync("#profile-sub"), TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken);

        await page.ClickAsync("#call-perfil");

        await Expect(page.Locator("#notice")).ToHaveTextAsync("The session ended at the server. Please sign in again.");
        await Expect(page.Locator("#sign-in")).ToBeVisibleAsync();
    }

    [Fact]
    [Spec("requirement", "17")]
    public async Task A_person_who_does_not_consent_is_told_that_nothing_was_shared()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(site.WebClient);
        await page.ClickAsync("#sign-in");
        await PagesServer.SignInAsync(page, SampleSite.Refuser, SampleSite.Password);
        await page.ClickAsync("#consent-deny");

        await Expect(page.Locator("#error-code")).ToHaveTextAsync("access_denied");
        await page.GotoAsync(site.WebClient);
        await Expect(page.Locator("#sign-in")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("/signin-idserver?code=stolen&state=forged&iss=")]
    [InlineData("/signin-idserver?error=server_error&state=")]
    public async Task An_answer_nobody_asked_for_signs_nobody_in(string path)
    {
        var page = await NewPageAsync();
        await page.GotoAsync(site.WebClient + path);

        await Expect(page.Locator("h1")).ToHaveTextAsync("You are not signed in");
        await page.GotoAsync(site.WebClient);
        await Expect(page.Locator("#sign-in")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Spanish_is_spoken_to_a_Spanish_browser_here_and_at_the_server()
    {
        var page = await NewPageAsync(person => person.Locale = "es-ES");
        await page.GotoAsync(site.WebClient);
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "es");
        await Expect(page.Locator("#sign-in")).ToHaveTextAsync("Iniciar sesión con IdServer");

        await page.ClickAsync("#sign-in");
        await Expect(page.Locator("#login-heading")).ToBeVisibleAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "es");
    }
}
