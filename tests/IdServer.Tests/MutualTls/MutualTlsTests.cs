using System.Net;
using System.Security.Cryptography.X509Certificates;
using IdServer.Testing;
using IdServer.Tests.Conformance.DiscoveryWalk;
using IdServer.Tokens.MutualTls;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.MutualTls;

/// <summary>Clients with certificates over real TLS.</summary>
[Spec("requirement", "39")]
public sealed class MutualTlsTests(MutualTlsServer server) : IClassFixture<MutualTlsServer>
{
    [Fact]
    [Spec("RFC 8705", "§2.1")]
    public async Task A_client_with_a_certificate_of_a_trusted_authority_gets_a_token()
    {
        using var response = await AskAsync(MutualTlsServer.Certified, server.Certificate);

        Assert.Equal("articles.read", (await response.JsonAsync()).Text(Parameters.Scope));
    }

    [Fact]
    [Spec("RFC 8705", "§2.1"), Spec("RFC 8705", "§7.3")]
    public async Task Every_other_certificate_is_refused_like_none_and_writes_nothing()
    {
        using var other = new CertificateAuthority(MutualTlsServer.Now);
        X509Certificate2?[] wrong =
        [
            null,
            CertificateAuthority.SelfSigned(MutualTlsServer.Now, MutualTlsServer.Subject),
            other.Issue(MutualTlsServer.Subject), // an authority of the same name
            server.Authority.Issue("CN=certified,O=Other"),
            server.Authority.Issue(MutualTlsServer.Subject, until: TimeSpan.FromHours(-1)),
            server.Authority.Issue(MutualTlsServer.Subject, from: MutualTlsServer.Now.AddHours(1)),
            server.Authority.Issue(MutualTlsServer.Subject, forClients: false),
        ];
        var rows = await server.Running.CountRowsAsync();

        foreach (var certificate in wrong)
        {
            using var response = await AskAsync(MutualTlsServer.Certified, certificate);
            await response.AssertErrorAsync(401, ErrorCodes.InvalidClient);
        }

        Assert.Equal(rows, await server.Running.CountRowsAsync());
    }

    [Fact]
    [Spec("RFC 8705", "§2.2")]
    public async Task A_client_with_a_certificate_of_its_own_gets_a_token_with_that_alone()
    {
        using var own = CertificateAuthority.SelfSigned(MutualTlsServer.Now);
        await server.RegisterAsync("self", m => m with { TokenEndpointAuthMethod = "self_signed_tls_client_auth", Jwks = CertificateAuthority.JwksOf(own) });
        using var granted = await AskAsync("self", own);
        Assert.Equal(HttpStatusCode.OK, granted.StatusCode);

        foreach (var certificate in new[] { CertificateAuthority.SelfSigned(MutualTlsServer.Now), server.Certificate, null })
        {
            using var response = await AskAsync("self", certificate);
            await response.AssertErrorAsync(401, ErrorCodes.InvalidClient);
        }
    }

    [Fact]
    [Spec("RFC 8705", "§5")]
    public async Task The_ordinary_address_asks_nobody_for_a_certificate_and_one_is_optional_where_it_is_asked_for()
    {
        (string, string)[] form = [(Parameters.ClientId, MutualTlsServer.Certified), (Parameters.GrantType, GrantTypes.ClientCredentials)];
        using var ordinary = await MutualTlsServer.SendAsync(
            server.Certificate, HttpMethod.Post, $"{server.OrdinaryAddress}/connect/token", null, new FormUrlEncodedContent(form.Select(p => KeyValuePair.Create(p.Item1, p.Item2))));
        await ordinary.AssertErrorAsync(401, ErrorCodes.InvalidClient);

        using var withSecret = await server.PostAsync(null, "connect/token", Wire.Basic(Declared.Api).ToString(), (Parameters.GrantType, GrantTypes.ClientCredentials));
        Assert.Equal(HttpStatusCode.OK, withSecret.StatusCode);
    }

