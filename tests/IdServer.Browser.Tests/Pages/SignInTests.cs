using IdServer.Testing;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

public sealed class SignInTests(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    [Theory]
    [InlineData("ana")]
    [InlineData("ANA@example.com")]
    public async Task A_person_signs_in_by_user_name_or_email(string login)
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address("/account/login"));

        await PagesServer.SignInAsync(page, login);

        await Expect(page).ToHaveURLAsync(server.Address("/"));
        await Expect(page.Locator("#home-heading")).ToHaveTextAsync($"Hello, {PagesServer.DisplayName}");
        await Expect(page.Locator("#home-roles")).ToHaveTextAsync("usuario");
    }

    [Fact]
    [Spec("requirement", "50")]
    public async Task A_wrong_password_and_an_unknown_account_read_the_same()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize());
        await PagesServer.SignInAsync(page, "ana", "not the password");
        var wrong = await page.Locator("#login-fault").TextContentAsync();

        await Expect(page.Locator("#username")).ToHaveValueAsync("ana");
        await Expect(page.Locator("#password")).ToBeFocusedAsync();
        await Expect(page.Locator("#password")).ToHaveValueAsync("");
        await Expect(page.Locator("#password")).ToHaveAccessibleDescriptionAsync(wrong!);
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The user name or the password is not right. Check both and try again.");

        await PagesServer.SignInAsync(page, "nobody-here", "not the password");

        await Expect(page.Locator("#login-fault")).ToHaveTextAsync(wrong!);
    }

    [Fact]
    public async Task Nothing_typed_is_said_without_counting_as_an_attempt()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address("/account/login"));

        await PagesServer.SubmitAsync(page, "#login-submit");

        await Expect(page.Locator("#login-fault")).ToHaveTextAsync("Enter your user name or e-mail.");
        await Expect(page.Locator("#username")).ToBeFocusedAsync();
    }

    [Fact]
    [Spec("requirement", "50")]
    public async Task After_many_wrong_passwords_the_page_says_how_long_to_wait()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address("/account/login"));
        for (var attempt = 0; attempt < 8; attempt++)
        {
            await PagesServer.SignInAsync(page, "guessed", $"guess number {attempt}");
        }

        await Expect(page.Locator("#login-fault")).ToContainTextAsync("try again in about");
    }

    [Fact]
    [Journey("a stranger's guessing never locks the owner out")]
    public async Task Who_guesses_a_password_elsewhere_does_not_lock_its_owner_out_of_a_browser_they_know()
    {
        var person = await server.AddPersonAsync(_ => { });
        var owner = await NewPageAsync();
        await owner.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(owner, person);
        await owner.GotoAsync(server.Address("/account/logout"));
        await PagesServer.SubmitAsync(owner, "#logout-confirm");
        var stranger = await NewPageAsync();
        await stranger.GotoAsync(server.Address("/account/login"));
        for (var attempt = 0; attempt < 8; attempt++)
        {
            await PagesServer.SignInAsync(stranger, person, $"guess number {attempt}");
        }

        await Expect(stranger.Locator("#login-fault")).ToContainTextAsync("try again in about");

        await owner.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(owner, person);
        await Expect(owner.Locator("#home-heading")).ToBeVisibleAsync();
    }

    [Fact]
    [Spec("requirement", "17")]
    public async Task Cancelling_tells_the_application_access_denied_with_its_state()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize());

        await PagesServer.SubmitAsync(page, "#login-cancel");

        var answer = await ApplicationSite.CallbackAsync(page);
        Assert.Equal("access_denied", answer["error"]);
        Assert.Equal(ApplicationSite.State, answer["state"]);
        Assert.Equal(server.Issuer, answer["iss"]);
    }

    [Fact]
    [Spec("requirement", "3")]
    public async Task The_login_hint_fills_in_the_user_name()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize(("login_hint", "ana@example.com")));

        await Expect(page.Locator("#username")).ToHaveValueAsync("ana@example.com");
        await Expect(page.Locator("#password")).ToBeFocusedAsync();
    }

    [Fact]
    [Spec("requirement", "6")]
    public async Task A_forced_login_shows_who_is_signed_in()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(page);
        await page.GotoAsync(server.Authorize(("prompt", "login consent")));

        await Expect(page.Locator("#login-again")).ToContainTextAsync(PagesServer.DisplayName);
        await Expect(page.Locator("#username")).ToHaveValueAsync("ana");
        await PagesServer.SignInAsync(page);
        await Expect(page.Locator("#consent-heading")).ToBeVisibleAsync();
    }

    [Fact]
    [Spec("requirement", "45")]
    public async Task The_waiting_application_shows_its_name_logo_policy_and_terms()
    {
        var page = await NewPageAsync();
        await page.RouteAsync("https://gazette.example/logo.png", route => route.FulfillAsync(new() { ContentType = "image/svg+xml", Body = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>" }));
        await page.GotoAsync(server.Authorize());

        await Expect(page.Locator(".client-name")).ToHaveTextAsync(ApplicationSite.ClientName);
        await Expect(page.Locator(".client-policy")).ToHaveAttributeAsync("href", "https://gazette.example/policy");
        await Expect(page.Locator(".client-terms")).ToHaveAttributeAsync("href", "https://gazette.example/terms");
        await page.WaitForFunctionAsync("document.querySelector('.client-logo').naturalWidth > 0"); // the policy of the page lets it load
    }

    [Theory]
    [InlineData("?interaction=01991a3e-0000-7000-8000-000000000000")]
    [InlineData("?interaction=nonsense")]
    public async Task A_request_that_is_not_there_sends_the_person_back_to_the_application(string query)
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address($"/account/login{query}"));

        await Expect(page.Locator("#error-heading")).ToBeVisibleAsync();
        await Expect(page.Locator("#error-advice")).ToHaveTextAsync("Go back to the application and start again there.");
    }

    [Fact]
    public async Task A_request_of_another_browser_is_not_there()
    {
        var first = await NewPageAsync();
        await first.GotoAsync(server.Authorize());
        var second = await NewPageAsync();
        await second.GotoAsync(first.Url);

        await Expect(second.Locator("#error-sentence")).ToHaveTextAsync("This page has expired, or was opened in another browser.");
    }
}
