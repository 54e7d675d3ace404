using IdServer.Commands;
using IdServer.Data.Mail;
using IdServer.Testing;
using IdServer.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>What keeps an account its owner's: the mails about it, a forgotten password, a deletion that can be taken back.</summary>
public sealed class SafetyJourneyTests(Chromium chromium, PeopleServer server) : BrowserTests(chromium), IClassFixture<PeopleServer>
{
    private const string Another = "lantern, violet and gravel";
    private const string Firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Journey("mail: new sign-in from a new device"), Journey("mail: second factor changed"), Journey("mail: text and HTML, Spanish and English"), Journey("mail: SMTP by configuration: host, port, TLS, credentials"), Journey("deletion with a cooling-off time that sign-in cancels")]
    public async Task What_happens_to_an_account_is_told_to_its_owner_in_their_language_and_a_deletion_can_be_taken_back()
    {
        var lucia = await server.AddPersonAsync(user => user with { Name = "Lucía Vega", Locale = "es-ES", ZoneInfo = "Europe/Madrid" });
        var page = await NewPageAsync(person => person.Locale = "es-ES");
        await page.GotoAsync(server.Address("/account/login?to=/manage/second-factor"));
        await PagesServer.SignInAsync(page, lucia.Username);
        await Expect(page.Locator("#qr")).ToBeVisibleAsync();
        var other = await NewPageAsync(person => (person.Locale, person.UserAgent) = ("es-ES", Firefox));
        await other.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(other, lucia.Username);
        await Expect(other.Locator("#home-heading")).ToHaveTextAsync("Hola, Lucía Vega");
        await AssertToldAsync("Nuevo acceso a tu cuenta", "Firefox, Windows"); // the first device was not worth a mail
        Assert.True(server.Mail.UsedTls);

        var app = AuthenticatorApp.Of(await page.Locator("#factor-key").TextContentAsync() ?? "", server.Clock);
        await page.FillAsync("#factor-code", app.Code());
        await PagesServer.SubmitAsync(page, "#factor-add");
        await Expect(page.Locator("#codes-once")).ToBeVisibleAsync();
        await AssertToldAsync("La verificación en dos pasos ha cambiado", "Se ha añadido una aplicación de autenticación");

        await page.GotoAsync(server.Address("/manage/password"));
        await page.FillAsync("#own-password-current", Declared.Password);
        await page.FillAsync("#own-password-new", Another);
        await PagesServer.SubmitAsync(page, "#own-password-save");
        await AssertToldAsync("Tu contraseña ha cambiado", "Se ha cerrado la sesión en todos los demás dispositivos");
        await other.GotoAsync(server.Address("/manage"));
        await Expect(other.Locator("#login-heading")).ToHaveTextAsync("Iniciar sesión");

        await page.GotoAsync(server.Address("/manage/data"));
        await page.FillAsync("#data-username", lucia.Username);
        await PagesServer.SubmitAsync(page, "#data-delete");
        await AssertToldAsync("Tu cuenta se va a eliminar", "se eliminará definitivamente");
        Assert.Equal("1/0", await StateAsync());
        await page.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(page, lucia.Username, Another);
        await Expect(page.Locator("#second-code")).ToBeFocusedAsync();
        Assert.Equal("1/0", await StateAsync()); // a password alone takes nothing back
        await page.FillAsync("#second-code", app.Code(1));
        await PagesServer.SubmitAsync(page, "#second-submit");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Tu cuenta se iba a eliminar. Has iniciado sesión, así que se queda.");
        Assert.Equal("0/1", await StateAsync());

        async Task AssertToldAsync(string subject, string words)
        {
            var mail = await server.Mail.TakeAsync(lucia.Email, subject, Ct);
            Assert.Contains(words, mail.Text, StringComparison.Ordinal);
            Assert.Contains(words, mail.Html, StringComparison.Ordinal);
            Assert.Contains("<html lang=\"es\">", mail.Html, StringComparison.Ordinal);
        }

        // Whether it is to be deleted, and how many sessions live.
        Task<string> StateAsync() => server.ReadAsync("""SELECT ("DeletesAt" IS NOT NULL) || '/' || (SELECT COUNT(*) FROM sessions s WHERE s.subject = $2 AND s.ended_at IS NULL) FROM "AspNetUsers" WHERE "Id" = $1""", lucia.Id, lucia.Id.ToString());
    }

    [Fact]
    [Journey("reset by mail: same words for everybody, one use, other sessions end"), Journey("a person with a second factor still needs it after a reset"), Journey("mail: reset")]
    public async Task A_new_password_by_mail_ends_every_session_and_the_second_factor_is_still_owed()
    {
        var person = await server.AddPersonAsync();
        var app = await server.AddAppAsync(person);
        var elsewhere = await NewPageAsync();
        await elsewhere.GotoAsync(server.Address("/account/login"));
        await PagesServer.SignInAsync(elsewhere, person.Username);
        await elsewhere.FillAsync("#second-code", app.Code());
        await PagesServer.SubmitAsync(elsewhere, "#second-submit");
        await Expect(elsewhere.Locator("#home-heading")).ToBeVisibleAsync();

        var page = await NewPageAsync();
        var words = new List<string>();
        foreach (var login in new[] { "nobody@example.org", person.Email })
        {
            await page.GotoAsync(server.Address("/account/login"));
            await page.ClickAsync("#login-forgot");
            await Expect(page.Locator("#forgot-login")).ToBeFocusedAsync();
            await page.FillAsync("#forgot-login", login);
            await PagesServer.SubmitAsync(page, "#forgot-submit");
            await Expect(page.Locator("#forgot-sent")).ToBeVisibleAsync();
            words.Add(await page.Locator("main").InnerTextAsync());
        }

        Assert.Equal(words[0], words[1]);
        var link = (await server.Mail.TakeAsync(person.Email, "Choose a new password", Ct)).Link;
        Assert.Equal("32", await server.ReadAsync("SELECT LENGTH(digest) FROM one_time_tokens WHERE user_id = $1", person.Id));

        await page.GotoAsync(link.AbsoluteUri);
        await page.FillAsync("#reset-password", Another);
        await PagesServer.SubmitAsync(page, "#reset-submit");
        await Expect(page.Locator("#second-heading")).ToBeVisibleAsync();
        var owing = page.Url;
        await page.GotoAsync(server.Address("/manage"));
        await Expect(page.Locator("#login-heading")).ToBeVisibleAsync(); // nobody is signed in yet
        await elsewhere.GotoAsync(server.Address("/manage"));
        await Expect(elsewhere.Locator("#login-heading")).ToBeVisibleAsync();
        await page.GotoAsync(owing);
        await page.FillAsync("#second-code", app.Code(1));
        await PagesServer.SubmitAsync(page, "#second-submit");

        Assert.Equal(server.Address("/account/review"), page.Url);
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Second factor" })).ToContainTextAsync("Set up:");
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Signed in", Exact = true })).ToContainTextAsync("you, now");
        await page.GotoAsync(link.AbsoluteUri);
        await Expect(page.Locator("#reset-gone")).ToBeVisibleAsync();
        await server.Mail.TakeAsync(person.Email, "Your password has been changed", Ct);
    }

    [Fact]
    [Journey("a mail server that is down loses nothing: retried, and visible"), Journey("mail: verification")]
    public async Task While_the_mail_server_is_down_the_operator_sees_what_waits_and_the_person_gets_it_later()
    {
        var address = PagesServer.NewName() + "@example.com";
        server.Mail.Stop();
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address("/account/register"));
        await page.FillAsync("#register-email", address);
        await page.FillAsync("#register-password", Another);
        await PagesServer.SubmitAsync(page, "#register-submit");
        await Expect(page.Locator("#register-sent")).ToContainTextAsync(address);
        var outbox = server.Running.Provider.GetRequiredService<Outbox>();
        await Eventually.Async(async () => (await outbox.ListAsync(1, Ct))[0], mail => mail.LastError is not null, TimeSpan.FromSeconds(15));
        Assert.Matches("VerifyAddress .* waits .*the mail server cannot be reached", await MailsAsync());

        server.Mail.Start();
        server.Skip(TimeSpan.FromSeconds(10)); // the first pause

        var link = (await server.Mail.TakeAsync(address, "Confirm your e-mail address", Ct)).Link;
        await Eventually.Async(async () => (await outbox.ListAsync(1, Ct))[0], mail => mail.SentAt is not null, TimeSpan.FromSeconds(15));
        Assert.Matches("VerifyAddress .* sent ", await MailsAsync());
        await page.GotoAsync(link.AbsoluteUri);
        await PagesServer.SubmitAsync(page, "#verify-submit");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Your e-mail address is confirmed.");
        Assert.Equal("1", await server.ReadAsync("""SELECT "EmailConfirmed" FROM "AspNetUsers" WHERE "Email" = $1""", address));
    }

    // What the operator reads.
    private async Task<string> MailsAsync()
    {
        var config = Path.Combine(server.Running.Directory, "idserver.json");
        await using (var file = File.Create(config))
        {
            await Declared.Json(server.Running.Issuer, server.Running.DatabaseFile).CopyToAsync(file, Ct);
        }

        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, await CommandLine.RunAsync(["mails", "list", "--limit", "1", "--config", config], new Terminal(TextReader.Null, output, output, IsInteractive: false), Ct));
        return output.ToString();
    }
}
