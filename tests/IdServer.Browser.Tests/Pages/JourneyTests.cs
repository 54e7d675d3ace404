using IdServer.Testing;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>The main journey under conditions that break carelessly made pages.</summary>
public sealed class JourneyTests(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    [Fact]
    [Spec("requirement", "46")]
    public async Task Everything_works_without_script()
    {
        var page = await NewPageAsync(person => person.JavaScriptEnabled = false);
        await page.GotoAsync(server.Authorize(("prompt", "consent")));
        await PagesServer.SignInAsync(page, "ana", "wrong at first");
        await Expect(page.Locator("#login-fault")).ToBeVisibleAsync();
        await PagesServer.SignInAsync(page);
        await PagesServer.SubmitAsync(page, "#consent-accept");
        Assert.NotEmpty((await ApplicationSite.CallbackAsync(page))["code"]);

        await page.GotoAsync(server.Address("/"));
        await page.ClickAsync("#home-sign-out");
        await PagesServer.SubmitAsync(page, "#logout-confirm");

        await Expect(page.Locator("#signed-out-heading")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Everything_works_by_keyboard_alone_and_the_focus_is_always_visible()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize(("prompt", "consent")));

        await Keyboard.TypeAsync(page, "#username", "ana");
        await Keyboard.TypeAsync(page, "#password", PagesServer.Password);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#consent-heading")).ToBeVisibleAsync();
        await Keyboard.EnterAsync(page, "#consent-accept");

        Assert.NotEmpty((await ApplicationSite.CallbackAsync(page))["code"]);
    }

    [Fact]
    public async Task The_password_can_be_shown_and_leaves_hidden()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address("/account/login"));
        await page.FillAsync("#password", "visible");

        await page.GetByRole(AriaRole.Button, new() { Name = "Show password" }).ClickAsync();
        await Expect(page.Locator("#password")).ToHaveAttributeAsync("type", "text");

        await page.GetByRole(AriaRole.Button, new() { Name = "Hide password" }).ClickAsync();
        await Expect(page.Locator("#password")).ToHaveAttributeAsync("type", "password");
    }

    [Fact]
    public async Task Nothing_on_a_page_breaks_its_own_security_policy()
    {
        var complaints = new List<string>();
        var page = await NewPageAsync();
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, error) => complaints.Add(error);
        await page.RouteAsync("https://gazette.example/logo.png", route => route.FulfillAsync(new() { ContentType = "image/svg+xml", Body = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>" }));

        await page.GotoAsync(server.Authorize(("prompt", "consent")));
        await PagesServer.SignInAsync(page);
        await PagesServer.SubmitAsync(page, "#consent-accept");
        await ApplicationSite.CallbackAsync(page);

        Assert.Empty(complaints);
    }

    [Fact]
    public async Task An_application_may_send_the_person_on_to_another_of_its_hosts()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize(("redirect_uri", server.CallbackUri.Replace("/callback", "/onward", StringComparison.Ordinal)), ("prompt", "consent")));
        await PagesServer.SignInAsync(page);

        await PagesServer.SubmitAsync(page, "#consent-accept");

        Assert.NotEmpty((await ApplicationSite.CallbackAsync(page))["code"]);
        Assert.StartsWith("http://localhost:", page.Url, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Spec("OAuth 2.0 Form Post Response Mode", "§2")]
    public async Task An_answer_by_form_post_arrives_with_script_and_without(bool script)
    {
        var page = await NewPageAsync(person => person.JavaScriptEnabled = script);
        await page.GotoAsync(server.Authorize(("response_mode", "form_post")));

        await PagesServer.SubmitAsync(page, "#login-cancel");
        if (!script)
        {
            await PagesServer.SubmitAsync(page, "#form-post-continue");
        }

        await Expect(page.Locator("#callback")).ToBeVisibleAsync();
        Assert.Equal(server.CallbackUri, page.Url); // nothing in the address
    }
}
