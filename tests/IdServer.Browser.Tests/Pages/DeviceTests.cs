using IdServer.Testing;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>A person with a phone in front of a television.</summary>
[Spec("RFC 8628", "§3.3"), Spec("requirement", "49")]
public sealed class DeviceTests(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    [Fact]
    public async Task On_a_phone_without_scripts_a_person_types_the_code_signs_in_allows_and_the_television_goes_on()
    {
        var device = await server.BeginDeviceAsync();
        var page = await PhoneAsync(person => person.JavaScriptEnabled = false);
        await page.GotoAsync(device.GetProperty("verification_uri").GetString()!);
        await page.GetByLabel("Code").FillAsync(UserCodeOf(device).ToLowerInvariant().Replace('-', ' '));
        await page.ClickAsync("#device-continue");
        await Expect(page.Locator(".client-name")).ToHaveTextAsync("Living room TV");
        await page.FillAsync("#username", PagesServer.User);
        await page.FillAsync("#password", PagesServer.Password);
        await page.ClickAsync("#login-submit");

        await Expect(page.Locator("#device-confirm-heading")).ToHaveTextAsync("Connect this device?");
        await Expect(page.Locator("#device-confirm-code")).ToHaveTextAsync(UserCodeOf(device));
        await Expect(page.Locator("#device-confirm-account")).ToHaveTextAsync(PagesServer.DisplayName);
        await Expect(page.Locator("#device-confirm-warning")).ToContainTextAsync("only if you started it yourself");
        await Expect(page.Locator("#device-confirm-scopes + ul .row-title")).ToHaveTextAsync(["Know who you are", "See your profile", "Keep this access while you are away", "articles.read"]);
        await Expect(page.Locator(".client-home")).ToHaveAttributeAsync("href", "https://tv.example/");
        Assert.Equal("authorization_pending", (await server.PollAsync(device)).GetProperty("error").GetString());
        await page.ClickAsync("#device-allow");

        await Expect(page.Locator("#device-done-heading")).ToHaveTextAsync("Device connected");
        Assert.True((await server.PollAsync(device)).TryGetProperty("access_token", out _));
    }

    [Fact]
    [Spec("RFC 8628", "§3.3.1")]
    public async Task After_scanning_the_code_is_filled_in_and_the_person_only_compares_it()
    {
        var device = await server.BeginDeviceAsync();
        var page = await PhoneAsync(person => person.Locale = "es-ES");
        await page.GotoAsync(device.GetProperty("verification_uri_complete").GetString()!);

        await Expect(page.Locator("#device-heading")).ToHaveTextAsync("Conectar un dispositivo");
        await Expect(page.Locator("#device-code")).ToHaveValueAsync(UserCodeOf(device));
        await Expect(page.Locator("#device-lead")).ToContainTextAsync("exactamente este código");
        Assert.Equal("authorization_pending", (await server.PollAsync(device)).GetProperty("error").GetString());
    }

    [Fact]
    public async Task With_the_keyboard_alone_a_person_refuses()
    {
        var device = await server.BeginDeviceAsync();
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(page);
        await page.GotoAsync(server.Address("/device"));
        await Expect(page.Locator("#device-code")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(UserCodeOf(device));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#device-confirm-heading")).ToBeVisibleAsync();
        await page.Locator("#device-allow").FocusAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("#device-deny")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("#device-done-heading")).ToHaveTextAsync("Device not connected");
        Assert.Equal("access_denied", (await server.PollAsync(device)).GetProperty("error").GetString());
    }

    [Fact]
    public async Task Another_account_may_be_taken_before_deciding()
    {
        var device = await server.BeginDeviceAsync();
        var page = await PhoneAsync();
        await page.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(page, "berta");
        await page.GotoAsync(device.GetProperty("verification_uri_complete").GetString()!);
        await page.ClickAsync("#device-continue");
        await Expect(page.Locator("#device-confirm-account")).ToHaveTextAsync("berta");

        await page.ClickAsync("#device-other-account");
        await PagesServer.SignInAsync(page);

        await Expect(page.Locator("#device-confirm-account")).ToHaveTextAsync(PagesServer.DisplayName);
    }

    [Fact]
    public async Task Allow_is_the_first_submit_button()
    {
        var page = await PhoneAsync();
        await page.GotoAsync((await server.BeginDeviceAsync()).GetProperty("verification_uri_complete").GetString()!);
        await page.ClickAsync("#device-continue");
        await PagesServer.SignInAsync(page);

        await Expect(page.Locator("[type=submit]").First).ToHaveIdAsync("device-allow");
    }

    private static string UserCodeOf(System.Text.Json.JsonElement device) => device.GetProperty("user_code").GetString()!;

    private Task<IPage> PhoneAsync(Action<BrowserNewContextOptions>? person = null) => NewPageAsync(options =>
    {
        options.ViewportSize = new() { Width = 390, Height = 844 };
        options.IsMobile = true;
        options.HasTouch = true;
        person?.Invoke(options);
    });
}
