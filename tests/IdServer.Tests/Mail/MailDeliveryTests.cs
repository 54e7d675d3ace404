using System.Globalization;
using IdServer.Data.Mail;
using IdServer.Mail;
using IdServer.Testing;
using IdServer.Testing.Mail;
using IdServer.Tests.Conformance;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Mail;

/// <summary>From the queue to a real mail server on loopback, in good and in bad times.</summary>
public sealed class MailDeliveryTests : IAsyncLifetime
{
    private const string Ana = "ana@example.com";

    private readonly SmtpListener listener = new();
    private readonly SkippingClock clock = new();
    private RunningServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Outbox Outbox => server.Provider.GetRequiredService<Outbox>();

    public async ValueTask InitializeAsync() => server = await RunningServer.StartAsync(new RunningServer
    {
        Settings = new Dictionary<string, string?>(listener.Settings) { ["IdServer:Users:0:zoneinfo"] = "Asia/Tokyo" },
        Clock = clock,
    });

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await listener.DisposeAsync();
    }

    [Fact]
    [Spec("RFC 5322", "§3.6")]
    [Spec("RFC 3834", "§5")]
    public async Task A_message_arrives_as_text_and_as_HTML_with_the_headers_of_a_machine()
    {
        await QueueAsync(MailMessage.VerifyAddress("https://id.example/account/verify?token=a&b", TimeSpan.FromHours(2)), "en");

        var mail = await listener.TakeAsync(Ana, ct: Ct);

        Assert.Equal(("no-reply@id.example", "Confirm your e-mail address"), (mail.From, mail.Subject));
        Assert.Equal(new Uri("https://id.example/account/verify?token=a&b"), mail.Link);
        Assert.Contains("for 2 hours", mail.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"https://id.example/account/verify?token=a&amp;b\"", mail.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", mail.Html, StringComparison.Ordinal); // nothing is loaded, so that nobody learns who reads
        Assert.Equal(("auto-generated", "<accounts.127.0.0.1>"), (mail.Header("Auto-Submitted"), mail.Header("List-Id")));
        Assert.EndsWith("@127.0.0.1>", mail.Header("Message-ID"), StringComparison.Ordinal);
        Assert.InRange(DateTimeOffset.Parse(mail.Header("Date")!, CultureInfo.InvariantCulture), clock.GetUtcNow().AddMinutes(-1), clock.GetUtcNow());
        Assert.Equal(mail.HeaderNames.Distinct(StringComparer.OrdinalIgnoreCase), mail.HeaderNames);
        Assert.Matches("^multipart/alternative", mail.Header("Content-Type"));
        Assert.DoesNotMatch("(?<!=0D)=0A", mail.Raw.Replace("=\r\n", "", StringComparison.Ordinal)); // lines end as those of a mail (RFC 2046 §4.1.1)
    }

    [Fact]
    public async Task A_message_is_in_the_language_of_who_gets_it()
    {
        await QueueAsync(MailMessage.PasswordChanged(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)), "es-ES");

        var mail = await listener.TakeAsync(Ana, ct: Ct);

        Assert.Equal("Tu contraseña ha cambiado", mail.Subject);
        Assert.Matches("Cuándo: domingo, 1 de marzo de 2026,? 12:00 UTC\n", mail.Text);
        Assert.Contains("<html lang=\"es\">", mail.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_are_those_of_the_persons_zone_and_notices_go_to_verified_addresses_only()
    {
        var notices = server.Provider.GetRequiredService<AccountNotices>();
        var message = MailMessage.NewDevice("Firefox on Linux", "192.0.2.7", new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

        await notices.TellAsync(Guid.Parse(await server.SubjectOfAsync("ana")), message, Ct);
        await notices.TellAsync(Guid.CreateVersion7(clock.GetUtcNow()), message, Ct);

        Assert.Equal(await server.SubjectOfAsync("ana"), Assert.Single(await Outbox.ListAsync(10, Ct)).UserId.ToString());
        var mail = await listener.TakeAsync(Ana, ct: Ct);
        Assert.Contains("Firefox on Linux", mail.Text, StringComparison.Ordinal);
        Assert.Contains("192.0.2.7", mail.Html, StringComparison.Ordinal);
        Assert.Matches("When: .*9:00\\sPM\n", mail.Text);
    }

    [Fact]
    public async Task While_the_mail_server_is_down_the_message_waits_with_the_reason_and_arrives_when_it_is_back()
    {
        listener.Stop();
        await QueueAsync(MailMessage.NoAccount());
        var waiting = await EntryAsync(m => m.LastError is not null);
        Assert.Equal((true, "the mail server cannot be reached (ConnectionRefused)"), (waiting.IsWaiting, waiting.LastError));

        listener.Start();
        Skip(server, TimeSpan.FromSeconds(10)); // the first pause

        Assert.Equal("There is no account with this address", (await listener.TakeAsync(Ana, ct: Ct)).Subject);
        var sent = await EntryAsync(m => m.SentAt is not null);
        Assert.Equal((false, 2, null), (sent.IsWaiting, sent.Attempts, sent.LastError));
    }

    [Fact]
    public async Task A_message_that_was_queued_before_the_server_stopped_is_sent_by_the_next_one()
    {
        listener.Stop();
        await QueueAsync(MailMessage.NoAccount());
        await server.StopAsync();
        listener.Start();
        Assert.Empty(listener.Received);

        await using var next = await RunningServer.StartAsync(new RunningServer
        {
            Settings = new Dictionary<string, string?>(listener.Settings)
            {
                ["IdServer:Database:ConnectionString"] = $"Data Source={server.DatabaseFile}",
                ["IdServer:Keys:Directory"] = Path.Combine(server.Directory, "keys"),
            },
            Clock = clock,
        });
        Skip(next, TimeSpan.FromMinutes(1)); // whoever had taken it has lost it

        Assert.Equal("There is no account with this address", (await listener.TakeAsync(Ana, ct: Ct)).Subject);
    }

    [Theory]
    [InlineData(SmtpMode.Unavailable, "the mail server did not take the mail (421)")]
    [InlineData(SmtpMode.RefusesRecipients, "the mail server refused the recipient (550)")]
    [InlineData(SmtpMode.FailsForNow, "the mail server did not take the mail (451)")]
    public async Task What_the_mail_server_says_is_kept_as_a_number_only(SmtpMode mode, string expected)
    {
        listener.Mode = mode;
        await QueueAsync(MailMessage.NoAccount());

        Assert.Equal(expected, (await EntryAsync(m => m.LastError is not null)).LastError);
        Assert.Empty(listener.Received);
    }

    [Fact]
    public async Task A_message_that_nobody_took_is_given_up_when_it_is_of_no_use_any_more()
    {
        listener.Mode = SmtpMode.FailsForNow;
        await QueueAsync(MailMessage.ResetPassword("https://id.example/account/reset?token=x", TimeSpan.FromMinutes(30)));
        await EntryAsync(m => m.LastError is not null);
        listener.Mode = SmtpMode.Works;

        Skip(server, TimeSpan.FromMinutes(30));

        var entry = await EntryAsync(m => !m.IsWaiting);
        Assert.Equal((null, "the mail server did not take the mail (451)"), (entry.SentAt, entry.LastError));
        Assert.Empty(listener.Received);
    }

    private ValueTask QueueAsync(MailMessage message, string? language = "en") => server.Provider.GetRequiredService<Mailer>().QueueAsync(message, Ana, language, null, Ct);

    private void Skip(RunningServer running, TimeSpan time)
    {
        clock.Skip(time);
        running.Provider.GetRequiredService<Outbox>().Ring(); // not to wait for its next look
    }

    private async Task<OutboxEntry> EntryAsync(Predicate<OutboxEntry> wanted)
    {
        var entry = Assert.Single(await Eventually.Async(async () => await Outbox.ListAsync(10, Ct), mails => wanted(mails[0]), TimeSpan.FromSeconds(15)));
        Assert.True(wanted(entry), entry.ToString());
        return entry;
    }
}
