using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IdServer.Testing;
using IdServer.Tests.MutualTls;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>Tokens that are bound to a certificate in the hands of who does not have its key, certificates of others, and certificates that are only said to be there (RFC 8705 §6, §7).</summary>
[Attack("Certificates of others, and stolen bound tokens")]
[Spec("RFC 8705", "§7"), Spec("requirement", "39")]
public sealed class CertificateAttacks(MutualTlsServer server) : IClassFixture<MutualTlsServer>
{
    private const string Header = "Client-Cert";

    private readonly X509Certificate2 victim = CertificateAuthority.SelfSigned(MutualTlsServer.Now);
    private readonly X509Certificate2 thief = CertificateAuthority.SelfSigned(MutualTlsServer.Now);

    [Fact]
    [Spec("RFC 8705", "§3"), Spec("RFC 6750", "§3.1")]
    public async Task A_stolen_bound_token_is_worthless_without_and_with_another_certificate()
    {
        var token = (await server.TokensAsync(MutualTlsServer.Bound, victim)).Text(Parameters.AccessToken);

        foreach (var certificate in new[] { null, thief, server.Certificate })
        {
            using var response = await RefusedAsync(server.Running, () => server.UserInfoAsync(token, certificate), 401, ErrorCodes.InvalidToken);
            Assert.Equal(["Bearer", "DPoP"], response.Headers.WwwAuthenticate.Select(c => c.Scheme));
            Assert.Contains("error=\"invalid_token\"", response.Headers.WwwAuthenticate.First().Parameter, StringComparison.Ordinal);
        }

        using var elsewhere = await RefusedAsync(server.Running, () => server.Running.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(token)), 401, ErrorCodes.InvalidToken);
        using var honest = await server.UserInfoAsync(token, victim);
        Assert.Equal(HttpStatusCode.OK, honest.StatusCode);
    }

    [Fact]
    [Spec("RFC 8705", "§4")]
    public async Task A_stolen_refresh_token_of_a_public_client_is_worthless_and_lives_on()
    {
        var token = (await server.TokensAsync(MutualTlsServer.BoundPublic, victim)).Text(Parameters.RefreshToken);

        using var without = await RefusedAsync(server.Running, () => server.RefreshAsync(MutualTlsServer.BoundPublic, null, token), 400, ErrorCodes.InvalidRequest);
        using var with = await RefusedAsync(server.Running, () => server.RefreshAsync(MutualTlsServer.BoundPublic, thief, token), 400, ErrorCodes.InvalidGrant);

        using var honest = await server.RefreshAsync(MutualTlsServer.BoundPublic, victim, token);
        Assert.Equal(HttpStatusCode.OK, honest.StatusCode);
    }

    [Fact]
    public async Task A_certificate_authenticates_its_own_client_only()
    {
        await server.RegisterAsync("mine", m => m with { TokenEndpointAuthMethod = "self_signed_tls_client_auth", Jwks = CertificateAuthority.JwksOf(thief) });

        foreach (var (client, certificate) in new[] { (MutualTlsServer.Certified, thief), ("mine", server.Certificate), ("mine", victim), (Declared.Machine, thief), (Declared.App, server.Certificate) })
        {
            using var response = await RefusedAsync(
                server.Running, () => server.PostAsync(certificate, "connect/token", null, (Parameters.ClientId, client), (Parameters.GrantType, GrantTypes.ClientCredentials)), 401, ErrorCodes.InvalidClient);
        }
    }

    [Fact]
    public async Task A_header_says_nothing_where_no_proxy_is_trusted_for_it()
    {
        using var response = await RefusedAsync(server.Running, () => SayAsync(server.Running, MutualTlsServer.Certified, server.Certificate), 401, ErrorCodes.InvalidClient);
    }

    [Fact]
    [Spec("RFC 9440", "§4")]
    public async Task A_header_from_anybody_but_the_proxy_says_nothing()
    {
        foreach (var proxy in new[] { "192.0.2.1", "10.0.0.0/8" })
        {
            await using var behind = await StartBehindAsync(proxy);
            using var response = await RefusedAsync(behind, () => SayAsync(behind, MutualTlsServer.Certified, server.Certificate), 401, ErrorCodes.InvalidClient);
        }
    }

    [Fact]
    [Spec("RFC 9440", "§4")]
    public async Task An_API_that_is_believed_about_its_peoples_addresses_cannot_say_certificates()
    {
        await using var behind = await StartBehindAsync("127.0.0.1", """, "CertificateProxies": [ "192.0.2.1" ]""");

        using var response = await RefusedAsync(behind, () => SayAsync(behind, MutualTlsServer.Certified, server.Certificate), 401, ErrorCodes.InvalidClient);
    }

    [Fact]
    [Spec("RFC 9440", "§4")]
    public async Task A_client_cannot_pose_as_the_proxy_by_another_header_nor_add_a_second_certificate()
    {
        await using var behind = await StartBehindAsync("192.0.2.1");
        using var posing = await RefusedAsync(behind, () => SayAsync(behind, MutualTlsServer.Certified, server.Certificate, ("X-Forwarded-For", "192.0.2.1")), 401, ErrorCodes.InvalidClient);

        await using var trusting = await StartBehindAsync("127.0.0.1");
        using var twice = await RefusedAsync(trusting, () => SayAsync(trusting, MutualTlsServer.Certified, server.Certificate, (Header, Said(thief))), 401, ErrorCodes.InvalidClient);
        using var honest = await SayAsync(trusting, MutualTlsServer.Certified, server.Certificate);
        Assert.Equal(HttpStatusCode.OK, honest.StatusCode);
    }

    [Fact]
    public async Task Nothing_that_a_strangers_certificate_points_to_is_fetched()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";
        using var stranger = new CertificateAuthority(MutualTlsServer.Now, "CN=Unknown Authority");
        using var certificate = Pointing(stranger, address);

        using var response = await RefusedAsync(
            server.Running, () => server.PostAsync(certificate, "connect/token", null, (Parameters.ClientId, MutualTlsServer.Certified), (Parameters.GrantType, GrantTypes.ClientCredentials)), 401, ErrorCodes.InvalidClient);

        Assert.False(listener.Pending());
    }

    // Where its issuer, its revocation list and its responder are said to be: AIA and CRL distribution points (RFC 5280 §4.2.2.1, §4.2.1.13).
    private static X509Certificate2 Pointing(CertificateAuthority authority, string address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(MutualTlsServer.Subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([address + "ocsp"], [address + "ca.crt"]));
        request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([address + "ca.crl"]));
        using var issued = request.Create(authority.Certificate, MutualTlsServer.Now.AddDays(-1), MutualTlsServer.Now.AddDays(1), RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }

    private Task<RunningServer> StartBehindAsync(string proxy, string more = "")
    {
        var pem = Path.Combine(server.Running.Directory, "clients-ca.pem");
        return RunningServer.StartAsync(new RunningServer
        {
            Settings = Declared.Besides($$"""
                { "IdServer": {
                  "Proxies": [ "{{proxy}}" ], "MutualTls": { "Address": "https://mtls.example", "CertificateHeader": "{{Header}}", "Authorities": [ "{{pem}}" ]{{more}} },
                  "Clients": { "100": { "client_id": "{{MutualTlsServer.Certified}}", "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "{{MutualTlsServer.Subject}}", "grant_types": [ "client_credentials" ], "scope": "articles.read" } }
                } }
                """),
        });
    }

    private static string Said(X509Certificate2 certificate) => $":{Convert.ToBase64String(certificate.RawData)}:";

    private static Task<HttpResponseMessage> SayAsync(RunningServer to, string client, X509Certificate2 certificate, params (string Name, string Value)[] headers) => to.SendAsync(
        HttpMethod.Post, "connect/token", null, new FormUrlEncodedContent([new(Parameters.ClientId, client), new(Parameters.GrantType, GrantTypes.ClientCredentials)]), [(Header, Said(certificate)), .. headers]);

    private static async Task<HttpResponseMessage> RefusedAsync(RunningServer at, Func<Task<HttpResponseMessage>> attack, int status, string code)
    {
        var before = await at.CountRowsAsync();
        var answer = await attack();
        await answer.AssertErrorAsync(status, code);
        Assert.Equal(before, await at.CountRowsAsync());
        return answer;
    }
}
