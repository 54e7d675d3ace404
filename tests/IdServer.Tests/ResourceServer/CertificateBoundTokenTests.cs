using System.Security.Cryptography.X509Certificates;
using IdServer.ResourceServer;
using IdServer.Testing;
using IdServer.Tests.MutualTls;
using IdServer.Tokens.MutualTls;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.ResourceServer;

/// <summary>An API that asks for certificates, over real TLS, and tokens that are bound to one.</summary>
[Spec("RFC 8705", "§3"), Spec("requirement", "39")]
public sealed class CertificateBoundTokenTests : IAsyncLifetime
{
    private readonly X509Certificate2 own = CertificateAuthority.SelfSigned(MutualTlsServer.Now);
    private readonly X509Certificate2 other = CertificateAuthority.SelfSigned(MutualTlsServer.Now);
    private TestIssuer issuer = null!;
    private ProtectedApi api = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        api = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await api.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Theory]
    [InlineData(TokenValidation.Local)]
    [InlineData(TokenValidation.Introspection)]
    [InlineData(TokenValidation.Both)]
    public async Task A_bound_token_is_good_with_its_certificate_alone_however_tokens_are_checked(TokenValidation validation)
    {
        await using var checking = await StartAsync(validation);
        var token = Bound();

        Assert.Equal(200, (await AskAsync(checking, own, "Bearer " + token)).Status);
        foreach (var certificate in new[] { null, other })
        {
            var answer = await AskAsync(checking, certificate, "Bearer " + token);
            Assert.Equal((401, "TOKEN_INVALID"), (answer.Status, answer.Codigo));
            Assert.StartsWith("Bearer realm=\"https://api.example.com\", error=\"invalid_token\", error_description=\"It is bound to", answer.Challenge, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_that_was_accepted_before_is_refused_without_its_certificate()
    {
        var token = Bound();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await AskAsync(api, own, "Bearer " + token)).Status);
            Assert.Equal(401, (await AskAsync(api, null, "Bearer " + token)).Status);
        }
    }

    [Fact]
    public async Task A_bearer_token_is_good_with_any_certificate_and_with_none()
    {
        foreach (var certificate in new[] { null, own, other })
        {
            Assert.Equal(200, (await AskAsync(api, certificate, "Bearer " + issuer.Token())).Status);
        }
    }

    [Fact]
    public async Task A_route_with_an_optional_token_refuses_a_bound_one_without_its_certificate() => Assert.Equal(401, (await AskAsync(api, null, "Bearer " + Bound(), path: "/optional")).Status);

    [Fact]
    [Spec("RFC 9449", "§7.1")]
    public async Task A_token_bound_to_a_key_and_a_certificate_needs_both()
    {
        var signer = new ProofSigner();
        var token = issuer.Token(new() { [ClaimNames.Confirmation] = new Dictionary<string, string> { ["jkt"] = signer.Thumbprint, ["x5t#S256"] = CertificateThumbprint.Of(own) } });
        string Proof() => signer.Make("GET", $"https://localhost:{api.Port}/me", issuer.Clock.Now, token);

        Assert.Equal(200, (await AskAsync(api, own, "DPoP " + token, Proof())).Status);
        Assert.Equal(401, (await AskAsync(api, other, "DPoP " + token, Proof())).Status);
        Assert.Equal(401, (await AskAsync(api, own, "DPoP " + token)).Status);
        Assert.Equal(401, (await AskAsync(api, own, "Bearer " + token)).Status);
    }

    [Fact]
    public async Task Another_scheme_does_not_help_and_an_API_for_keys_only_takes_no_certificate_instead()
    {
        var token = Bound();
        await using var strict = await StartAsync(configure: o => o.RequireDPoP = true);

        Assert.Equal(401, (await AskAsync(api, own, "DPoP " + token, new ProofSigner().Make("GET", $"https://localhost:{api.Port}/me", issuer.Clock.Now, token))).Status);
        Assert.Equal(401, (await AskAsync(strict, own, "Bearer " + token)).Status);
    }

    [Fact]
    public async Task Behind_a_proxy_an_API_says_where_the_certificate_is()
    {
        await using var behind = await StartAsync(configure: o => o.ClientCertificate = _ => other);
        var token = issuer.Token(new() { [ClaimNames.Confirmation] = new Dictionary<string, string> { ["x5t#S256"] = CertificateThumbprint.Of(other) } });

        Assert.Equal(200, (await AskAsync(behind, null, "Bearer " + token)).Status);
    }

    [Fact]
    public async Task A_token_that_comes_another_way_is_refused_when_it_is_bound()
    {
        var verified = await api.Services.GetRequiredService<TokenVerifier>().VerifyAsync(Bound(), TestContext.Current.CancellationToken);

        Assert.Null(verified.Caller);
        Assert.Equal(401, verified.Error?.Status);
    }

    private string Bound() => issuer.Token(new() { [ClaimNames.Confirmation] = new Dictionary<string, string> { ["x5t#S256"] = CertificateThumbprint.Of(own) } });

    private Task<ProtectedApi> StartAsync(TokenValidation validation = TokenValidation.Local, Action<ResourceServerOptions>? configure = null) => ProtectedApi.StartAsync(issuer, validation, configure, Listen);

    // As docs/protect-an-api.md says.
    private static void Listen(WebApplicationBuilder builder)
    {
        builder.WebHost.UseUrls("https://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https =>
        {
            https.ServerCertificate = CertificateAuthority.ForLoopback(MutualTlsServer.Now);
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.AllowAnyClientCertificate();
            https.OnAuthenticate = (_, tls) => tls.CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        }));
    }

    private static async Task<ApiAnswer> AskAsync(ProtectedApi to, X509Certificate2? certificate, string authorization, string? proof = null, string path = "/me")
    {
        using var client = MutualTlsServer.ClientWith(certificate);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{to.Port}{path}");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        request.Headers.TryAddWithoutValidation("Accept-Language", "en");
        if (proof is not null)
        {
            request.Headers.TryAddWithoutValidation("DPoP", proof);
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await ApiAnswer.ReadAsync(response);
    }
}
