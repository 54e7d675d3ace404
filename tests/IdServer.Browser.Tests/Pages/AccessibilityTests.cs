using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace IdServer.Browser.Tests.Pages;

/// <summary>WCAG 2.2 AA as far as a machine can judge it, and the parts of it that need a narrow screen or a finger.</summary>
public sealed class AccessibilityTests(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    private static readonly string[] Rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

    public static TheoryData<string> Places => [.. Place.All.Where(place => !place.IsPictured).Select(place => place.Name)];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Every_page_violates_no_rule_in_either_theme_fits_the_narrowest_phone_and_can_be_hit_with_a_finger(string place)
    {
        var page = await NewPageAsync();
        await Place.Of(place).GoAsync(page, server); // once for everything: the way there takes most of the time
        foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce }); // colours on their way would be judged
            var result = await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "tag", Values = [.. Rules] } });
            Assert.Empty(result.Violations.Select(v => $"{theme}: {v.Id}: {v.Help} {string.Join(' ', v.Nodes.Select(n => n.Html))}"));
            Assert.NotEmpty(result.Passes);
        }

        await page.SetViewportSizeAsync(320, 640); // WCAG 1.4.10; also what 1280 pixels are at 400 %
        Assert.Equal(320, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        var small = await page.EvaluateAsync<string[]>("[...document.querySelectorAll('a, button, summary, input:not([type=hidden])')].filter(e => e.checkVisibility() && (e.type === 'checkbox' ? e.labels[0] : e).getBoundingClientRect().height < 44).map(e => e.outerHTML)");
        Assert.Empty(small);
    }

    [Fact]
    public async Task Dark_is_dark_and_light_is_light()
    {
        var light = await NewPageAsync(person => person.ColorScheme = ColorScheme.Light);
        await light.GotoAsync(server.Address("/"));
        var dark = await NewPageAsync(person => person.ColorScheme = ColorScheme.Dark);
        await dark.GotoAsync(server.Address("/"));

        Assert.Equal("rgb(250, 248, 243)", await PaperAsync(light));
        Assert.Equal("rgb(16, 22, 21)", await PaperAsync(dark));
    }

    [Fact]
    public async Task No_id_stands_on_two_kinds_of_page_and_no_page_is_left_out()
    {
        var page = await NewPageAsync();
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var place in Place.All.Where(place => place.IsFirst))
        {
            await place.GoAsync(page, server);
            seen.Add(new Uri(page.Url).AbsolutePath.Trim('/'));
            foreach (var id in await page.EvaluateAsync<string[]>("[...document.querySelectorAll('[id]')].map(e => e.id)"))
            {
                Assert.True(owners.TryAdd(id, place.Name), $"{id} stands on {place.Name} and on {owners[id]}.");
            }

            await page.Context.ClearCookiesAsync();
        }

        Assert.Equal(server.PagePaths.Except(["not-found", "account/password-hint"]).Order(StringComparer.Ordinal), server.PagePaths.Intersect(seen).Order(StringComparer.Ordinal));
    }

    private static Task<string> PaperAsync(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
