using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Samples;

/// <summary>Every page of the samples: no violation of WCAG 2.2 AA that a machine can see, in both themes, from the narrowest phone up.</summary>
public sealed class SampleAccessibilityTests(Chromium chromium, SampleSite site) : BrowserTests(chromium)
{
    private static readonly string[] Rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];

    public enum Place
    {
        Home,
        HomeSignedIn,
        HomeWithAnswer,
        SignedOut,
        SignInFailed,
        Problem,
        Spa,
        SpaWithAnswer,
    }

    public static TheoryData<Place> Places => [.. Enum.GetValues<Place>()];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task No_page_violates_a_rule_in_either_theme_and_every_page_fits_a_phone(Place place)
    {
        var page = await NewPageAsync();
        await GoAsync(page, place);
        foreach (var theme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce }); // no colour half-way between the themes
            await page.SetViewportSizeAsync(1280, 860);
            await AssertAccessibleAsync(page);
            await page.SetViewportSizeAsync(320, 640); // WCAG 1.4.10
            await AssertAccessibleAsync(page);
        }

        Assert.Equal(320, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(await page.EvaluateAsync<string[]>("[...document.querySelectorAll('button, .button, .brand')].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"));
    }

    [Fact]
    public async Task Dark_is_dark_and_light_is_light()
    {
        Assert.Equal("rgb(250, 247, 242)", await PaperAsync(ColorScheme.Light));
        Assert.Equal("rgb(25, 22, 19)", await PaperAsync(ColorScheme.Dark));

        async Task<string> PaperAsync(ColorScheme theme)
        {
            var page = await NewPageAsync(person => person.ColorScheme = theme);
            await page.GotoAsync(site.WebClient);
            return await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        }
    }

    private static async Task AssertAccessibleAsync(IPage page)
    {
        var result = await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "tag", Values = [.. Rules] } });
        Assert.Empty(result.Violations.Select(v => $"{v.Id}: {v.Help} {string.Join(' ', v.Nodes.Select(n => n.Html))}"));
        Assert.NotEmpty(result.Passes);
    }

    private async Task GoAsync(IPage page, Place place)
    {
        switch (place)
        {
            case Place.Home:
                await page.GotoAsync(site.WebClient);
                await Expect(page.Locator("#sign-in")).ToBeVisibleAsync();
                break;

            case Place.HomeSignedIn or Place.HomeWithAnswer:
                await Visitor.SignInAsync(page, site.WebClient);
                if (place == Place.HomeWithAnswer)
                {
                    await Visitor.CallApiAsync(page, "#call-articulos");
                }

                break;

            case Place.SignedOut:
                await page.GotoAsync(site.WebClient + "/signed-out");
                await Expect(page.Locator("#signed-out-heading")).ToBeVisibleAsync();
                break;

            case Place.SignInFailed:
                await page.GotoAsync(site.WebClient + "/sign-in-failed?error=access_denied");
                await Expect(page.Locator("#error-code")).ToBeVisibleAsync();
                break;

            case Place.Problem:
                Assert.Equal(404, (await page.GotoAsync(site.WebClient + "/nothing"))!.Status);
                break;

            case Place.Spa:
                await page.GotoAsync(site.Spa);
                await Expect(page.Locator("#sign-in")).ToBeVisibleAsync();
                break;

            case Place.SpaWithAnswer:
                await Visitor.SignInAsync(page, site.Spa);
                await Visitor.CallApiAsync(page, "#call-articulos");
                break;
        }
    }
}
