using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>WCAG 2.2 AA as far as a machine can judge it, and the parts of it that need a narrow screen or a finger.</summary>
public sealed class AccessibilityTests(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    private static readonly string[] Rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

    public enum Place
    {
        HomeSignedOut,
        Login,
        LoginFault,
        LoginUpstreamFault,
        Link,
        LinkFault,
        Register,
        RegisterFaults,
        Consent,
        Home,
        Logout,
        SignedOut,
        Device,
        DeviceFault,
        DeviceConfirm,
        DeviceDone,
        Error,
        NotFound,
    }

    public static TheoryData<Place> Places => [.. Enum.GetValues<Place>()];

    public static TheoryData<Place, ColorScheme> PlacesInBothThemes =>
        [.. Enum.GetValues<Place>().SelectMany(place => new[] { (place, ColorScheme.Light), (place, ColorScheme.Dark) })];

    [Theory]
    [MemberData(nameof(PlacesInBothThemes))]
    public async Task No_page_violates_a_rule_in_either_theme(Place place, ColorScheme theme)
    {
        var page = await NewPageAsync(person => person.ColorScheme = theme);
        await GoAsync(page, place);

        var result = await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "tag", Values = [.. Rules] } });

        Assert.Empty(result.Violations.Select(v => $"{v.Id}: {v.Help} {string.Join(' ', v.Nodes.Select(n => n.Html))}"));
        Assert.NotEmpty(result.Passes);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Every_page_fits_the_narrowest_phone_and_can_be_hit_with_a_finger(Place place)
    {
        var page = await NewPageAsync(person => person.ViewportSize = new() { Width = 320, Height = 640 }); // WCAG 1.4.10; also what 1280 pixels are at 400 %
        await GoAsync(page, place);

        Assert.Equal(320, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        var small = await page.EvaluateAsync<string[]>("[...document.querySelectorAll('a, button, input:not([type=hidden])')].filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)");
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
    public async Task No_id_stands_on_two_kinds_of_page()
    {
        var page = await NewPageAsync();
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var place in new[] { Place.Home, Place.Login, Place.Link, Place.Register, Place.Consent, Place.Device, Place.DeviceConfirm, Place.DeviceDone, Place.Logout, Place.SignedOut, Place.Error, Place.NotFound })
        {
            await GoAsync(page, place);
            foreach (var id in await page.EvaluateAsync<string[]>("[...document.querySelectorAll('[id]')].map(e => e.id)"))
            {
                Assert.True(owners.TryAdd(id, $"{place}"), $"{id} stands on {place} and on {owners[id]}.");
            }

            await page.Context.ClearCookiesAsync();
        }
    }

    private static Task<string> PaperAsync(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");

    private async Task GoAsync(IPage page, Place place)
    {
        switch (place)
        {
            case Place.HomeSignedOut:
                await page.GotoAsync(server.Address("/"));
                break;

            case Place.Login:
                await page.GotoAsync(server.Authorize());
                break;

            case Place.LoginFault:
                await page.GotoAsync(server.Authorize());
                await PagesServer.SubmitAsync(page, "#login-submit");
                break;

            case Place.LoginUpstreamFault:
                await page.GotoAsync(server.Address("/account/login?provider=google&fault=Unavailable"));
                break;

            case Place.Link or Place.LinkFault:
                await page.GotoAsync(server.Authorize(("idp_hint", "google")));
                if (place == Place.LinkFault)
                {
                    await PagesServer.SubmitAsync(page, "#link-submit");
                }

                break;

            case Place.Register:
                await page.GotoAsync(server.Address("/account/register"));
                break;

            case Place.RegisterFaults:
                await page.GotoAsync(server.Address("/account/register"));
                await PagesServer.SubmitAsync(page, "#register-submit");
                break;

            case Place.Consent:
                await page.GotoAsync(server.Authorize(("prompt", "consent"), ("claims", """{"userinfo":{"birthdate":null}}""")));
                await PagesServer.SignInAsync(page);
                break;

            case Place.Home or Place.Logout or Place.SignedOut:
                await page.GotoAsync(server.Address("/account/login"));
                await PagesServer.SignInAsync(page);
                await Expect(page.Locator("#home-heading")).ToBeVisibleAsync();
                if (place != Place.Home)
                {
                    await page.GotoAsync(server.Address("/account/logout"));
                }

                if (place == Place.SignedOut)
                {
                    await PagesServer.SubmitAsync(page, "#logout-confirm");
                }

                break;

            case Place.Device:
                await page.GotoAsync(server.Address("/device?user_code=WDJB-MJHT"));
                break;

            case Place.DeviceFault:
                await page.GotoAsync(server.Address("/device"));
                await PagesServer.SubmitAsync(page, "#device-continue");
                break;

            case Place.DeviceConfirm or Place.DeviceDone:
                await page.GotoAsync((await server.BeginDeviceAsync()).GetProperty("verification_uri_complete").GetString()!);
                await PagesServer.SubmitAsync(page, "#device-continue");
                await PagesServer.SignInAsync(page);
                if (place == Place.DeviceDone)
                {
                    await PagesServer.SubmitAsync(page, "#device-deny");
                }

                break;

            case Place.Error:
                await page.GotoAsync(server.Authorize(("client_id", "stranger")));
                break;

            case Place.NotFound:
                await page.GotoAsync(server.Address("/nothing/here"));
                break;
        }

        await Expect(page.Locator(HeadingOf(place))).ToBeVisibleAsync();
    }

    private static string HeadingOf(Place place) => place switch
    {
        Place.Login or Place.LoginFault or Place.LoginUpstreamFault => "#login-heading",
        Place.Link or Place.LinkFault => "#link-heading",
        Place.Register or Place.RegisterFaults => "#register-heading",
        Place.Consent => "#consent-heading",
        Place.Home or Place.HomeSignedOut => "#home-heading",
        Place.Logout => "#logout-heading",
        Place.SignedOut => "#signed-out-heading",
        Place.Device or Place.DeviceFault => "#device-heading",
        Place.DeviceConfirm => "#device-confirm-heading",
        Place.DeviceDone => "#device-done-heading",
        Place.Error => "#error-heading",
        _ => "#not-found-heading",
    };
}
