using IdServer.Testing;
using IdServer.Tests;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>A person looks after their own account, at a server of their own. How its pages look is for <see cref="AccessibilityTests"/>.</summary>
public sealed class AccountJourneyTests(Chromium chromium, RunningServer server) : BrowserTests(chromium), IClassFixture<RunningServer>
{
    private const string NewPassword = "violin cabbage mountain ferry";

    [Fact]
    [Journey("profile and the standard claims"), Journey("change of password"), Journey("applications with access: what, since when, last used; withdrawing ends the tokens at once"), Journey("sessions and devices: where, when, this one; end one, end all others"), Journey("recent security events"), Journey("download of the data"), Journey("deletion with a cooling-off time that sign-in cancels")]
    public async Task A_person_looks_after_their_account_without_script()
    {
        var other = await NewPageAsync(person => person.UserAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0");
        await SignInAsync(other, Declared.Password);
        var answer = await other.APIRequest.GetAsync($"{server.Issuer}/connect/authorize?{Wire.Encode(TestBrowser.Request())}", new() { MaxRedirects = 0 });
        using var redeemed = await server.RedeemAsync(QueryHelpers.ParseQuery(new Uri(answer.Headers["location"]).Query)["code"].ToString());
        var tokens = await redeemed.JsonAsync(); // an application has access now
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
        await Expect(page.Locator("main .row .plain li")).ToHaveTextAsync(["Know who you are", "See your profile", "See your e‑mail address", "Keep this access while you are away", "articles.read"]);
        await Expect(page.Locator("main .row")).ToContainTextAsync("Since");
        await Expect(page.Locator("main .row")).ToContainTextAsync("Last used");
        await page.GetByRole(AriaRole.Button, new() { Name = "Withdraw the access of The App" }).ClickAsync();
        await Expect(page.Locator("#apps-none")).ToBeVisibleAsync();
        using (var refreshed = await server.RefreshAsync(tokens.Text("refresh_token")))
        {
            await refreshed.AssertErrorAsync(400, "invalid_grant");
        }

        using (var introspected = await server.PostAsync("connect/introspect", Wire.Basic(Declared.Api), ("token", tokens.Text("access_token"))))
        {
            Assert.False((await introspected.JsonAsync()).GetProperty("active").GetBoolean());
        }

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
        await Expect(page.Locator("#activity-list .row-title").First).ToHaveTextAsync("The password was changed");
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
