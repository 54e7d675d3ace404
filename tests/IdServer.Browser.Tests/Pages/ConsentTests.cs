using IdServer.Testing;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

public sealed class ConsentTests(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    [Fact]
    public async Task Accepting_sends_the_person_back_with_a_code_and_is_remembered()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize());
        await PagesServer.SignInAsync(page, "berta");

        await PagesServer.SubmitAsync(page, "#consent-accept");

        var answer = await ApplicationSite.CallbackAsync(page);
        Assert.NotEmpty(answer["code"]);
        Assert.Equal(ApplicationSite.State, answer["state"]);

        await page.GotoAsync(server.Authorize());
        Assert.NotEmpty((await ApplicationSite.CallbackAsync(page))["code"]);
    }

    [Fact]
    [Spec("requirement", "17")]
    public async Task Denying_tells_the_application_access_denied_with_its_state()
    {
        var page = await AskedAsync();

        await PagesServer.SubmitAsync(page, "#consent-deny");

        var answer = await ApplicationSite.CallbackAsync(page);
        Assert.Equal("access_denied", answer["error"]);
        Assert.Equal(ApplicationSite.State, answer["state"]);
        Assert.DoesNotContain("code", answer);
    }

    [Fact]
    public async Task The_page_says_who_asks_for_what_and_where_the_answer_goes()
    {
        var page = await AskedAsync(("scope", "openid profile offline_access articles.read"), ("claims", """{"userinfo":{"phone_number":null}}"""));

        await Expect(page.Locator(".client-name")).ToHaveTextAsync(ApplicationSite.ClientName);
        await Expect(page.Locator("#consent-account")).ToContainTextAsync(PagesServer.DisplayName);
        await Expect(page.Locator("#consent-scopes + ul .row-title")).ToHaveTextAsync(["Know who you are", "See your profile", "Keep this access while you are away", "articles.read"]);
        await Expect(page.Locator("#consent-claims + ul .row-title")).ToHaveTextAsync(["Your phone number"]);
        await Expect(page.Locator("#consent-returns-to")).ToContainTextAsync(new Uri(server.CallbackUri).Authority);
    }

    [Fact]
    public async Task Accept_is_the_first_submit_button()
    {
        var page = await AskedAsync();

        await Expect(page.Locator("[type=submit]").First).ToHaveIdAsync("consent-accept");
    }

    private async Task<IPage> AskedAsync(params (string Name, string? Value)[] changes)
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize([.. changes, ("prompt", "consent")]));
        await PagesServer.SignInAsync(page);
        await Expect(page.Locator("#consent-heading")).ToHaveTextAsync("Allow access");
        return page;
    }
}
