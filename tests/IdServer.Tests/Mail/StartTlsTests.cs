using System.Security.Cryptography.X509Certificates;
using IdServer.Testing;
using IdServer.Testing.Mail;
using IdServer.Tests.Durability;
using Xunit;

namespace IdServer.Tests.Mail;

/// <summary>
/// The built server as a process that trusts an authority of the test (<c>SSL_CERT_FILE</c>, as an operator with an authority of their own would have it) and speaks with mail servers
/// that show certificates of it.
/// </summary>
[Spec("RFC 3207", "§4.1")]
public sealed class StartTlsTests : IAsyncLifetime
{
    private const string Address = "stranger@example.com";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("idserver-smtp-");
    private readonly CertificateAuthority authority = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string TrustedFile => Path.Combine(directory.FullName, "authority.pem");

    public async ValueTask InitializeAsync() => await File.WriteAllTextAsync(TrustedFile, authority.Certificate.ExportCertificatePem(), Ct);

    public ValueTask DisposeAsync()
    {
        authority.Dispose();
        directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task With_a_certificate_that_fits_the_mail_and_the_password_go_inside_TLS()
    {
        using var certificate = Issue("localhost");
        await using var listener = new SmtpListener(certificate) { Credentials = ("idserver", "of the mail server") };
        await using var server = await StartAsync(listener, TrustedFile);

        await AskForALinkAsync(server);

        Assert.Equal("There is no account with this address", (await listener.TakeAsync(Address, ct: Ct)).Subject);
        Assert.True(listener.UsedTls);
        Assert.Equal(["EHLO", "STARTTLS"], listener.SaidInTheClear);
    }

    [Theory]
    [InlineData("mail.example", true)] // another host's
    [InlineData("localhost", false)] // of an authority that nobody trusts
    public async Task With_a_certificate_that_does_not_fit_neither_the_mail_nor_the_password_is_sent(string name, bool isTrusted)
    {
        using var certificate = Issue(name);
        await using var listener = new SmtpListener(certificate) { Credentials = ("idserver", "of the mail server") };
        await using var server = await StartAsync(listener, isTrusted ? TrustedFile : null);

        await AskForALinkAsync(server);

        Assert.Contains("its certificate is not trusted, or not for this host", await FaultAsync(server), StringComparison.Ordinal);
        Assert.Equal(["EHLO", "STARTTLS"], listener.SaidInTheClear);
        Assert.Empty(listener.Received);
    }

    [Fact]
    [Attack("TLS stripping")]
    public async Task A_server_that_does_not_offer_TLS_gets_nothing_where_it_is_demanded()
    {
        await using var listener = new SmtpListener { Credentials = ("idserver", "of the mail server") };
        await using var server = await StartAsync(listener, TrustedFile);

        await AskForALinkAsync(server);

        Assert.Contains("does not offer STARTTLS", await FaultAsync(server), StringComparison.Ordinal);
        Assert.Equal("EHLO", Assert.Single(listener.SaidInTheClear.Distinct().Except(["QUIT"])));
        Assert.Empty(listener.Received);
    }

    private X509Certificate2 Issue(string name) => authority.Issue("CN=" + name, names => names.AddDnsName(name), forClients: false);

    private static async Task<ServerProcess> StartAsync(SmtpListener listener, string? trusted)
    {
        var server = new ServerProcess();
        foreach (var (name, value) in listener.Settings)
        {
            server.Settings[name.Replace(":", "__", StringComparison.Ordinal)] = value!;
        }

        server.Settings["IdServer__Mail__Host"] = "localhost";
        server.Settings["IdServer__Mail__StartTls"] = "true";
        server.Settings["IdServer__Mail__Username"] = "idserver";
        server.Settings["IdServer__Mail__Password"] = "of the mail server";
        server.Settings["SSL_CERT_FILE"] = trusted ?? "/dev/null";
        server.Settings["SSL_CERT_DIR"] = Path.GetTempPath() + "no-such-directory";
        await server.StartAsync(Ct);
        return server;
    }

    // Whoever has no account is told so by mail.
    private static async Task AskForALinkAsync(ServerProcess server)
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Origin) };
        var page = await http.GetStringAsync("account/forgot", Ct);
        using var form = new FormUrlEncodedContent([new("forgot-login", Address), new("anti-forgery", Manage.AccountBrowser.Token(page))]);
        using var answer = await http.PostAsync("account/forgot", form, Ct);
        Assert.Equal("/account/forgot?sent=yes", answer.RequestMessage!.RequestUri!.PathAndQuery);
    }

    private static async Task<string> FaultAsync(ServerProcess server) =>
        await Eventually.Async(() => Task.FromResult(server.Output), output => output.Contains("was not taken", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
}
