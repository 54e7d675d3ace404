using IdServer.Browser.Tests.Pages;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Samples;

/// <summary>What a person does in the samples.</summary>
internal static class Visitor
{
    /// <summary>From the application's button through sign-in, and consent where it was not given before, back to the profile.</summary>
    /// <returns>Whether consent was asked.</returns>
    public static async Task<bool> SignInAsync(IPage page, string address, string user = SampleSite.User)
    {
        await page.GotoAsync(address);
        await page.ClickAsync("#sign-in");
        await Expect(page.Locator("#login-heading")).ToBeVisibleAsync();
        await PagesServer.SignInAsync(page, user, SampleSite.Password);
        await Expect(page.Locator("#consent-heading, #profile-name:not(:empty)")).ToBeVisibleAsync();
        var asked = await page.Locator("#consent-heading").IsVisibleAsync();
        if (asked)
        {
            await page.ClickAsync("#consent-accept");
        }

        await Expect(page.Locator("#profile-sub")).Not.ToBeEmptyAsync();
        return asked;
    }

    /// <summary>Everything the browser writes to its console from now on: errors, and what a security policy stopped.</summary>
    public static IReadOnlyCollection<string> Complaints(IPage page)
    {
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, error) => complaints.Add(error);
        return complaints;
    }

    public static async Task CallApiAsync(IPage page, string button)
    {
        await page.ClickAsync(button);
        await Expect(page.Locator("#answer-status")).ToHaveTextAsync("200");
    }

    /// <summary>Asserts that the application's sign-in asks for the password again: nobody is signed in at the server.</summary>
    public static async Task MustSignInAgainAsync(IPage page, string address)
    {
        await page.GotoAsync(address);
        await page.ClickAsync("#sign-in");
        await Expect(page.Locator("#login-heading")).ToBeVisibleAsync();
    }
}
