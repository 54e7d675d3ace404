using Microsoft.Playwright;

namespace IdServer.Browser.Tests.Pages;

/// <summary>Pages of who is signed in: an account with little in it, and one with everything.</summary>
internal static class AccountPlaces
{
    public static Place[] All =>
    [
        new("home", "#home-heading", (page, server) => SignedInAsync(page, server, "/")),
        new("home-unverified", "#unverified-address", (page, server) => NewAsync(page, server, "/"), IsFirst: false),
        new("logout", "#logout-heading", (page, server) => SignedInAsync(page, server, "/account/logout")),
        new("signed-out", "#signed-out-heading", async (page, server) =>
        {
            await SignedInAsync(page, server, "/account/logout");
            await PagesServer.SubmitAsync(page, "#logout-confirm");
        }),
        new("verify-resend", "#verify-send", (page, server) => NewAsync(page, server, "/account/verify"), IsFirst: false),
        new("verify-sent", "#verify-sent", async (page, server) =>
        {
            await NewAsync(page, server, "/account/verify");
            await PagesServer.SubmitAsync(page, "#verify-send");
        }, IsFirst: false, IsPictured: true),
        new("review", "#review-heading", (page, server) => SignedInAsync(page, server, "/account/review")),
        new("review-full", "#review-heading", (page, server) => FullAsync(page, server, "/account/review"), IsFirst: false),
        new("manage", "h1", (page, server) => SignedInAsync(page, server, "/manage")),
        new("manage-full", "h1", (page, server) => FullAsync(page, server, "/manage"), IsFirst: false, IsPictured: true),
        new("manage-profile", "h1", (page, server) => SignedInAsync(page, server, "/manage/profile")),
        new("manage-profile-fault", "#profile-fault", async (page, server) =>
        {
            await SignedInAsync(page, server, "/manage/profile");
            await page.FillAsync("#profile-picture", "no address");
            await PagesServer.SubmitAsync(page, "#profile-save");
        }, IsFirst: false),
        new("manage-profile-saved", "[role=status]", async (page, server) =>
        {
            await NewAsync(page, server, "/manage/profile");
            await PagesServer.SubmitAsync(page, "#profile-save");
        }, IsFirst: false, IsPictured: true),
        new("manage-password", "h1", (page, server) => SignedInAsync(page, server, "/manage/password")),
        new("manage-password-fault", "#own-password-fault, .fault", async (page, server) =>
        {
            await SignedInAsync(page, server, "/manage/password");
            await page.FillAsync("#own-password-new", "short");
            await PagesServer.SubmitAsync(page, "#own-password-save");
        }, IsFirst: false),
        new("manage-security", "h1", (page, server) => SignedInAsync(page, server, "/manage/security")),
        new("manage-security-full", "h1", (page, server) => FullAsync(page, server, "/manage/security"), IsFirst: false, IsPictured: true),
        new("manage-second-factor", "h1", (page, server) => SignedInAsync(page, server, "/manage/second-factor")),
        new("manage-second-factor-fault", "#factor-fault", async (page, server) =>
        {
            await SignedInAsync(page, server, "/manage/second-factor");
            await PagesServer.SubmitAsync(page, "#factor-add");
        }, IsFirst: false, IsPictured: true),
        new("manage-second-factor-full", "#factor-left", (page, server) => FullAsync(page, server, "/manage/second-factor"), IsFirst: false),
        new("manage-recovery-codes", "#codes", async (page, server) =>
        {
            await FullAsync(page, server, "/manage/second-factor");
            await PagesServer.SubmitAsync(page, "#factor-renew");
        }, IsFirst: false),
        new("manage-passkeys", "h1", (page, server) => SignedInAsync(page, server, "/manage/passkeys")),
        new("manage-passkeys-empty", "#passkeys-none", (page, server) => NewAsync(page, server, "/manage/passkeys"), IsFirst: false, IsPictured: true),
        new("manage-passkeys-full", "#passkeys-list", async (page, server) =>
        {
            await FullAsync(page, server, "/manage/passkeys");
            await page.ClickAsync("#passkeys-list li:nth-child(2) summary");
        }, IsFirst: false),
        new("manage-logins", "h1", (page, server) => SignedInAsync(page, server, "/manage/logins")),
        new("manage-logins-full", "h1", (page, server) => FullAsync(page, server, "/manage/logins"), IsFirst: false),
        new("manage-email", "h1", (page, server) => SignedInAsync(page, server, "/manage/email")),
        new("manage-email-fault", "#email-fault", async (page, server) =>
        {
            await NewAsync(page, server, "/manage/email");
            await PagesServer.SubmitAsync(page, "#email-submit");
        }, IsFirst: false),
        new("manage-email-sent", "[role=status]", async (page, server) =>
        {
            await NewAsync(page, server, "/manage/email");
            await page.FillAsync("#email-new", PagesServer.NewName() + "@example.com");
            await PagesServer.SubmitAsync(page, "#email-submit");
        }, IsFirst: false, IsPictured: true),
        new("change-address", "h1", (page, server) => page.GotoAsync(server.Address("/account/change-address?token=none"))),
        new("change-address-gone", "h1", (page, server) => SignedInAsync(page, server, "/account/change-address?token=none"), IsFirst: false),
        new("change-address-confirm", "#change-address-confirm", async (page, server) =>
        {
            var address = PagesServer.NewName() + "@example.com";
            await NewAsync(page, server, "/manage/email");
            await page.FillAsync("#email-new", address);
            await PagesServer.SubmitAsync(page, "#email-submit");
            await page.GotoAsync(await server.MailedLinkAsync(address));
        }, IsFirst: false),
        new("manage-apps", "h1", (page, server) => SignedInAsync(page, server, "/manage/apps")),
        new("manage-apps-full", "h1", (page, server) => FullAsync(page, server, "/manage/apps"), IsFirst: false),
        new("manage-devices", "h1", (page, server) => SignedInAsync(page, server, "/manage/devices")),
        new("manage-devices-full", "#devices-end-others", (page, server) => FullAsync(page, server, "/manage/devices"), IsFirst: false),
        new("manage-activity", "h1", (page, server) => SignedInAsync(page, server, "/manage/activity")),
        new("manage-activity-full", "#activity-list", (page, server) => FullAsync(page, server, "/manage/activity"), IsFirst: false, IsPictured: true),
        new("manage-data", "h1", (page, server) => SignedInAsync(page, server, "/manage/data")),
        new("manage-data-fault", "#data-fault", async (page, server) =>
        {
            await SignedInAsync(page, server, "/manage/data");
            await PagesServer.SubmitAsync(page, "#data-delete");
        }, IsFirst: false),
        new("deletion-scheduled", "[role=status]", async (page, server) => await LeaveAsync(page, server), IsFirst: false),
        new("deletion-called-off", "[role=status]", async (page, server) =>
        {
            var person = await LeaveAsync(page, server);
            await page.GotoAsync(server.MailedAddress("/account/login"));
            await PagesServer.SignInAsync(page, person);
        }, IsFirst: false, IsPictured: true),
        new("manage-menu", ".sections [aria-current]", async (page, server) =>
        {
            await SignedInAsync(page, server, "/manage/security");
            await page.EvaluateAsync("document.querySelector('.sections details').open = true");
        }, IsFirst: false, IsPictured: true),
    ];

