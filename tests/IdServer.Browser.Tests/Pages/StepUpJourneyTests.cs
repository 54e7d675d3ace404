using IdServer.Testing;
using IdServer.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>Second factors where it matters: what an application is told, by keyboard alone, and while somebody else guesses.</summary>
public sealed class StepUpJourneyTests(Chromium chromium, PeopleServer server) : BrowserTests(chromium), IClassFixture<PeopleServer>
{
    [Fact]
    [Journey("sign-in with a second factor by keyboard alone"), Journey("remembered devices"), Journey("amr: pwd, otp, mfa")]
    public async Task By_keyboard_alone_a_person_signs_in_with_a_second_factor_and_is_remembered()
    {
        var person = await server.AddPersonAsync();
        var app = await server.AddAppAsync(person);
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize());

        await Keyboard.TypeAsync(page, "#username", person.Username);
        await Keyboard.TypeAsync(page, "#password", Declared.Password);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#second-code")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("000000");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#second-fault")).ToContainTextAsync("The code is not right");
        await Expect(page.Locator("#second-code")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(app.Code());
        await Keyboard.TabToAsync(page, "#second-remember");
        await page.Keyboard.PressAsync("Space");
        await Keyboard.EnterAsync(page, "#second-submit");
        await Expect(page.Locator("#consent-heading")).ToBeVisibleAsync();
        await Keyboard.EnterAsync(page, "#consent-accept");

        Assert.Equal(("urn:idserver:acr:mfa", "pwd otp mfa"), (await server.ClaimsAsync(page)).Proved());
        Assert.Equal("1", await server.ReadAsync("SELECT COUNT(*) FROM known_devices WHERE user_id = $1 AND trusted_until IS NOT NULL", person.Id));
    }

    [Fact]
    [Journey("the account page by keyboard alone"), Journey("sessions and devices: where, when, this one; end one, end all others")]
    public async Task By_keyboard_alone_a_person_changes_their_profile_and_ends_the_other_sessions()
    {
        var person = await server.AddPersonAsync();
        var other = await NewPageAsync();
        var third = await NewPageAsync();
        var page = await NewPageAsync();
        foreach (var browser in new[] { other, third, page })
        {
            await browser.GotoAsync(server.Address("/account/login"));
            await PagesServer.SignInAsync(browser, person.Username);
            await Expect(browser.Locator("#home-heading")).ToBeVisibleAsync();
        }

        await Keyboard.EnterAsync(page, "#home-manage");
        await Expect(page.Locator("#manage-heading")).ToBeVisibleAsync();
        await Keyboard.EnterAsync(page, "nav.sections a[href='/manage/profile']");
        await Expect(page.Locator("#profile-nickname")).ToBeVisibleAsync();
        await Keyboard.TypeAsync(page, "#profile-nickname", "Corita");
        await Keyboard.EnterAsync(page, "#profile-save");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Your profile is saved.");
        Assert.Equal("Corita", await server.ReadAsync("""SELECT "Nickname" FROM "AspNetUsers" WHERE "Id" = $1""", person.Id));

        await Keyboard.EnterAsync(page, "nav.sections a[href='/manage/devices']");
        await Expect(page.Locator("#devices-heading")).ToBeVisibleAsync();
        await Expect(page.Locator("main li.row")).ToHaveCountAsync(3);
        await Expect(page.Locator("#devices-this")).ToContainTextAsync("Network address 127.0.0.1");
        await Keyboard.EnterAsync(page, "#devices-end-others");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("You are signed out everywhere else.");
        foreach (var browser in new[] { other, third })
        {
            await browser.GotoAsync(server.Address("/manage"));
            await Expect(browser.Locator("#login-heading")).ToBeVisibleAsync();
        }

        Assert.Equal("1", await server.ReadAsync("SELECT COUNT(*) FROM sessions WHERE subject = $1 AND ended_at IS NULL", person.Id.ToString()));
    }

