using System.Net;
using IdServer.Data;
using IdServer.Testing;
using IdServer.Testing.Mail;
using IdServer.Tests.Upstream;
using IdServer.Tokens.Registries;
using IdServer.Users.Passkeys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Users.Passkeys;

/// <summary>Accounts without a password: how they are made, and that nothing else opens them.</summary>
public sealed class PasskeyRegistrationTests(PasskeyServer server) : IClassFixture<PasskeyServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_account_is_made_with_a_passkey_and_signed_in_by_it_from_then_on()
    {
        using var browser = new PasskeyBrowser(server);
        var page = await BeginAsync(browser, await browser.GoAsync("account/register"), "nadia@example.com");
        var passkey = server.NewPasskey();
        Assert.Equal("/", (await FinishAsync(browser, page, passkey)).Path);

        using var later = new PasskeyBrowser(server);
        Assert.True((await later.SignInAsync(passkey, await later.AuthorizeAsync())).IsAtApplication);
        Assert.Null(await PasswordHashAsync("nadia@example.com"));
    }

    [Fact]
    public async Task Where_mail_is_sent_the_passkey_waits_for_the_link_and_opens_the_account_from_then_on()
    {
        await using var listener = new SmtpListener();
        await using var mailing = new PasskeyServer { Settings = listener.Settings };
        await mailing.InitializeAsync();
        var passkey = mailing.NewPasskey();
        using var browser = new PasskeyBrowser(mailing);
        var sent = await FinishAsync(browser, await BeginAsync(browser, await browser.GoAsync("account/register"), "sofia@example.com"), passkey);
        Assert.Contains("id=\"register-sent\"", sent.Html, StringComparison.Ordinal);

        var page = await browser.GoAsync((await listener.TakeAsync("sofia@example.com", ct: Ct)).Link.PathAndQuery[1..]);
        Assert.Equal("/manage", (await browser.PostAsync(page, ("verify-submit", "yes"))).Path);

        using var later = new PasskeyBrowser(mailing);
        Assert.True((await later.SignInAsync(passkey, await later.AuthorizeAsync())).IsAtApplication);
    }

    [Fact]
    public async Task What_is_wrong_is_said_before_a_passkey_is_made()
    {
        using var browser = new PasskeyBrowser(server);
        var page = await browser.GoAsync("account/register");

        var refused = await browser.PostAsync(page, ("register-email", "ana@example.com"), ("register-username", "two words"), ("register-passkey", "yes"));

        Assert.Equal(422, refused.Status);
        Assert.Contains("register-username-fault", refused.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("register-password-fault", refused.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("data-options", refused.Html, StringComparison.Ordinal);
    }

    [Fact]
    [Attack("altered registration")]
    public async Task An_answer_makes_the_account_that_was_asked_for_once_and_no_other()
    {
        using var browser = new PasskeyBrowser(server);
        var page = await BeginAsync(browser, await browser.GoAsync("account/register"), "olga@example.com");
        var passkey = server.NewPasskey();
        (string, string)[] answer = [(PasskeyAnswer.CredentialField, passkey.Make(PasskeyBrowser.OptionsOf(page))), (PasskeyAnswer.StateField, PasskeyBrowser.StateOf(page))];

        using var thief = new PasskeyBrowser(server);
        Assert.Equal(422, (await thief.PostAsync(await thief.GoAsync("account/register"), answer)).Status);
        Assert.Equal("/", (await browser.PostAsync(page, [.. answer, ("register-email", "ana@example.com"), ("register-username", "ana2")])).Path);
        Assert.Null(await PasswordHashAsync("olga@example.com"));
        Assert.Equal(422, (await thief.PostAsync(await thief.GoAsync("account/register"), answer)).Status);

        // What was asked for a new account is nobody's to add to theirs, and an unverified authenticator makes none.
        using var ana = new PasskeyBrowser(server);
        await ana.Browser.SignInAsync();
        var manage = await ana.GoAsync("manage/passkeys");
        page = await BeginAsync(ana, await ana.GoAsync("account/register"), "pia@example.com");
        Assert.Equal(422, (await ana.PostAsync(manage, (PasskeyAnswer.CredentialField, server.NewPasskey().Make(PasskeyBrowser.OptionsOf(page))), (PasskeyAnswer.StateField, PasskeyBrowser.StateOf(page)))).Status);
        page = await BeginAsync(ana, await ana.GoAsync("account/register"), "pia@example.com");
        Assert.Equal(422, (await FinishAsync(ana, page, server.NewPasskey() with { VerifiesUser = false })).Status);
        page = await BeginAsync(ana, await ana.GoAsync("account/register"), "pia@example.com");
        server.Clock.Advance(Ceremonies.Lifetime);
        Assert.Equal(422, (await FinishAsync(ana, page, server.NewPasskey())).Status);
    }

    [Fact]
    public async Task An_address_that_was_taken_meanwhile_is_said_at_its_field()
    {
        using var browser = new PasskeyBrowser(server);
        var page = await BeginAsync(browser, await browser.GoAsync("account/register"), "quick@example.com");
        await server.RegisterAsync("quick");

        var refused = await FinishAsync(browser, page, server.NewPasskey());

        Assert.Equal(422, refused.Status);
        Assert.Contains("register-email-fault", refused.Html, StringComparison.Ordinal);
        Assert.Contains("value=\"quick@example.com\"", refused.Html, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "50")]
    [Attack("password for an account without one")]
    public async Task No_password_opens_it_and_the_answer_is_that_to_an_unknown_account()
    {
        using var browser = new PasskeyBrowser(server);
        await FinishAsync(browser, await BeginAsync(browser, await browser.GoAsync("account/register"), "rosa@example.com"), server.NewPasskey());

        foreach (var password in new[] { "a guess of somebody", " " })
        {
            using var known = await PasswordGrantAsync("rosa@example.com", password);
            using var unknown = await PasswordGrantAsync("nobody-at-all@example.com", password);
            Assert.Equal(HttpStatusCode.BadRequest, known.StatusCode);
            Assert.Equal((await unknown.JsonAsync()).GetRawText(), (await known.JsonAsync()).GetRawText());
        }

        using var guesser = new PasskeyBrowser(server);
        var page = await guesser.GoAsync("account/login");
        var login = await guesser.PostAsync(page, ("username", "rosa@example.com"), ("password", "a guess of somebody"), ("login-submit", "yes"));
        Assert.Equal(422, login.Status);
        Assert.Contains("is not right", login.Html, StringComparison.Ordinal);
    }

    private static async Task<Halt> BeginAsync(PasskeyBrowser browser, Halt page, string email)
    {
        var step = await browser.PostAsync(page, ("register-email", email), ("register-name", "A Person"), ("register-passkey", "yes"));
        Assert.Equal(200, step.Status);
        return step;
    }

    private static Task<Halt> FinishAsync(PasskeyBrowser browser, Halt page, SoftPasskey passkey) =>
        browser.PostAsync(page, (PasskeyAnswer.CredentialField, passkey.Make(PasskeyBrowser.OptionsOf(page))), (PasskeyAnswer.StateField, PasskeyBrowser.StateOf(page)));

    private Task<HttpResponseMessage> PasswordGrantAsync(string username, string password) => server.Running.PostAsync(
        "connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), (Parameters.Username, username), (Parameters.Password, password));

    private async Task<string?> PasswordHashAsync(string email)
    {
        await using var scope = server.Running.Provider.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<ScopedContext>().Value.Users.SingleAsync(u => u.Email == email, Ct)).PasswordHash;
    }
}
