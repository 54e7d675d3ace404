using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using IdServer.Data.Users;
using IdServer.Testing;
using IdServer.Testing.Mail;
using IdServer.Tests;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>A forgotten password, from the login page by a mail to everything that opens the account.</summary>
public sealed class RecoveryJourneyTests(Chromium chromium) : BrowserTests(chromium)
{
    private const string Another = "lantern, violet and gravel";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [Journey("mail: reset"), Journey("after a reset: all that opens the account with its dates, unknown things dropped in one go")]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 320)]
    public async Task A_person_who_has_forgotten_the_password_comes_back_and_takes_away_what_they_do_not_know(ColorScheme theme, int width)
    {
        await using var mail = new SmtpListener();
        await using var server = await RunningServer.StartAsync(new RunningServer { Settings = mail.Settings });
        await BelongAsync(server);
        var page = await NewPageAsync(person => (person.ColorScheme, person.ViewportSize) = (theme, new() { Width = width, Height = 800 }));

        await page.GotoAsync(server.Issuer + "/account/login");
        await page.ClickAsync("#login-forgot");
        await LookAsync(page, "forgot", theme);
        await page.FillAsync("#forgot-login", "ANA");
        await PagesServer.SubmitAsync(page, "#forgot-submit");
        await LookAsync(page, "forgot-sent", theme);

        var link = (await mail.TakeAsync("ana@example.com", ct: Ct)).Link.ToString();
        await page.GotoAsync(link);
        Assert.Equal(server.Issuer + "/account/reset", page.Url);
        await Expect(page.Locator("#reset-account")).ToContainTextAsync("ana@example.com");
        await page.FillAsync("#reset-password", "Garcia-2026!");
        await page.Locator("#reset-password").BlurAsync();
        await Expect(page.Locator("#reset-password-strength")).ToContainTextAsync("a part of your name or address");
        await LookAsync(page, "reset", theme);
        await page.FillAsync("#reset-password", Another);
        await PagesServer.SubmitAsync(page, "#reset-submit");

        Assert.Equal(server.Issuer + "/account/review", page.Url);
        await Expect(page.GetByLabel("Not mine at all")).Not.ToBeCheckedAsync();
        await LookAsync(page, "review", theme);
        await page.GetByLabel("Not mine at all").CheckAsync();
        await page.GetByLabel("https://accounts.example").CheckAsync();
        await PagesServer.SubmitAsync(page, "#review-drop");
        await Expect(page.GetByText("What you did not know is removed from your account.")).ToBeVisibleAsync();
        await page.GotoAsync(server.Issuer + "/account/review");
        await Expect(page.GetByText("Not mine at all")).ToHaveCountAsync(0);
        await Expect(page.GetByLabel("The App")).ToBeVisibleAsync();

        await page.GotoAsync(link);
        await Expect(page.Locator("#reset-gone")).ToBeVisibleAsync();
        await LookAsync(page, "reset-gone", theme);
        var again = await NewPageAsync();
        await again.GotoAsync(server.Issuer + "/account/login");
        await PagesServer.SignInAsync(again, "ana", Another);
        await again.GotoAsync(server.Issuer + "/manage");
        await Expect(again.Locator("#manage-heading")).ToBeVisibleAsync();
    }

    private static async Task LookAsync(IPage page, string name, ColorScheme theme)
    {
        var result = await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] } });
        Assert.Empty(result.Violations.Select(v => $"{name}: {v.Id}: {v.Help} {string.Join(' ', v.Nodes.Select(n => n.Html))}"));
        Assert.Equal(page.ViewportSize!.Width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        if (Environment.GetEnvironmentVariable("IDSERVER_PICTURES") is { } directory)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(directory, $"{name}-{theme}-{page.ViewportSize.Width}.png"), FullPage = true });
        }
    }

    // What somebody else has left in the account, and an application of one's own.
    private static async Task BelongAsync(RunningServer server)
    {
        await using var scope = server.Provider.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var user = (await users.FindByNameAsync("ana"))!;
        var now = TimeProvider.System.GetUtcNow();
        Assert.True((await users.AddLoginAsync(user, new UserLoginInfo("https://accounts.example", "1", "Example"))).Succeeded);
        Assert.True((await users.AddOrUpdatePasskeyAsync(user, new UserPasskeyInfo([1, 2, 3], [1], now, 0, null, true, false, false, [], []) { Name = "Not mine at all" })).Succeeded);
        await server.Provider.GetRequiredService<KnownDevices>().RememberAsync(null, [1, 2, 3], user.Id, "Firefox, Linux", "192.0.2.1", TimeSpan.FromDays(1), Ct);
        await server.Provider.GetRequiredService<IdServer.Protocol.Stores.IConsentStore>().RememberAsync(user.Id.ToString(), Declared.App, ["openid"], [], now, Ct);
    }
}