    [Fact]
    [Journey("step-up: acr_values and max_age ask for what is missing"), Journey("amr: hwk and swk, with mfa"), Journey("sign in with a passkey without any user name")]
    public async Task An_application_that_demands_two_factors_is_told_who_has_none_and_a_passkey_is_both()
    {
        var person = await server.AddPersonAsync();
        const string demand = """{"id_token":{"acr":{"essential":true,"values":["urn:idserver:acr:mfa"]}}}""";
        var page = await NewPageAsync();
        await page.AddInitScriptAsync("delete PublicKeyCredential.isConditionalMediationAvailable"); // a browser without passkeys in the autofill
        await VirtualAuthenticator.AddAsync(page, isSynced: true);
        await page.GotoAsync(server.Authorize(("claims", demand)));
        await PagesServer.SignInAsync(page, person.Username);
        Assert.Equal("unmet_authentication_requirements", (await ApplicationSite.CallbackAsync(page))["error"]);

        await page.GotoAsync(server.Address("/manage/passkeys")); // where the application sends them
        await PagesServer.SubmitAsync(page, "#passkey-add");
        await Expect(page.Locator("#passkeys-list")).ToBeVisibleAsync();
        await page.GotoAsync(server.Authorize(("claims", demand)));
        await Expect(page.Locator("#second-lead")).ToContainTextAsync("confirm that it is you");
        await Expect(page.Locator("#password, #second-code")).ToHaveCountAsync(0); // the passkey is all that is missing
        await PagesServer.SubmitAsync(page, "#second-passkey");
        await PagesServer.SubmitAsync(page, "#consent-accept");
        Assert.Equal(("urn:idserver:acr:mfa", "pwd swk mfa"), (await server.ClaimsAsync(page)).Proved());

        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(server.Authorize(("claims", demand)));
        await PagesServer.SubmitAsync(page, "#login-passkey"); // nobody has said who they are
        var claims = await server.ClaimsAsync(page);
        Assert.Equal((person.Id.ToString(), ("urn:idserver:acr:mfa", "swk mfa")), (claims.Text("sub"), claims.Proved()));
    }

    [Fact]
    [Journey("codes are counted apart from passwords, and a known device keeps its lane")]
    public async Task A_stranger_who_has_the_password_and_guesses_codes_locks_nobody_out()
    {
        var person = await server.AddPersonAsync();
        var app = await server.AddAppAsync(person);
        var owner = await NewPageAsync();
        await owner.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(owner, person.Username);
        await owner.FillAsync("#second-code", app.Code());
        await PagesServer.SubmitAsync(owner, "#second-submit");
        await Expect(owner.Locator("#home-heading")).ToBeVisibleAsync();
        await owner.GotoAsync(server.Address("/account/logout"));
        await PagesServer.SubmitAsync(owner, "#logout-confirm");

        var stranger = await NewPageAsync();
        await stranger.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(stranger, person.Username);
        for (var guess = 0; guess < 6; guess++)
        {
            await stranger.FillAsync("#second-code", $"00000{guess}");
            await PagesServer.SubmitAsync(stranger, "#second-submit");
        }

        await Expect(stranger.Locator("#second-fault")).ToContainTextAsync("Too many codes were not right. You can try again in about");
        await stranger.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(stranger, person.Username); // passwords are counted apart
        await Expect(stranger.Locator("#second-heading")).ToBeVisibleAsync();
        await stranger.FillAsync("#second-code", app.Code(1)); // even the right one has to wait there
        await PagesServer.SubmitAsync(stranger, "#second-submit");
        await Expect(stranger.Locator("#second-fault")).ToContainTextAsync("Too many codes were not right.");

        await owner.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(owner, person.Username);
        await owner.FillAsync("#second-code", app.Code(1));
        await PagesServer.SubmitAsync(owner, "#second-submit");
        await Expect(owner.Locator("#home-heading")).ToHaveTextAsync("Hello, Cora Lindqvist");
    }
}
