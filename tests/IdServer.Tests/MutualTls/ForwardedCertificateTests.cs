using System.Security.Cryptography.X509Certificates;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.MutualTls;

/// <summary>Certificates as a trusted proxy says them. What others say is in the attack room.</summary>
[Spec("RFC 9440", "§2.1"), Spec("requirement", "39")]
public sealed class ForwardedCertificateTests : IAsyncLifetime
{
    private const string Header = "X-Client-Certificate";

    private readonly CertificateAuthority authority = new(MutualTlsServer.Now);
    private RunningServer server = null!;

    /// <summary>How proxies write a certificate: RFC 9440, HAProxy's base64, nginx's $ssl_client_escaped_cert.</summary>
    public static TheoryData<string, Func<X509Certificate2, string>> Forms => new()
    {
        { "RFC 9440", c => $":{Convert.ToBase64String(c.RawData)}:" },
        { "HAProxy", c => Convert.ToBase64String(c.RawData) },
        { "nginx", c => Uri.EscapeDataString(c.ExportCertificatePem() + "\n").Replace("%2D", "-", StringComparison.Ordinal) },
        { "percent-encoded all through", c => "-----BEGIN" + Uri.EscapeDataString(c.ExportCertificatePem())["-----BEGIN".Length..] },
    };

    public async ValueTask InitializeAsync() => server = await RunningServer.StartAsync(new RunningServer
    {
        SettingsFor = at =>
        {
            var pem = Path.Combine(at.Directory, "clients-ca.pem");
            File.WriteAllText(pem, authority.Certificate.ExportCertificatePem());
            return Declared.Besides($$"""
                { "IdServer": {
                  "Proxies": [ "127.0.0.0/8" ], "MutualTls": { "Address": "https://mtls.example", "CertificateHeader": "{{Header}}", "Authorities": [ "{{pem}}" ] },
                  "Clients": { "100": { "client_id": "certified", "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "app.example", "grant_types": [ "client_credentials" ], "scope": "articles.read" } }
                } }
                """);
        },
    });

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        authority.Dispose();
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task The_proxy_says_the_certificate_in_its_own_way(string proxy, Func<X509Certificate2, string> write)
    {
        _ = proxy;
        using var response = await AskAsync(write(Issue()));

        Assert.Equal("articles.read", (await response.JsonAsync()).Text(Parameters.Scope));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("::")]
    [InlineData(":AAAA:")]
    [InlineData("-----BEGIN CERTIFICATE-----")]
    [InlineData("-----BEGIN%ZZ")]
    public async Task What_holds_no_certificate_is_none_and_writes_nothing(string? said)
    {
        var rows = await server.CountRowsAsync();
        using var response = await AskAsync(said);

        await response.AssertErrorAsync(401, ErrorCodes.InvalidClient);
        Assert.Equal(rows, await server.CountRowsAsync());
    }

    [Fact]
    public async Task What_is_longer_than_any_certificate_is_none()
    {
        using var response = await AskAsync(new string('A', 20_000));

        await response.AssertErrorAsync(401, ErrorCodes.InvalidClient);
    }

    [Fact]
    [Spec("RFC 8705", "§2.1")]
    public async Task A_certificate_that_a_proxy_says_is_looked_at_like_any_other()
    {
        using var other = new CertificateAuthority(MutualTlsServer.Now);
        foreach (var certificate in new[] { other.Issue("CN=app", names => names.AddDnsName("app.example")), authority.Issue("CN=app", names => names.AddDnsName("other.example")), Issue(TimeSpan.FromHours(-1)) })
        {
            using var response = await AskAsync($":{Convert.ToBase64String(certificate.RawData)}:");
            await response.AssertErrorAsync(401, ErrorCodes.InvalidClient);
        }
    }

    private X509Certificate2 Issue(TimeSpan? until = null) => authority.Issue("CN=app", names => names.AddDnsName("app.example"), until: until);

    private Task<HttpResponseMessage> AskAsync(string? said) => server.SendAsync(
        HttpMethod.Post, "connect/token", null, new FormUrlEncodedContent([new(Parameters.ClientId, "certified"), new(Parameters.GrantType, GrantTypes.ClientCredentials)]), said is null ? [] : [(Header, said)]);
}
