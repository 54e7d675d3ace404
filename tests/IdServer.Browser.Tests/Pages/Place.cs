using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>
/// A page in a state that looks different from its others, and how a person gets there. What is listed here is checked for accessibility, narrow screens and ids that stand on
/// two pages, and has its picture taken; a page that is not listed fails a test.
/// </summary>
/// <param name="Heading">Shows that the person has arrived.</param>
/// <param name="IsFirst">Whether it stands for its page where each page is looked at once.</param>
public sealed record Place(string Name, string Heading, Func<IPage, PagesServer, Task> Way, bool IsFirst = true)
{
    public static IReadOnlyList<Place> All { get; } =
    [
        new("home", "#home-heading", (page, server) => SignedInAsync(page, server, "/")),
        new("home-signed-out", "#home-heading", (page, server) => page.GotoAsync(server.Address("/")), IsFirst: false),
        new("login", "#login-heading", (page, server) => page.GotoAsync(server.Authorize())),
        new("login-fault", "#login-heading", (page, server) => PressedAsync(page, server.Authorize(), "#login-submit"), IsFirst: false),
        new("login-upstream-fault", "#login-heading", (page, server) => page.GotoAsync(server.Address("/account/login?provider=google&fault=Unavailable")), IsFirst: false),
        new("link", "#link-heading", (page, server) => page.GotoAsync(server.Authorize(("idp_hint", "google")))),
        new("link-fault", "#link-heading", (page, server) => PressedAsync(page, server.Authorize(("idp_hint", "google")), "#link-submit"), IsFirst: false),
        new("register", "#register-heading", (page, server) => page.GotoAsync(server.Address("/account/register"))),
        new("register-faults", "#register-heading", (page, server) => PressedAsync(page, server.Address("/account/register"), "#register-submit"), IsFirst: false),
        new("consent", "#consent-heading", ToConsentAsync),
        new("logout", "#logout-heading", (page, server) => SignedInAsync(page, server, "/account/logout")),
        new("signed-out", "#signed-out-heading", async (page, server) =>
        {
            await SignedInAsync(page, server, "/account/logout");
            await PagesServer.SubmitAsync(page, "#logout-confirm");
        }),
        new("device", "#device-heading", (page, server) => page.GotoAsync(server.Address("/device?user_code=WDJB-MJHT"))),
        new("device-fault", "#device-heading", (page, server) => PressedAsync(page, server.Address("/device"), "#device-continue"), IsFirst: false),
        new("device-confirm", "#device-confirm-heading", ToDeviceAsync),
        new("device-done", "#device-done-heading", async (page, server) =>
        {
            await ToDeviceAsync(page, server);
            await PagesServer.SubmitAsync(page, "#device-deny");
        }),
        new("second-factor", "#second-heading", async (page, server) =>
        {
            var person = await server.AddPersonAsync(user => user.TwoFactorEnabled = true);
            await page.GotoAsync(server.Authorize());
            await PagesServer.SignInAsync(page, person);
        }),
        new("register-sent", "#register-sent", async (page, server) => await RegisterAsync(page, server), IsFirst: false),
        new("verify", "#verify-heading", async (page, server) => await page.GotoAsync(await server.MailedLinkAsync(await RegisterAsync(page, server)))),
        new("forgot", "#forgot-heading", (page, server) => page.GotoAsync(server.MailedAddress("/account/forgot"))),
        new("forgot-sent", "#forgot-sent", async (page, server) =>
        {
            await page.GotoAsync(server.MailedAddress("/account/forgot"));
            await page.FillAsync("#forgot-login", "nobody@example.com");
            await PagesServer.SubmitAsync(page, "#forgot-submit");
        }, IsFirst: false),
        new("reset", "#reset-heading", async (page, server) => await page.GotoAsync(await server.ResetLinkAsync())),
        new("reset-gone", "#reset-gone", (page, server) => page.GotoAsync(server.MailedAddress("/account/reset?token=old")), IsFirst: false),
        new("review", "#review-heading", (page, server) => SignedInAsync(page, server, "/account/review")),
        new("error", "#error-heading", (page, server) => page.GotoAsync(server.Authorize(("client_id", "stranger")))),
        new("not-found", "#not-found-heading", (page, server) => page.GotoAsync(server.Address("/nothing/here"))),
        new("manage", "h1", (page, server) => SignedInAsync(page, server, "/manage")),
        new("manage-profile", "h1", (page, server) => SignedInAsync(page, server, "/manage/profile")),
        new("manage-password", "h1", (page, server) => SignedInAsync(page, server, "/manage/password")),
        new("manage-security", "h1", (page, server) => SignedInAsync(page, server, "/manage/security")),
        new("manage-second-factor", "h1", (page, server) => SignedInAsync(page, server, "/manage/second-factor")),
        new("manage-passkeys", "h1", (page, server) => SignedInAsync(page, server, "/manage/passkeys")),
        new("manage-profile-fault", "#profile-fault", async (page, server) =>
        {
            await SignedInAsync(page, server, "/manage/profile");
            await page.FillAsync("#profile-picture", "no address");
            await PagesServer.SubmitAsync(page, "#profile-save");
        }, IsFirst: false),
        new("manage-logins", "h1", (page, server) => SignedInAsync(page, server, "/manage/logins")),
        new("manage-email", "h1", (page, server) => SignedInAsync(page, server, "/manage/email")),
        new("change-address", "h1", (page, server) => page.GotoAsync(server.Address("/account/change-address?token=none"))),
        new("change-address-gone", "h1", (page, server) => SignedInAsync(page, server, "/account/change-address?token=none"), IsFirst: false),
        new("manage-apps", "h1", (page, server) => SignedInAsync(page, server, "/manage/apps")),
        new("manage-devices", "h1", (page, server) => SignedInAsync(page, server, "/manage/devices")),
        new("manage-activity", "h1", (page, server) => SignedInAsync(page, server, "/manage/activity")),
        new("manage-data", "h1", (page, server) => SignedInAsync(page, server, "/manage/data")),
    ];