    private static async Task SignedInAsync(IPage page, PagesServer server, string path)
    {
        await page.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(page);
        if (path != "/")
        {
            await page.GotoAsync(server.Address(path));
        }
    }

    // Somebody whose address is not verified yet.
    private static async Task<string> NewAsync(IPage page, PagesServer server, string path)
    {
        var person = await PagesServer.AddPersonAsync(server.Mailed, _ => { });
        await SignInAsync(page, server, person, path);
        return person;
    }

    private static async Task FullAsync(IPage page, PagesServer server, string path)
    {
        var person = await PagesServer.AddPersonAsync(server.Mailed, user => user.EmailConfirmed = true);
        await SignInAsync(page, server, person, "/");
        var code = await FullAccount.FillAsync(server.Mailed, person);
        await page.GotoAsync(server.MailedAddress("/account/second-factor?to=" + path));
        await page.FillAsync("#second-code", code);
        await PagesServer.SubmitAsync(page, "#second-submit");
    }

    private static async Task<string> LeaveAsync(IPage page, PagesServer server)
    {
        var person = await NewAsync(page, server, "/manage/data");
        await page.FillAsync("#data-username", person);
        await PagesServer.SubmitAsync(page, "#data-delete");
        return person;
    }

    private static async Task SignInAsync(IPage page, PagesServer server, string person, string path)
    {
        await page.GotoAsync(server.MailedAddress("/account/login"));
        await PagesServer.SignInAsync(page, person);
        if (path != "/")
        {
            await page.GotoAsync(server.MailedAddress(path));
        }
    }
}
