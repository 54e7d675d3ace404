using Microsoft.Playwright;
using static IdServer.Browser.Tests.Pages.Place;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>Pages of who is not signed in yet, or is being asked something on the way to an application.</summary>
internal static class DoorPlaces
{
    public static Place[] All =>
    [
        new("home-signed-out", "#home-heading", (page, server) => page.GotoAsync(server.Address("/")), IsFirst: false),
        new("login", "#login-heading", (page, server) => page.GotoAsync(server.Authorize())),
        new("login-fault", "#login-heading", (page, server) => PressedAsync(page, server.Authorize(), "#login-submit"), IsFirst: false),
        new("login-all", "#login-passkey", (page, server) => page.GotoAsync(server.MailedAddress("/account/login")), IsFirst: false),
        new("login-again", "#login-again", async (page, server) =>
        {
            await page.GotoAsync(server.Address("/account/login"));
            await PagesServer.SignInAsync(page);
            await page.GotoAsync(server.Authorize(("prompt", "login")));
        }, IsFirst: false, IsPictured: true),
        new("login-wait", "#login-fault", async (page, server) =>
        {
            var person = await server.AddPersonAsync(_ => { });
            await page.GotoAsync(server.Address("/account/login"));
            for (var attempt = 0; attempt < 8; attempt++)
            {
                await PagesServer.SignInAsync(page, person, "not my password");
            }
        }, IsFirst: false, IsPictured: true),
        new("login-upstream-fault", "#login-fault", (page, server) => page.GotoAsync(server.Address("/account/login?provider=google&fault=Unavailable")), IsFirst: false),
        new("link", "#link-heading", (page, server) => page.GotoAsync(server.Authorize(("idp_hint", "google")))),
        new("link-fault", "#link-heading", (page, server) => PressedAsync(page, server.Authorize(("idp_hint", "google")), "#link-submit"), IsFirst: false),
        new("register", "#register-heading", (page, server) => page.GotoAsync(server.Address("/account/register"))),
        new("register-faults", "#register-heading", (page, server) => PressedAsync(page, server.Address("/account/register"), "#register-submit"), IsFirst: false),
        new("register-passkey", "#register-passkey-make", async (page, server) =>
        {
            await page.GotoAsync(server.MailedAddress("/account/register"));
            await page.FillAsync("#register-email", PagesServer.NewName() + "@example.com");
            await PagesServer.SubmitAsync(page, "#register-passkey");
        }, IsFirst: false, IsPictured: true),
        new("register-sent", "#register-sent", async (page, server) => await RegisterAsync(page, server), IsFirst: false),
        new("verify", "#verify-heading", async (page, server) => await page.GotoAsync(await server.MailedLinkAsync(await RegisterAsync(page, server)))),
        new("verify-password", "#verify-password", async (page, server) =>
        {
            var link = await server.MailedLinkAsync(await RegisterAsync(page, server));
            await page.Context.ClearCookiesAsync();
            await PressedAsync(page, link, "#verify-submit");
        }, IsFirst: false),
        new("verify-disowned", "#verify-disowned", async (page, server) => await PressedAsync(page, await server.MailedLinkAsync(await RegisterAsync(page, server)), "#verify-disown"), IsFirst: false),
        new("verify-dead", "#verify-dead", (page, server) => page.GotoAsync(server.MailedAddress("/account/verify?token=old")), IsFirst: false),
        new("forgot", "#forgot-heading", (page, server) => page.GotoAsync(server.MailedAddress("/account/forgot"))),
        new("forgot-sent", "#forgot-sent", async (page, server) =>
        {
            await page.GotoAsync(server.MailedAddress("/account/forgot"));
            await page.FillAsync("#forgot-login", "nobody@example.com");
            await PagesServer.SubmitAsync(page, "#forgot-submit");
        }, IsFirst: false),
        new("forgot-fault", "#forgot-fault", (page, server) => PressedAsync(page, server.MailedAddress("/account/forgot"), "#forgot-submit"), IsFirst: false, IsPictured: true),
        new("forgot-closed", "#forgot-closed", (page, server) => page.GotoAsync(server.Address("/account/forgot")), IsFirst: false, IsPictured: true),
        new("reset", "#reset-heading", async (page, server) => await page.GotoAsync(await server.ResetLinkAsync())),
        new("reset-fault", "#reset-password-fault", async (page, server) =>
        {
            await page.GotoAsync(await server.ResetLinkAsync());
            await page.FillAsync("#reset-password", "Password-1234");
            await PagesServer.SubmitAsync(page, "#reset-submit");
        }, IsFirst: false),
        new("reset-gone", "#reset-gone", (page, server) => page.GotoAsync(server.MailedAddress("/account/reset?token=old")), IsFirst: false),
        new("second-factor", "#second-code", async (page, server) =>
        {
            var person = await server.AddPersonAsync(user => user.TwoFactorEnabled = true);
            await page.GotoAsync(server.Authorize());
            await PagesServer.SignInAsync(page, person);
        }),
        new("second-factor-ways", "#second-passkey", async (page, server) =>
        {
            var person = await PagesServer.AddPersonAsync(server.Mailed, _ => { });
            await FullAccount.AddPasskeysAsync(server.Mailed, person);
            await FullAccount.AddAppAsync(server.Mailed, person);
            await page.GotoAsync(server.MailedAddress("/account/login"));
            await PagesServer.SignInAsync(page, person);
            await page.ClickAsync("#second-use-recovery");
            await page.FillAsync("#second-recovery", "WRONG-CODE");
            await PagesServer.SubmitAsync(page, "#second-submit");
        }, IsFirst: false),
        new("second-factor-passkey", "#second-passkey", async (page, server) =>
        {
            var person = await PagesServer.AddPersonAsync(server.Mailed, _ => { });
            await FullAccount.AddPasskeysAsync(server.Mailed, person);
            await page.GotoAsync(server.MailedAddress("/account/login?to=/manage"));
            await PagesServer.SignInAsync(page, person);
            await page.GotoAsync(server.MailedAddress("/account/second-factor"));
        }, IsFirst: false, IsPictured: true),
        new("consent", "#consent-heading", async (page, server) =>
        {
            await page.GotoAsync(server.Authorize(("prompt", "consent"), ("claims", """{"userinfo":{"birthdate":null}}""")));
            await PagesServer.SignInAsync(page);
        }),
        new("device", "#device-heading", (page, server) => page.GotoAsync(server.Address("/device?user_code=WDJB-MJHT"))),
        new("device-empty", "#device-heading", (page, server) => page.GotoAsync(server.Address("/device")), IsFirst: false, IsPictured: true),
        new("device-fault", "#device-fault", (page, server) => PressedAsync(page, server.Address("/device"), "#device-continue"), IsFirst: false),
        new("device-confirm", "#device-confirm-heading", ToDeviceAsync),
        new("device-done", "#device-done-heading", async (page, server) =>
        {
            await ToDeviceAsync(page, server);
            await PagesServer.SubmitAsync(page, "#device-deny");
        }),
        new("device-allowed", "#device-done-heading", async (page, server) =>
        {
            await ToDeviceAsync(page, server);
            await PagesServer.SubmitAsync(page, "#device-allow");
        }, IsFirst: false, IsPictured: true),
        new("error", "#error-heading", (page, server) => page.GotoAsync(server.Authorize(("client_id", "stranger")))),
        new("error-failure", "#error-heading", (page, server) => page.GotoAsync(server.FailureAddress()), IsFirst: false, IsPictured: true),
        new("error-unknown", "#error-heading", (page, server) => page.GotoAsync(server.Address("/error")), IsFirst: false, IsPictured: true),
        new("not-found", "#not-found-heading", (page, server) => page.GotoAsync(server.Address("/nothing/here"))),
    ];

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

    private static async Task ToDeviceAsync(IPage page, PagesServer server)
    {
        await page.GotoAsync((await server.BeginDeviceAsync()).GetProperty("verification_uri_complete").GetString()!);
        await PagesServer.SubmitAsync(page, "#device-continue");
        await PagesServer.SignInAsync(page);
    }
}
