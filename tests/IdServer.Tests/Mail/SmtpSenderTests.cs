using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IdServer.Configuration;
using IdServer.Data;
using IdServer.Data.Mail;
using IdServer.Localization;
using IdServer.Mail;
using IdServer.Protocol.Options;
using IdServer.Testing;
using IdServer.Testing.Mail;
using IdServer.Users;
using Xunit;

namespace IdServer.Tests.Mail;

public sealed class SmtpSenderTests : IAsyncDisposable
{
    private SmtpListener listener = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => listener.DisposeAsync();

    [Fact]
    public async Task A_server_that_demands_a_password_gets_it()
    {
        listener.Credentials = ("idserver", "the right one");

        Assert.Null(await SendAsync(m => m with { Username = "idserver", Password = "the right one" }));

        Assert.Single(listener.Received);
    }

    [Theory]
    [InlineData("the wrong one")]
    [InlineData(null)]
    public async Task A_server_that_refuses_the_password_is_said_to_without_it(string? password)
    {
        listener.Credentials = ("idserver", "the right one");

        var fault = await SendAsync(m => m with { Username = password is null ? null : "idserver", Password = password });

        Assert.NotNull(fault);
        Assert.False(fault.IsRefusal);
        Assert.StartsWith("the mail server refused Username and Password, or wants them (", fault.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("RFC 3207", "§4.1")]
    public async Task Nothing_is_sent_to_a_server_without_TLS_where_TLS_is_required()
    {
        var fault = await SendAsync(m => m with { StartTls = true });

        Assert.Equal("the mail server does not offer STARTTLS, or broke off", fault!.Sentence);
        Assert.Empty(listener.Received);
    }

    [Fact]
    [Spec("RFC 3207", "§4.1")]
    public async Task Nothing_is_sent_to_a_server_whose_certificate_is_not_trusted()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await listener.DisposeAsync();
        listener = new SmtpListener(certificate);

        var fault = await SendAsync(m => m with { StartTls = true });

        Assert.Equal("TLS with the mail server failed: its certificate is not trusted, or not for this host", fault!.Sentence);
        Assert.Empty(listener.Received);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_left_after_a_time()
    {
        listener.Mode = SmtpMode.Hangs;

        Assert.Equal("the mail server took longer than 30 seconds", (await SendAsync(time: new HastyClock()))!.Sentence);
    }

    [Fact]
    [Attack("header injection")]
    public async Task What_others_have_written_never_becomes_a_header_or_a_part_of_the_page()
    {
        const string hostile = "Fox\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script><img src=x>";
        var settings = Settings(m => m with { FromName = "Example\r\nBcc: eve@example.com" });
        var content = new MailWriter(new Texts(), settings).Write(MailMessage.NewDevice(hostile, hostile, new ManualClock().Now), new MailRecipient("ana@example.com", "en"));

        Assert.Null(await new SmtpSender(settings, TimeProvider.System).SendAsync(Guid.CreateVersion7(new ManualClock().Now), content with { Subject = "Hello\r\nBcc: eve@example.com" }, Ct) is { IsRefusal: false } fault ? fault.Sentence : null);

        Assert.All(listener.Received, mail =>
        {
            Assert.Equal(["ana@example.com"], mail.Recipients);
            Assert.DoesNotContain("Bcc", mail.HeaderNames, StringComparer.OrdinalIgnoreCase);
        });
        Assert.Null(await new SmtpSender(Settings(), TimeProvider.System).SendAsync(Guid.CreateVersion7(new ManualClock().Now), content, Ct));
        var sent = listener.Received[^1];
        Assert.DoesNotContain("Bcc", sent.HeaderNames, StringComparer.OrdinalIgnoreCase);
        Assert.Contains("Device: Fox  Bcc: eve@example.com", sent.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", sent.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", sent.Html, StringComparison.Ordinal);
    }

    [Fact]
    [Attack("header injection")]
    public async Task An_address_with_more_than_an_address_in_it_is_sent_nowhere()
    {
        foreach (var address in new[] { "ana@example.com\r\nBcc: eve@example.com", "ana@example.com>\r\nRCPT TO:<eve@example.com", "ana@example.com, eve@example.com", "Ana <ana@example.com>" })
        {
            Assert.False(UserRules.IsEmail(address));
            var fault = await new SmtpSender(Settings(), TimeProvider.System).SendAsync(Guid.CreateVersion7(new ManualClock().Now), new MailContent(address, "s", "t", "h"), Ct);
            Assert.Equal("the mail could not be written (FormatException)", fault!.Sentence);
        }

        Assert.Equal(0, listener.Connections);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(9, 2560)]
    [InlineData(10, 3600)]
    [InlineData(500, 3600)]
    public void Each_pause_is_twice_the_one_before_up_to_an_hour(int attempts, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), MailDelivery.PauseAfter(attempts));

    private Task<SmtpFault?> SendAsync(Func<MailSettings, MailSettings>? change = null, TimeProvider? time = null) => new SmtpSender(Settings(change), time ?? TimeProvider.System)
        .SendAsync(Guid.CreateVersion7(new ManualClock().Now), new MailContent("ana@example.com", "Hello", "text", "<p>text</p>"), Ct);

    private ServerSettings Settings(Func<MailSettings, MailSettings>? change = null) => new()
    {
        Protocol = new ProtocolOptions { Issuer = "https://id.example" },
        Database = new DatabaseSettings("Sqlite", "Data Source=none.db"),
        Mail = (change ?? (m => m))(new MailSettings("127.0.0.1", "no-reply@id.example", "Example", listener.Port, StartTls: false)),
    };

    /// <summary>Every time is over in a moment.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, TimeSpan.FromMilliseconds(200), period);
    }
}
