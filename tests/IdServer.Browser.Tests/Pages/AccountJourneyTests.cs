using IdServer.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>A person looks after their own account, at a server of their own. How its pages look is for <see cref="AccessibilityTests"/>.</summary>
public sealed class AccountJourneyTests(Chromium chromium, RunningServer server) : BrowserTests(chromium), IClassFixture<RunningServer>
{
    private const string NewPassword = "violin cabbage mountain ferry";

    [Fact]
    public async Task A_person_looks_after_their_account_without_script()
    {
        var other = await NewPageAsync(person => person.UserAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0");
        await SignInAsync(other, Declared.Password);
        await other.APIRequest.GetAsync($"{server.Issuer}/connect/authorize?{Wire.Encode(TestBrowser.Request())}", new() { MaxRedirects = 0 }); // an application has access now
        var page = await NewPageAsync(person => person.JavaScriptEnabled = false);
        await SignInAsync(page, Declared.Password);
        await page.ClickAsync("#home-manage");
        await Expect(page.Locator("#manage-apps")).ToContainTextAsync("One application has access to your account.");
        await Expect(page.Locator("#manage-devices")).ToContainTextAsync("You are signed in on 2 browsers.");

        await page.ClickAsync("#manage-profile a");
        await page.FillAsync("#profile-nickname", "Anita");
        await page.FillAsync("#profile-birthdate", "yesterday");
        await PagesServer.SubmitAsync(page, "#profile-save");
        await Expect(page.Locator("#profile-birthdate-fault")).ToBeVisibleAsync();
        await page.FillAsync("#profile-birthdate", "1990-02-28");
        await page.SelectOptionAsync("#profile-zoneinfo", "Europe/Madrid");
        await page.SelectOptionAsync("#profile-locale", "es-ES");
        await PagesServer.SubmitAsync(page, "#profile-save");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Your profile is saved.");
        await Expect(page.Locator("#profile-zoneinfo")).ToHaveValueAsync("Europe/Madrid");

        await OpenAsync(page, "Applications");
        await page.GetByRole(AriaRole.Button, new() { Name = "Withdraw the access of The App" }).ClickAsync();
        await Expect(page.Locator("#apps-none")).ToBeVisibleAsync();

        await OpenAsync(page, "Devices");
        await Expect(page.Locator("#devices-this")).ToContainTextAsync("This browser");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out of Firefox, Windows" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("That browser is signed out.");
        await other.GotoAsync(server.Issuer + "/manage");
        await Expect(other.Locator("#login-heading")).ToBeVisibleAsync();

        await OpenAsync(page, "Sign\u2011in and security");
        await page.ClickAsync("#security-password");
        await page.FillAsync("#own-password-current", Declared.Password);
        await page.FillAsync("#own-password-new", NewPassword);
        await PagesServer.SubmitAsync(page, "#own-password-save");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Your password is changed.");

        await OpenAsync(page, "Activity");
        await Expect(page.Locator("#activity-list")).ToContainTextAsync("You withdrew access: The App");
        Assert.DoesNotContain("+00:00", await page.Locator("#activity-list time").First.GetAttributeAsync("datetime"), StringComparison.Ordinal); // the person's zone

        await OpenAsync(page, "Your data");
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("#data-download"));
        Assert.Contains("\"nickname\": \"Anita\"", await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await page.FillAsync("#data-username", "ana");
        await PagesServer.SubmitAsync(page, "#data-delete");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Your account will be deleted on");
        await SignInAsync(page, NewPassword);
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("so it stays");
    }

    private static Task OpenAsync(IPage page, string section) => page.GetByRole(AriaRole.Navigation, new() { Name = "Your account" }).GetByRole(AriaRole.Link, new() { Name = section, Exact = true }).ClickAsync();

    private async Task SignInAsync(IPage page, string password)
    {
        await page.GotoAsync(server.Issuer + "/account/login");
        await PagesServer.SignInAsync(page, Declared.User, password);
        await Expect(page.Locator("#home-heading")).ToBeVisibleAsync();
    }
}
