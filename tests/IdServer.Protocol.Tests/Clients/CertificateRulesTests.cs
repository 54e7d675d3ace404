using IdServer.Protocol.Clients;
using IdServer.Protocol.Options;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Clients;

/// <summary>What a registration must say about certificates.</summary>
[Spec("RFC 8705", "§2.1.2"), Spec("requirement", "39")]
public sealed class CertificateRulesTests
{
    private static readonly CertificateAuthority Authority = new(new ManualClock().Now);
    private static readonly MutualTlsOptions Everything = new() { Address = "https://mtls.id.example", Authorities = [Authority.Certificate] };

    public static TheoryData<string, Func<ClientMetadata, ClientMetadata>> Bad => new()
    {
        { "tls_client_auth_subject_dn and its siblings are missing", m => m },
        { "tls_client_auth_subject_dn and its siblings are written together (tls_client_auth_san_dns, tls_client_auth_san_uri)", m => m with { TlsClientAuthSanDns = "app.example", TlsClientAuthSanUri = "urn:app" } },
        { "tls_client_auth_subject_dn is \"app\": write it as RFC 4514", m => m with { TlsClientAuthSubjectDn = "app" } },
        { "tls_client_auth_san_dns is \"not a host\"", m => m with { TlsClientAuthSanDns = "not a host" } },
        { "tls_client_auth_san_uri is \"app\"", m => m with { TlsClientAuthSanUri = "app" } },
        { "tls_client_auth_san_ip is \"1.2.3.4.5\"", m => m with { TlsClientAuthSanIp = "1.2.3.4.5" } },
        { "tls_client_auth_san_email is \"app\"", m => m with { TlsClientAuthSanEmail = "app" } },
        { "client_secret is set although token_endpoint_auth_method is \"tls_client_auth\"", m => m with { TlsClientAuthSanDns = "app.example", ClientSecret = Build.ClientSecret } },
        { "token_endpoint_auth_signing_alg is set although", m => m with { TlsClientAuthSanDns = "app.example", TokenEndpointAuthSigningAlg = "ES256" } },
        { "tls_client_auth_san_dns is set although token_endpoint_auth_method is \"none\"", m => m with { TlsClientAuthSanDns = "app.example", TokenEndpointAuthMethod = "none" } },
        { "jwks holds no certificate", m => m with { TokenEndpointAuthMethod = "self_signed_tls_client_auth" } },
        { "jwks holds no certificate", m => m with { TokenEndpointAuthMethod = "self_signed_tls_client_auth", Jwks = ClientKeyPair.ElementOf(ClientKeyPair.Create().Jwks) } },
        { "jwks holds a key (number 1), which has an x5c that does not begin with a certificate of this key", m => m with { TokenEndpointAuthMethod = "self_signed_tls_client_auth", Jwks = WithForeignCertificate() } },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_fault_is_said(string fault, Func<ClientMetadata, ClientMetadata> with) => Assert.StartsWith(fault, Assert.Single(Check(with(Machine), Everything)), StringComparison.Ordinal);

    [Fact]
    public void What_is_right_has_no_fault()
    {
        Assert.Empty(Check(Machine with { TlsClientAuthSubjectDn = "CN=app,O=Example", TlsClientCertificateBoundAccessTokens = true }, Everything));
        Assert.Empty(Check(Machine with { TokenEndpointAuthMethod = "self_signed_tls_client_auth", JwksUri = "https://app.example/jwks.json" }, Everything));
        Assert.Empty(Check(Machine with { TokenEndpointAuthMethod = "self_signed_tls_client_auth", Jwks = CertificateAuthority.JwksOf(Authority.Issue()) }, Everything with { Authorities = [] }));
    }

    [Fact]
    public void What_the_server_does_not_offer_cannot_be_registered()
    {
        Assert.StartsWith("token_endpoint_auth_method is \"tls_client_auth\", which this server does not offer", Assert.Single(Check(Machine with { TlsClientAuthSanDns = "app.example" }, null)), StringComparison.Ordinal);
        Assert.StartsWith("token_endpoint_auth_method is \"tls_client_auth\", but this server trusts no authority", Assert.Single(Check(Machine with { TlsClientAuthSanDns = "app.example" }, Everything with { Authorities = [] })), StringComparison.Ordinal);
        Assert.StartsWith("tls_client_certificate_bound_access_tokens is true, but certificates are not believed here", Assert.Single(Check(Build.Metadata() with { TlsClientCertificateBoundAccessTokens = true }, null)), StringComparison.Ordinal);
    }

    private static ClientMetadata Machine => Build.Metadata() with { ClientSecret = null, TokenEndpointAuthMethod = ClientAuthenticationMethods.TlsClientAuth };

    private static string[] Check(ClientMetadata client, MutualTlsOptions? mutualTls) => [.. ClientMetadataRules.Check(client, _ => true, mutualTls: mutualTls).Select(f => $"{f.Member} {f.Sentence}")];

    private static System.Text.Json.JsonElement WithForeignCertificate()
    {
        var key = ClientKeyPair.Create().PublicKey;
        key["x5c"] = new System.Text.Json.Nodes.JsonArray(Convert.ToBase64String(Authority.Issue().RawData));
        return ClientKeyPair.ElementOf(ClientKeyPair.SetOf(key));
    }
}
