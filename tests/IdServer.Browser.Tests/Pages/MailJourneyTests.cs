using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using IdServer.Testing;
using IdServer.Testing.Mail;
using IdServer.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>From the registration to the confirmed address, by a mail that came over SMTP; and the same in Development, by the mailbox.</summary>
public sealed class MailJourneyTests(Chromium chromium) : BrowserTests(chromium)
{
    private const string Address = "nuevo@example.com";

    [Theory]
    [Journey("mail: verification")]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task A_new_person_confirms_the_address_by_the_link_in_the_mail(ColorScheme theme)
    {
        await using var listener = new SmtpListener();
        await using var server = await RunningServer.StartAsync(new RunningServer { Settings = listener.Settings });
        var page = await NewPageAsync(person => (person.Locale, person.ColorScheme) = ("es-ES", theme));
        await RegisterAsync(page, server);
        await Expect(page.Locator("#register-sent")).ToContainTextAsync(Address);
        await CheckAsync(page);
        var mail = await listener.TakeAsync(Address, ct: TestContext.Current.CancellationToken);
        Assert.Equal("Confirma tu dirección de correo", mail.Subject);

        var phone = await NewPageAsync(person => (person.ColorScheme, person.ViewportSize) = (theme, new() { Width = 320, Height = 640 }));
        await phone.GotoAsync(mail.Link.AbsoluteUri);
        await Expect(phone.Locator("#verify-password")).ToBeFocusedAsync();
        await CheckAsync(phone);
        Assert.True(await phone.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 320"));

        await page.GotoAsync(mail.Link.AbsoluteUri);
        await CheckAsync(page);
        await PagesServer.SubmitAsync(page, "#verify-submit");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("está confirmada");

        await PagesServer.SubmitAsync(phone, "#verify-disown"); // too late
        await Expect(phone.Locator("#verify-dead")).ToBeVisibleAsync();
        await CheckAsync(phone);
    }

    [Fact]
    [Journey("change of address: verified before it counts"), Journey("mail: changed address")]
    public async Task Another_address_counts_when_its_owner_confirms_it_and_the_old_one_is_told()
    {
        await using var listener = new SmtpListener();
        await using var server = await RunningServer.StartAsync(new RunningServer { Settings = listener.Settings });
        var page = await NewPageAsync();
        await page.GotoAsync(server.Issuer + "/account/login?to=/manage/email");
        await PagesServer.SignInAsync(page);
        await page.FillAsync("#email-new", Address);
        await PagesServer.SubmitAsync(page, "#email-submit");
        await CheckAsync(page);

        await page.GotoAsync((await listener.TakeAsync(Address, ct: TestContext.Current.CancellationToken)).Link.AbsoluteUri);
        await CheckAsync(page);
        await PagesServer.SubmitAsync(page, "#change-address-confirm");

        await page.GotoAsync(server.Issuer + "/manage/profile");
        await Expect(page.Locator("main")).ToContainTextAsync(Address);
        Assert.Contains(Address, (await listener.TakeAsync("ana@example.com", ct: TestContext.Current.CancellationToken)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [Journey("mailbox of Development")]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task In_Development_the_mailbox_shows_the_mail_and_its_HTML_version(ColorScheme theme)
    {
        await using var server = await RunningServer.StartAsync(new RunningServer { Environment = "Development" });
        var page = await NewPageAsync(person => person.ColorScheme = theme);
        await RegisterAsync(page, server);
        await PagesServer.SubmitAsync(page, "#mailbox-link");
        await CheckAsync(page);

        var html = await NewPageAsync(person => person.ColorScheme = theme);
        await html.GotoAsync(server.Issuer + await page.GetByText("HTML version").GetAttributeAsync("href"));
        Assert.Equal("none", await html.Locator("a.button").EvaluateAsync<string>("e => getComputedStyle(e).textDecorationLine")); // its style element counts
        await PagesServer.SubmitAsync(html, "a.button");
        await Expect(html.Locator("#verify-heading")).ToBeVisibleAsync();
    }

    private static async Task RegisterAsync(IPage page, RunningServer server)
    {
        await page.GotoAsync(server.Issuer + "/account/register");
        await page.FillAsync("#register-email", Address);
        await page.FillAsync("#register-password", "several words in a row");
        await PagesServer.SubmitAsync(page, "#register-submit");
    }

    private static async Task CheckAsync(IPage page)
    {
        var result = await page.RunAxe(new AxeRunOptions { RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] } });
        Assert.Empty(result.Violations.Select(v => $"{v.Id}: {v.Help} {string.Join(' ', v.Nodes.Select(n => n.Html))}"));
    }
}
