using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using IdServer.Data.Users;
using IdServer.Testing;
using IdServer.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>People with passkeys in a real browser, at a server whose issuer is a name, as browsers want it.</summary>
public sealed class PasskeyTests(Chromium chromium, PasskeyTests.NamedServer server) : BrowserTests(chromium), IClassFixture<PasskeyTests.NamedServer>
{
    private static readonly string[] Rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

    [Fact]
    [Journey("passkeys: add, name, remove"), Journey("sign in with a passkey without any user name")]
    [Spec("WebAuthn", "§5.1")]
    public async Task A_person_adds_a_passkey_names_it_signs_in_with_it_and_removes_it()
    {
        var page = await NewPageAsync();
        var authenticator = await VirtualAuthenticator.AddAsync(page);
        await authenticator.TouchAsync(false); // the autofill of the login page would be answered before the password is typed
        await page.GotoAsync(server.Address("/account/login?to=/manage/passkeys"));
        await PagesServer.SignInAsync(page, Declared.User, Declared.Password);
        await Expect(page.Locator("#passkeys-none")).ToBeVisibleAsync();
        await CheckAsync(page);

        await authenticator.TouchAsync(true);
        await PagesServer.SubmitAsync(page, "#passkey-add");
        await Expect(page.Locator("#passkeys-list h2")).ToHaveTextAsync("Chrome, Linux");
        await Expect(page.Locator("#passkeys-list")).ToContainTextAsync("On one device only");
        await Expect(page.Locator("#passkeys-list")).ToContainTextAsync("Never used");
        await page.ClickAsync("#passkeys-list summary");
        await page.FillAsync("#passkey-name-0", "My laptop");
        await CheckAsync(page);
        await PagesServer.SubmitAsync(page, "#passkey-rename-0");
        await Expect(page.Locator("#passkeys-list h2")).ToHaveTextAsync("My laptop");

        await page.ClickAsync("#passkey-add"); // the same authenticator again
        await Expect(page.Locator("form[data-passkey=create] .fault")).ToContainTextAsync("has a passkey of your account already");
        Assert.Equal(1, await authenticator.CountAsync());

        await page.Context.ClearCookiesAsync();
        await authenticator.TouchAsync(false);
        await page.GotoAsync(server.Address("/account/login?to=/manage/passkeys"));
        await authenticator.VerifyAsync(false);
        await authenticator.TouchAsync(true);
        await page.ClickAsync("#login-passkey"); // the wrong finger
        await Expect(page.Locator("form[data-passkey=get] .fault")).ToContainTextAsync("No passkey was used");
        await CheckAsync(page);
        await authenticator.VerifyAsync(true);
        await PagesServer.SubmitAsync(page, "#login-passkey");
        await Expect(page.Locator("#passkeys-list")).ToContainTextAsync("Last used");

        await page.ClickAsync("#passkeys-list summary");
        await PagesServer.SubmitAsync(page, "#passkey-remove-0");
        await Expect(page.Locator("#passkeys-none")).ToBeVisibleAsync();
        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(server.Address("/account/login")); // the authenticator still has it, and the autofill offers it
        await Expect(page.Locator("#login-fault")).ToContainTextAsync("opens no account here");
    }

    [Fact]
    public async Task A_passkey_is_the_second_factor_of_who_has_an_app_as_well()
    {
        var page = await NewPageAsync();
        var authenticator = await VirtualAuthenticator.AddAsync(page);
        await authenticator.TouchAsync(false);
        await page.GotoAsync(server.Address("/account/login?to=/manage/passkeys"));
        await PagesServer.SignInAsync(page, "dora", Declared.Password);
        await authenticator.TouchAsync(true);
        await PagesServer.SubmitAsync(page, "#passkey-add");
        await Expect(page.Locator("#passkeys-list")).ToBeVisibleAsync();
        await server.AddAppAsync("dora");

        await page.Context.ClearCookiesAsync();
        await authenticator.TouchAsync(false);
        await page.GotoAsync(server.Address("/account/login?to=/manage/passkeys"));
        await PagesServer.SignInAsync(page, "dora", Declared.Password);
        await Expect(page.Locator("#second-heading")).ToBeVisibleAsync();
        await CheckAsync(page);
        await authenticator.TouchAsync(true);
        await PagesServer.SubmitAsync(page, "#second-passkey");

        await Expect(page.Locator("#passkeys-list")).ToContainTextAsync("Last used");
    }

