using IdServer.Testing;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

public sealed class RegistrationTests(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    [Fact]
    public async Task A_new_person_is_signed_in_and_goes_on_with_the_request()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize());
        await PagesServer.SubmitAsync(page, "#login-register");

        await FillAsync(page, "nuevo", "nuevo@example.com", "Nuevo Núñez", "several words in a row");

        await Expect(page.Locator("#consent-account")).ToContainTextAsync("Nuevo Núñez");
        await PagesServer.SubmitAsync(page, "#consent-accept");
        Assert.NotEmpty((await ApplicationSite.CallbackAsync(page))["code"]);
        await page.GotoAsync(server.Address("/"));
        await Expect(page.Locator("#home-roles")).ToHaveTextAsync("usuario");
    }

    [Fact]
    public async Task Faults_stand_at_their_fields_and_everything_but_the_password_is_kept()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address("/account/register"));

        await FillAsync(page, "two words", "no address", "A Name", "short");

        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not created");
        await Expect(page.Locator("#register-username-fault")).ToBeVisibleAsync();
        await Expect(page.Locator("#register-email-fault")).ToBeVisibleAsync();
        await Expect(page.Locator("#register-password-fault")).ToBeVisibleAsync();
        await Expect(page.Locator("#register-email")).ToBeFocusedAsync();
        await Expect(page.Locator("#register-username")).ToHaveValueAsync("two words");
        await Expect(page.Locator("#register-email")).ToHaveValueAsync("no address");
        await Expect(page.Locator("#register-name")).ToHaveValueAsync("A Name");
        await Expect(page.Locator("#register-password")).ToHaveValueAsync("");
        await Expect(page.Locator("#register-email")).ToHaveAttributeAsync("aria-invalid", "true");
    }

    [Fact]
    [Journey("passwords: common ones are refused, and a hint explains itself")]
    public async Task Whoever_chooses_a_password_is_told_how_good_it_is_and_why()
    {
        var page = await NewPageAsync();
        var refused = new List<string>();
        page.Console += (_, message) => refused.Add(message.Text);
        await page.GotoAsync(server.Address("/account/register"));
        var hint = page.Locator("#register-password-strength");
        await page.FillAsync("#register-email", "nuria.zubizarreta@example.com");

        await TryAsync("short");
        await Expect(hint).ToHaveTextAsync("Characters still missing: 5.");
        await TryAsync("Zubizarreta2024");
        await Expect(hint).ToContainTextAsync("a part of your name or address");
        await Expect(hint).ToContainTextAsync("a year");
        await TryAsync("P@ssw0rd1234");
        await Expect(hint).ToContainTextAsync("a common word, name or password");
        await PagesServer.SubmitAsync(page, "#register-submit");
        await Expect(page.Locator("#register-password-fault")).ToContainTextAsync("a common word, name or password");
        await TryAsync("several words in a row");
        await Expect(hint).ToHaveTextAsync("Hard to guess.");
        Assert.DoesNotContain(refused, text => text.Contains("Content Security Policy", StringComparison.Ordinal));

        async Task TryAsync(string password)
        {
            await page.FillAsync("#register-password", password);
            await page.Locator("#register-password").BlurAsync();
        }
    }

    [Fact]
    [Journey("passwords: common ones are refused, and a hint explains itself")]
    public async Task Without_script_a_password_that_is_easy_to_guess_is_refused_in_the_same_words()
    {
        var page = await NewPageAsync(person => person.JavaScriptEnabled = false);
        await page.GotoAsync(server.Address("/account/register"));

        await FillAsync(page, "", "ines.urquijo@example.com", "Inés Urquijo", "Urquijo2024");

        await Expect(page.Locator("#register-password-fault")).ToContainTextAsync("a part of your name or address");
        await Expect(page.Locator("#register-password-fault")).ToContainTextAsync("a year");
        await Expect(page.Locator("#register-password")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_user_name_or_address_that_is_taken_is_said_at_its_field()
    {
        var page = await NewPageAsync(person => person.Locale = "es-ES");
        await page.GotoAsync(server.Address("/account/register"));

        await FillAsync(page, "ANA", "Berta@example.com", "", "several words in a row");

        await Expect(page.Locator("#register-username-fault")).ToContainTextAsync("Ya existe");
        await Expect(page.Locator("#register-email-fault")).ToContainTextAsync("Ya existe");
    }

    [Fact]
    [Spec("requirement", "17")]
    public async Task Cancelling_tells_the_application_access_denied()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize());
        await PagesServer.SubmitAsync(page, "#login-register");

        await PagesServer.SubmitAsync(page, "#register-cancel");

        Assert.Equal("access_denied", (await ApplicationSite.CallbackAsync(page))["error"]);
    }

    private static async Task FillAsync(IPage page, string username, string email, string name, string password)
    {
        await page.FillAsync("#register-username", username);
        await page.FillAsync("#register-email", email);
        await page.FillAsync("#register-name", name);
        await page.FillAsync("#register-password", password);
        await PagesServer.SubmitAsync(page, "#register-submit");
    }
}
