using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using IdServer.Testing;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

public sealed class SecondFactorTests(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    private static readonly string[] Rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

    [Fact]
    [Journey("authenticator app: QR code and text secret"), Journey("recovery codes: shown once, download, print"), Journey("remembered devices"), Journey("step-up: acr_values and max_age ask for what is missing"), Journey("amr: pwd, otp, mfa")]
    [Spec("RFC 6238", "§4"), Spec("requirement", "11")]
    public async Task A_person_sets_up_an_app_signs_in_with_it_is_remembered_steps_up_and_loses_the_phone()
    {
        var nora = await server.AddPersonAsync(user => user.Name = "Nora Ruiz");
        var page = await NewPageAsync();

        // Set up: the code is computed from what the page shows.
        await page.GotoAsync(server.Address("/account/login?to=/manage/second-factor"));
        await PagesServer.SignInAsync(page, nora);
        await Expect(page.Locator("#qr")).ToBeVisibleAsync();
        await LookAsync(page, "manage-factor-off");
        var app = await AppAsync(page);
        await page.FillAsync("#factor-code", "000000");
        await PagesServer.SubmitAsync(page, "#factor-add");
        await Expect(page.Locator("#factor-fault")).ToBeVisibleAsync();
        Assert.Equal(app.Secret, (await AppAsync(page)).Secret); // what was scanned still counts
        await page.FillAsync("#factor-code", app.Code());
        await PagesServer.SubmitAsync(page, "#factor-add");

        // The recovery codes, shown once.
        await LookAsync(page, "manage-factor-codes");
        var codes = await page.Locator("#codes li").AllTextContentsAsync();
        Assert.Equal(10, codes.Count);
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("#codes-download"));
        var file = await File.ReadAllTextAsync((await download.PathAsync())!, TestContext.Current.CancellationToken);
        Assert.All(codes, code => Assert.Contains(code, file, StringComparison.Ordinal));
        await page.EvaluateAsync("window.print = () => document.title = 'printed'");
        await page.ClickAsync("#codes-print");
        await Expect(page).ToHaveTitleAsync("printed");
        await Expect(page.Locator("#codes-title")).ToBeHiddenAsync();
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Expect(page.Locator("#codes-title")).ToContainTextAsync($"for {nora}"); // who finds the sheet later knows what it opens
        await page.EmulateMediaAsync(new() { Media = Media.Screen });
        await PagesServer.SubmitAsync(page, "#codes-done");
        await Expect(page.Locator("#factor-left")).ToContainTextAsync("10 of 10");
        Assert.DoesNotContain(codes[0], await page.ContentAsync(), StringComparison.Ordinal);

        // In with the code, and remembered.
        await SignOutAsync(page);
        await page.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(page, nora);
        await Expect(page.Locator("#second-code")).ToBeFocusedAsync();
        await LookAsync(page, "second-factor");
        await page.FillAsync("#second-code", app.Code(1)); // the one of now was used
        await page.CheckAsync("#second-remember");
        await PagesServer.SubmitAsync(page, "#second-submit");
        await Expect(page.Locator("#home-heading")).ToHaveTextAsync("Hello, Nora Ruiz");

        await SignOutAsync(page);
        await page.GotoAsync(server.Authorize());
        await PagesServer.SignInAsync(page, nora);
        await PagesServer.SubmitAsync(page, "#consent-accept");
        Assert.Equal(("urn:idserver:acr:pwd", "pwd"), (await server.ClaimsAsync(page)).Proved()); // the device stands in for the app, and proves nothing

        // The application wants more than the device: a recovery code, since the phone is at home.
        await page.GotoAsync(server.Authorize(("acr_values", "urn:idserver:acr:mfa")));
        await Expect(page.Locator("#password")).ToHaveCountAsync(0);
        await page.ClickAsync("#second-use-recovery");
        await page.FillAsync("#second-recovery", codes[0].ToLowerInvariant());
        await LookAsync(page, "second-factor-recovery");
        await PagesServer.SubmitAsync(page, "#second-submit");
        var steppedUp = await server.ClaimsAsync(page);
        Assert.Equal(("urn:idserver:acr:mfa", "pwd otp mfa"), steppedUp.Proved());

        // A fresh password is asked for alone.
        await page.GotoAsync(server.Authorize(("max_age", "0")));
        await Expect(page.Locator("#login-again")).ToContainTextAsync("Nora Ruiz");
        await PagesServer.SignInAsync(page, nora);
        var fresh = await server.ClaimsAsync(page);
        Assert.Equal(("urn:idserver:acr:mfa", "pwd otp mfa"), fresh.Proved());
        Assert.True(fresh.GetProperty("auth_time").GetInt64() > steppedUp.GetProperty("auth_time").GetInt64());

        // The device is forgotten; the recovery code is used up; another one lets her turn the app off.
        await page.GotoAsync(server.Address("/manage/second-factor"));
        await Expect(page.Locator("#factor-left")).ToContainTextAsync("9 of 10");
        await LookAsync(page, "manage-factor-on");
        await PagesServer.SubmitAsync(page, "#factor-forget-all");
        await Expect(page.Locator("#factor-no-devices")).ToBeVisibleAsync();
        await SignOutAsync(page);
        await page.GotoAsync(server.Address("/account/login?to=/manage/second-factor"));
        await PagesServer.SignInAsync(page, nora);
        await page.ClickAsync("#second-use-recovery");
        await page.FillAsync("#second-recovery", codes[0]);
        await PagesServer.SubmitAsync(page, "#second-submit");
        await Expect(page.Locator("#second-fault")).ToContainTextAsync("used already");
        await Expect(page.Locator("#second-recovery")).ToBeFocusedAsync();
        await LookAsync(page, "second-factor-fault");
        await page.FillAsync("#second-recovery", codes[1]);
        await PagesServer.SubmitAsync(page, "#second-submit");
        await page.ClickAsync("#factor-off");
        await PagesServer.SubmitAsync(page, "#factor-remove");
        await Expect(page.Locator("#factor-key")).ToBeVisibleAsync();
        Assert.NotEqual(app.Secret, (await AppAsync(page)).Secret);
    }

    // Axe in both themes, and what a narrow phone and a finger need; a picture of each when somebody wants to look.
    private static async Task LookAsync(IPage page, string name)
    {
        foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce }); // a button on its way from one theme to the other has neither contrast
            var result = await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "tag", Values = [.. Rules] } });
            Assert.Equal("", string.Join("\n", result.Violations.Select(v => $"{v.Id}: {v.Help} {string.Join(' ', v.Nodes.Select(n => n.Html))}")));
            await PictureAsync(page, $"{name}-{theme}-desktop");
            await page.SetViewportSizeAsync(320, 640);
            Assert.Equal(320, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
            Assert.Empty(await page.EvaluateAsync<string[]>("[...document.querySelectorAll('a, button, summary, input:not([type=hidden])')].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"));
            await PictureAsync(page, $"{name}-{theme}-phone");
            await page.SetViewportSizeAsync(1280, 860);
        }

        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
    }

    private static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("IDSERVER_PICTURES") is { Length: > 0 } directory)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(directory, name + ".png"), FullPage = true });
        }
    }

    private async Task SignOutAsync(IPage page)
    {
        await page.GotoAsync(server.Address("/account/logout"));
        await PagesServer.SubmitAsync(page, "#logout-confirm");
    }

    private static async Task<AuthenticatorApp> AppAsync(IPage page) => AuthenticatorApp.Of(await page.Locator("#factor-key").TextContentAsync() ?? "", TimeProvider.System);
}
