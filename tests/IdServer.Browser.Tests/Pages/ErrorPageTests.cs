using IdServer.Testing;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

public sealed class ErrorPageTests(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    [Theory]
    [Spec("requirement", "4")]
    [InlineData("redirect_uri", "https://elsewhere.example/", "The application wants to send you to an address that is not registered for it: redirect_uri does not match.")]
    [InlineData("redirect_uri", null, "The application did not say where to send you back: redirect_uri is missing.")]
    [InlineData("client_id", "stranger", "The application that sent you here is not registered on this server.")]
    public async Task An_untrusted_request_ends_on_the_error_page_with_its_sentence(string parameter, string? value, string sentence)
    {
        var page = await NewPageAsync();

        var answer = await page.GotoAsync(server.Authorize((parameter, value)));

        Assert.Equal(400, answer!.Status);
        Assert.StartsWith(server.Address("/error?"), page.Url, StringComparison.Ordinal);
        await Expect(page.Locator("#error-sentence")).ToHaveTextAsync(sentence);
        await Expect(page.Locator("#error-code")).ToHaveTextAsync("invalid_request");
        Assert.Equal(10, (await page.Locator("#error-reference").TextContentAsync())!.Length);
    }

    [Theory]
    [InlineData("/error")]
    [InlineData("/error?e=forged")]
    public async Task The_error_page_without_a_known_error_still_helps(string path)
    {
        var page = await NewPageAsync();

        var answer = await page.GotoAsync(server.Address(path));

        Assert.Equal(400, answer!.Status);
        await Expect(page.Locator("#error-heading")).ToHaveTextAsync("This did not work");
        await Expect(page.Locator("#error-code")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_address_where_nothing_is_says_so()
    {
        var page = await NewPageAsync();

        var answer = await page.GotoAsync(server.Address("/nothing/here"));

        Assert.Equal(404, answer!.Status);
        await Expect(page.Locator("#not-found-heading")).ToHaveTextAsync("Page not found");
    }
}