    [Fact]
    [Spec("RFC 8705", "§5"), Spec("requirement", "42")]
    public async Task Discovery_leads_to_the_address_where_certificates_count()
    {
        using var discovery = await server.Running.SendAsync(HttpMethod.Get, ".well-known/openid-configuration");
        var metadata = await discovery.JsonAsync();

        Assert.True(metadata.GetProperty("tls_client_certificate_bound_access_tokens").GetBoolean());
        Assert.Subset(
            metadata.GetProperty("token_endpoint_auth_methods_supported").EnumerateArray().Select(m => m.GetString()).ToHashSet(),
            new HashSet<string?> { "tls_client_auth", "self_signed_tls_client_auth" });
        foreach (var alias in metadata.GetProperty("mtls_endpoint_aliases").EnumerateObject())
        {
            using var answer = await MutualTlsServer.SendAsync(null, HttpMethod.Post, alias.Value.GetString()!, null, new FormUrlEncodedContent([]));
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest, $"{alias.Name}: {answer.StatusCode}");
        }

        // Every other member has its proof in the walk.
        Assert.Equal(["mtls_endpoint_aliases", "tls_client_certificate_bound_access_tokens"], metadata.EnumerateObject().Select(m => m.Name).Except(PublishedMembers.Proofs.Keys).Order(StringComparer.Ordinal));

        using var response = await AskAsync(MutualTlsServer.Certified, server.Certificate, metadata.GetProperty("mtls_endpoint_aliases").Text("token_endpoint"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    [Spec("RFC 8705", "§3"), Spec("requirement", "41")]
    public async Task A_bound_token_opens_userinfo_with_its_certificate_and_says_so_in_introspection()
    {
        using var own = CertificateAuthority.SelfSigned(MutualTlsServer.Now);
        var tokens = await server.TokensAsync(MutualTlsServer.Bound, own);
        Assert.Equal("Bearer", tokens.Text(Parameters.TokenType));

        using var userInfo = await server.UserInfoAsync(tokens.Text(Parameters.AccessToken), own);
        Assert.Equal(await server.Running.SubjectOfAsync(Declared.User), (await userInfo.JsonAsync()).Text(ClaimNames.Subject));

        using var introspection = await server.PostAsync(null, "connect/introspect", Wire.Basic(Declared.Api).ToString(), (Parameters.Token, tokens.Text(Parameters.AccessToken)));
        Assert.Equal(CertificateThumbprint.Of(own), (await introspection.JsonAsync()).GetProperty("cnf").Text("x5t#S256"));
    }

    [Fact]
    [Spec("RFC 8705", "§3"), Spec("RFC 8705", "§4")]
    public async Task Token_and_refresh_without_a_certificate_are_invalid_requests()
    {
        using var own = CertificateAuthority.SelfSigned(MutualTlsServer.Now);
        foreach (var client in new[] { MutualTlsServer.Bound, MutualTlsServer.BoundPublic })
        {
            using var browser = server.Running.NewBrowser();
            var code = await browser.CodeAsync((Parameters.ClientId, client), (Parameters.Scope, "openid offline_access"));
            var rows = await server.Running.CountRowsAsync();
            using var refused = await server.RedeemAsync(client, null, code);
            await refused.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
            Assert.Equal(rows, await server.Running.CountRowsAsync());

            using var granted = await server.RedeemAsync(client, own, code);
            var refreshToken = (await granted.JsonAsync()).Text(Parameters.RefreshToken);
            rows = await server.Running.CountRowsAsync();
            using var unrefreshed = await server.RefreshAsync(client, null, refreshToken);
            await unrefreshed.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
            Assert.Equal(rows, await server.Running.CountRowsAsync());

            using var refreshed = await server.RefreshAsync(client, own, refreshToken);
            Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);
        }
    }

    private async Task<HttpResponseMessage> AskAsync(string clientId, X509Certificate2? certificate, string? endpoint = null) => await MutualTlsServer.SendAsync(
        certificate, HttpMethod.Post, endpoint ?? $"{server.Address}/connect/token", null, new FormUrlEncodedContent([new(Parameters.ClientId, clientId), new(Parameters.GrantType, GrantTypes.ClientCredentials)]));
}