    [Fact]
    [Journey("sign in with a passkey from the autofill of the user name")]
    [Spec("WebAuthn", "§5.1.4")]
    public async Task The_autofill_of_the_user_name_signs_in_without_a_button_being_pressed()
    {
        var page = await NewPageAsync();
        var authenticator = await VirtualAuthenticator.AddAsync(page, isSynced: true);
        await authenticator.TouchAsync(false);
        await page.GotoAsync(server.Address("/account/login?to=/manage/passkeys"));
        await PagesServer.SignInAsync(page, "berta", Declared.Password);
        await authenticator.TouchAsync(true);
        await PagesServer.SubmitAsync(page, "#passkey-add");
        await Expect(page.Locator("#passkeys-list")).ToContainTextAsync("Copied between your devices");
        await page.Context.ClearCookiesAsync();

        await page.GotoAsync(server.Address("/account/login?to=/manage/passkeys"), new() { WaitUntil = WaitUntilState.Commit });

        await Expect(page.Locator("#passkeys-list")).ToContainTextAsync("Last used"); // nobody pressed anything
    }

    [Fact]
    [Journey("accounts with passkeys only")]
    public async Task A_new_person_needs_no_password_and_keeps_the_only_way_in()
    {
        var page = await NewPageAsync(person => person.Locale = "es-ES");
        var authenticator = await VirtualAuthenticator.AddAsync(page);
        await page.GotoAsync(server.Address("/account/register"));
        await CheckAsync(page);
        await PagesServer.SubmitAsync(page, "#register-passkey");
        await Expect(page.Locator("#register-email-fault")).ToBeVisibleAsync();
        await page.FillAsync("#register-email", "vega@example.com");
        await page.FillAsync("#register-name", "Vega Sin Clave");
        await PagesServer.SubmitAsync(page, "#register-passkey");
        await Expect(page.Locator("#register-passkey-lead")).ToContainTextAsync("vega@example.com");
        await CheckAsync(page);
        await PagesServer.SubmitAsync(page, "#register-passkey-make");
        await Expect(page.Locator("#home-heading")).ToContainTextAsync("Vega Sin Clave");

        await page.GotoAsync(server.Address("/manage/passkeys"));
        await page.ClickAsync("#passkeys-list summary");
        await PagesServer.SubmitAsync(page, "#passkey-remove-0");
        await Expect(page.Locator("#passkeys-fault")).ToContainTextAsync("única forma de entrar");
        await CheckAsync(page);
        Assert.Equal(1, await authenticator.CountAsync());

        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(server.Address("/account/login"), new() { WaitUntil = WaitUntilState.Commit });
        await Expect(page.Locator("#home-heading")).ToContainTextAsync("Vega Sin Clave");
    }

    [Fact]
    public async Task Without_passkeys_in_the_browser_nothing_offers_them_and_the_password_works()
    {
        var page = await NewPageAsync();
        await page.AddInitScriptAsync("delete window.PublicKeyCredential");
        await page.GotoAsync(server.Address("/account/register"));
        await Expect(page.Locator("#register-passkey")).ToBeHiddenAsync();
        await page.GotoAsync(server.Address("/account/login?to=/manage/passkeys"));
        await Expect(page.Locator("#login-passkey")).ToBeHiddenAsync();

        await PagesServer.SignInAsync(page, "carla", Declared.Password);

        await Expect(page.Locator("#passkeys-absent")).ToBeVisibleAsync();
        await Expect(page.Locator("#passkey-add")).ToBeHiddenAsync();
    }


    // As it stands, in both themes and on a narrow phone.
    private static async Task CheckAsync(IPage page)
    {
        foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce }); // colours on their way would be judged
            var result = await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "tag", Values = [.. Rules] } });
            Assert.Empty(result.Violations.Select(v => $"{v.Id}: {v.Help} {string.Join(' ', v.Nodes.Select(n => n.Html))}"));
        }

        var size = page.ViewportSize!;
        await page.SetViewportSizeAsync(320, 640);
        Assert.Equal(320, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(await page.EvaluateAsync<string[]>("[...document.querySelectorAll('main a, main button, main summary, main input:not([type=hidden])')].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"));
        await page.SetViewportSizeAsync(size.Width, size.Height);
    }

    /// <summary>At localhost; with one account more, whose owner has no passkeys.</summary>
    public sealed class NamedServer : IAsyncLifetime
    {
        private RunningServer? running;

        public string Address(string path) => running!.Issuer + path;

        public async Task AddAppAsync(string username)
        {
            var ct = TestContext.Current.CancellationToken;
            var secret = TimeBasedCode.NewSecret();
            var code = TimeBasedCode.Of(secret, TimeBasedCode.StepAt(TimeProvider.System.GetUtcNow()));
            Assert.True(await running!.Provider.GetRequiredService<Authenticators>().TryAddAsync(Guid.Parse(await running.SubjectOfAsync(username)), secret, code, ct));
        }

        public async ValueTask InitializeAsync() => running = await RunningServer.StartAsync(new RunningServer
        {
            Host = "localhost",
            Settings = Declared.Besides($$"""{ "IdServer": { "Users": { "50": { "username": "carla", "email": "carla@example.com", "password": "{{Declared.Password}}" }, "51": { "username": "dora", "email": "dora@example.com", "password": "{{Declared.Password}}" } } } }"""),
        });

        public ValueTask DisposeAsync() => running!.DisposeAsync();
    }
}
