using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using IdServer.Data.Mail;
using IdServer.Data.Users;
using IdServer.Testing.Mail;
using IdServer.Tests;
using IdServer.Tests.Conformance;
using IdServer.Tests.Upstream;
using IdServer.Upstream;
using IdServer.Users;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;

namespace IdServer.Browser.Tests.Pages;

/// <summary>
/// All that people meet, each a real server on loopback: IdServer under a name (browsers make passkeys for names only), the mail server it sends to, the provider its people come
/// from, and an application. One for each class, so that its clock and its provider are the class's own.
/// The mail server speaks TLS, with a certificate that no system trusts, and demands a password.
/// </summary>
public sealed class PeopleServer : IAsyncLifetime
{
    private static readonly X509Certificate2 MailCertificate = NewMailCertificate();

    private ApplicationSite? application;
    private FakeUpstream? upstream;
    private RunningServer? running;

    /// <summary>Asks the person before it sends them back. Google lets in who is of <c>corporation.example</c> only, and <c>Slow</c> is given up when it does not answer for a second.</summary>
    public FakeUpstream Upstream => upstream!;

    public RunningServer Running => running!;

    public SmtpListener Mail { get; } = new(MailCertificate) { Credentials = ("idserver", "the password of idserver") };

    public SkippingClock Clock { get; } = new();

    private Dictionary<string, string?> SecureMail => new(StringComparer.Ordinal)
    {
        ["IdServer:Mail:StartTls"] = "true",
        ["IdServer:Mail:Username"] = Mail.Credentials!.Value.Username,
        ["IdServer:Mail:Password"] = Mail.Credentials.Value.Password,
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public string Address(string path) => Running.Issuer + path;

    /// <summary>The address of an authorization request of <see cref="ApplicationSite"/>, changed or without what is null.</summary>
    public string Authorize(params (string Name, string? Value)[] changes) => application!.Authorize(Running.Issuer, changes);

    /// <inheritdoc cref="ApplicationSite.TokensAsync"/>
    public Task<JsonElement> TokensAsync(IPage page) => application!.TokensAsync(Running, page);

    /// <inheritdoc cref="ApplicationSite.ClaimsAsync"/>
    public Task<JsonElement> ClaimsAsync(IPage page) => application!.ClaimsAsync(Running, page);

    /// <summary>Somebody with <see cref="Declared.Password"/> and a verified address, unless that is changed.</summary>
    public async Task<Person> AddPersonAsync(Func<DeclaredUser, DeclaredUser>? change = null)
    {
        var name = PagesServer.NewName();
        var user = new DeclaredUser { Username = name, Email = name + "@example.com", EmailVerified = true, Name = "Cora Lindqvist", Password = Declared.Password };
        user = change?.Invoke(user) ?? user;
        var outcome = await Running.Provider.GetRequiredService<Accounts>().AddAsync(user, Ct);
        return new Person(Guid.Parse(outcome.Subject!), user.Username!, user.Email!);
    }

    /// <summary>Gives somebody an authenticator app, as if they had set it up a while ago.</summary>
    public async Task<AuthenticatorApp> AddAppAsync(Person person)
    {
        ArgumentNullException.ThrowIfNull(person);
        var app = new AuthenticatorApp(TimeBasedCode.NewSecret(), Clock);
        Assert.True(await Running.Provider.GetRequiredService<Authenticators>().TryAddAsync(person.Id, app.Secret, app.Code(-1), Ct));
        return app;
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<string> ReadAsync(string sql, params object[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        await using var connection = new SqliteConnection($"Data Source={Running.DatabaseFile};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Ct);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (number, value) in values.Index())
        {
            command.Parameters.AddWithValue($"${number + 1}", value is Guid id ? id.ToByteArray(bigEndian: true) : value); // as ids are stored
        }

        return Convert.ToString(await command.ExecuteScalarAsync(Ct), System.Globalization.CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>How many accounts there are, linked logins and sessions.</summary>
    public Task<string> CountAsync() => ReadAsync(
        """SELECT (SELECT COUNT(*) FROM "AspNetUsers") || ' accounts, ' || (SELECT COUNT(*) FROM "AspNetUserLogins") || ' logins, ' || (SELECT COUNT(*) FROM sessions) || ' sessions'""");

    /// <summary>Sets the clock forward, and what is to be sent then is sent.</summary>
    public void Skip(TimeSpan time)
    {
        Clock.Skip(time);
        Running.Provider.GetRequiredService<Outbox>().Ring();
    }

    public async ValueTask InitializeAsync()
    {
        application = await ApplicationSite.StartAsync();
        upstream = await FakeUpstream.StartAsync();
        upstream.AsksPerson = true;
        running = await RunningServer.StartAsync(new RunningServer
        {
            Host = "localhost",
            Clock = Clock,
            Settings = Mail.Settings.Concat(SecureMail).Concat(application.Settings).Concat(upstream.Settings()).Concat(Providers(upstream)).ToDictionary(),
            Services = services => services.PostConfigure<UpstreamOptions>("slow", options => options.Backchannel.Timeout = TimeSpan.FromSeconds(1)), // not to wait for ten
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (running is not null)
        {
            await running.DisposeAsync();
        }

        if (upstream is not null)
        {
            await upstream.DisposeAsync();
        }

        if (application is not null)
        {
            await application.DisposeAsync();
        }

        await Mail.DisposeAsync();
    }

    // Trusted by SmtpClient in this process, as a system would trust that of a real one.
    private static X509Certificate2 NewMailCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
#pragma warning disable SYSLIB0014, MA0039 // obsolete for HTTP, and the only way for SmtpClient; it accepts one certificate
        ServicePointManager.ServerCertificateValidationCallback = (_, shown, _, _) => shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(certificate.RawData);
#pragma warning restore SYSLIB0014, MA0039
        return certificate;
    }

    private static IReadOnlyDictionary<string, string?> Providers(FakeUpstream upstream) => Declared.Besides($$"""
        { "IdServer": { "UpstreamProviders": {
          "Google": { "HostedDomain": "corporation.example" },
          "Slow": { "Authority": "{{upstream.Origin}}/corporate", "ClientId": "{{FakeUpstream.ClientId}}", "ClientSecret": "{{FakeUpstream.ClientSecret}}" } } } }
        """);
}
