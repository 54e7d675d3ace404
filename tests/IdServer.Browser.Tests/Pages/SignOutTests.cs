using IdServer.Testing;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

public sealed class SignOutTests(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    [Fact]
    [Spec("requirement", "46")]
    public async Task Confirming_ends_the_session()
    {
        var page = await SignedInAsync();
        await page.ClickAsync("#home-sign-out");
        await Expect(page.Locator("#logout-heading")).ToHaveTextAsync("Sign out");

        await PagesServer.SubmitAsync(page, "#logout-confirm");

        await Expect(page.Locator("#signed-out-heading")).ToHaveTextAsync("You are signed out");
        await page.GotoAsync(server.Authorize(("prompt", "none")));
        Assert.Equal("login_required", (await ApplicationSite.CallbackAsync(page))["error"]);
    }

    [Fact]
    public async Task Cancelling_keeps_the_session()
    {
        var page = await SignedInAsync();
        await page.GotoAsync(server.Address("/account/logout"));

        await PagesServer.SubmitAsync(page, "#logout-cancel");

        await Expect(page.Locator("#home-heading")).ToContainTextAsync(PagesServer.DisplayName);
    }

    [Fact]
    [Spec("requirement", "46")]
    public async Task An_application_without_proof_has_to_ask_and_gets_a_link_not_a_redirect()
    {
        var page = await SignedInAsync();
        await page.GotoAsync(server.Address($"/connect/endsession?client_id={ApplicationSite.ClientId}&post_logout_redirect_uri={Uri.EscapeDataString(server.CallbackUri)}"));
        await Expect(page.Locator(".client-name")).ToHaveTextAsync(ApplicationSite.ClientName);

        await PagesServer.SubmitAsync(page, "#logout-confirm");

        await Expect(page.Locator("#signed-out-heading")).ToBeVisibleAsync();
        await Expect(page.Locator("#signed-out-back")).ToHaveAttributeAsync("href", ApplicationSite.ClientHome);
    }

    [Fact]
    public async Task A_form_of_another_site_signs_nobody_out()
    {
        var page = await SignedInAsync();

        // What a foreign form can send at most: the person's cookies, and no token.
        var answer = await page.APIRequest.PostAsync(server.Address("/account/logout"), new() { Form = page.APIRequest.CreateFormData().Set("logout-confirm", "yes"), MaxRedirects = 0 });

        Assert.Equal(303, answer.Status);
        await page.GotoAsync(new Uri(new Uri(server.Issuer), answer.Headers["location"]).ToString());
        await Expect(page.Locator("#error-sentence")).ToContainTextAsync("was not accepted");
        await page.GotoAsync(server.Address("/"));
        await Expect(page.Locator("#home-heading")).ToContainTextAsync(PagesServer.DisplayName);
    }

    private async Task<IPage> SignedInAsync()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(page);
        await Expect(page.Locator("#home-heading")).ToContainTextAsync(PagesServer.DisplayName);
        return page;
    }
}