    public static Place Of(string name) => All.Single(place => place.Name == name);

    public async Task GoAsync(IPage page, PagesServer server)
    {
        await Way(page, server);
        await Expect(page.Locator(Heading)).ToBeVisibleAsync();
    }

    private static async Task<string> RegisterAsync(IPage page, PagesServer server)
    {
        var address = PagesServer.NewName() + "@example.com";
        await page.GotoAsync(server.MailedAddress("/account/register"));
        await page.FillAsync("#register-email", address);
        await page.FillAsync("#register-password", PagesServer.Password);
        await PagesServer.SubmitAsync(page, "#register-submit");
        await Expect(page.Locator("#register-sent")).ToBeVisibleAsync();
        return address;
    }

    private static async Task PressedAsync(IPage page, string address, string button)
    {
        await page.GotoAsync(address);
        await PagesServer.SubmitAsync(page, button);
    }

    private static async Task SignedInAsync(IPage page, PagesServer server, string path)
    {
        await page.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(page);
        if (path != "/")
        {
            await page.GotoAsync(server.Address(path));
        }
    }

    private static async Task ToConsentAsync(IPage page, PagesServer server)
    {
        await page.GotoAsync(server.Authorize(("prompt", "consent"), ("claims", """{"userinfo":{"birthdate":null}}""")));
        await PagesServer.SignInAsync(page);
    }

    private static async Task ToDeviceAsync(IPage page, PagesServer server)
    {
        await page.GotoAsync((await server.BeginDeviceAsync()).GetProperty("verification_uri_complete").GetString()!);
        await PagesServer.SubmitAsync(page, "#device-continue");
        await PagesServer.SignInAsync(page);
    }
}
