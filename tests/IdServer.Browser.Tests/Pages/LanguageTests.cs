using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

public sealed class LanguageTests(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    [Fact]
    public async Task The_language_of_the_request_wins_over_that_of_the_browser()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize(("ui_locales", "eu es-MX en")));

        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "es");
        await Expect(page.Locator("#login-heading")).ToHaveTextAsync("Iniciar sesión");
    }

    [Fact]
    public async Task Without_one_the_language_of_the_browser_counts()
    {
        var page = await NewPageAsync(person => person.Locale = "es-AR");
        await page.GotoAsync(server.Authorize());

        await Expect(page.Locator("#login-heading")).ToHaveTextAsync("Iniciar sesión");
    }

    [Fact]
    public async Task Whoever_understands_neither_reads_English()
    {
        var page = await NewPageAsync(person => person.Locale = "ja-JP");
        await page.GotoAsync(server.Authorize(("ui_locales", "zz tlh")));

        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(page.Locator("#login-heading")).ToHaveTextAsync("Sign in");
    }

    [Fact]
    public async Task The_choice_on_the_page_wins_keeps_the_request_and_stays()
    {
        var page = await NewPageAsync(person => person.JavaScriptEnabled = false);
        await page.GotoAsync(server.Authorize(("ui_locales", "en")));
        var address = page.Url;

        await page.ClickAsync("[hreflang=es]");

        await Expect(page).ToHaveURLAsync(address);
        await Expect(page.Locator("#login-heading")).ToHaveTextAsync("Iniciar sesión");
        await PagesServer.SignInAsync(page);
        await page.GotoAsync(server.Address("/"));
        await Expect(page.Locator("#home-heading")).ToHaveTextAsync($"Hola, {PagesServer.DisplayName}");
        await Expect(page.Locator("[hreflang=es]")).ToHaveAttributeAsync("aria-current", "true");
    }
}
