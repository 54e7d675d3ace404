using System.Text.RegularExpressions;
using IdServer.Mail;
using IdServer.Testing;
using IdServer.Tests.Conformance;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Mail;

public sealed class MailboxTests : IAsyncLifetime
{
    private RunningServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await RunningServer.StartAsync(new RunningServer { Environment = "Development" });

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task In_Development_without_a_mail_server_the_mailbox_shows_what_would_have_been_sent()
    {
        using var browser = new SuiteBrowser(server);
        Assert.Contains("id=\"mailbox-empty\"", (await browser.OpenAsync("mailbox")).Html, StringComparison.Ordinal);
        await server.Provider.GetRequiredService<Mailer>().QueueAsync(MailMessage.VerifyAddress("https://id.example/account/verify?token=abc", TimeSpan.FromHours(1)), "ana@example.com", "en", null, Ct);

        var mailbox = await browser.OpenAsync("mailbox");

        Assert.Contains("To ana@example.com", mailbox.Html, StringComparison.Ordinal);
        Assert.Contains("href=\"https://id.example/account/verify?token=abc\"", mailbox.Html, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "18")]
    public async Task The_HTML_version_is_shown_as_it_is_and_can_do_nothing()
    {
        await server.Provider.GetRequiredService<Mailer>().QueueAsync(MailMessage.NewDevice("<script>alert(1)</script>", "192.0.2.1", TimeProvider.System.GetUtcNow()), "ana@example.com", "en", null, Ct);
        using var page = await server.Http.GetAsync("mailbox", Ct);
        var address = Regex.Match(await page.Content.ReadAsStringAsync(Ct), "/mailbox\\?id=[^\"]*handler=Html", RegexOptions.None, TimeSpan.FromSeconds(1)).Value.Replace("&amp;", "&", StringComparison.Ordinal);

        using var mail = await server.Http.GetAsync(address, Ct);

        Assert.Contains("&lt;script&gt;", await mail.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Matches("^default-src 'none'; style-src 'sha256-[^']{44}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox$", mail.Headers.GetValues("Content-Security-Policy").Single());
        using var other = await server.Http.GetAsync($"mailbox?handler=Html&id={Guid.Empty}", Ct);
        Assert.Equal(404, (int)other.StatusCode);
    }
}
