using System.Net;
using System.Security.Cryptography.X509Certificates;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Options;
using IdServer.Protocol.Tests.Token;
using IdServer.Protocol.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.MutualTls;

/// <summary>Clients that prove who they are with a certificate: <c>tls_client_auth</c> and <c>self_signed_tls_client_auth</c>.</summary>
[Spec("requirement", "39")]
public sealed class CertificateAuthenticationTests : IAsyncLifetime
{
    private const string Keys = "https://app.example/jwks.json";

    private static readonly DateTimeOffset Now = new ManualClock().Now;

    private readonly CertificateAuthority authority = new(Now);
    private TokenRoom room = null!;

    public static TheoryData<string, Func<ClientMetadata, ClientMetadata>, Func<ClientMetadata, ClientMetadata>> Names => new()
    {
        { "subject", m => m with { TlsClientAuthSubjectDn = "CN=app,O=Example" }, m => m with { TlsClientAuthSubjectDn = "CN=app,O=Other" } },
        { "dns", m => m with { TlsClientAuthSanDns = "APP.example" }, m => m with { TlsClientAuthSanDns = "example" } },
        { "uri", m => m with { TlsClientAuthSanUri = "urn:app:1" }, m => m with { TlsClientAuthSanUri = "urn:app:11" } },
        { "ip", m => m with { TlsClientAuthSanIp = "2001:db8:0::1" }, m => m with { TlsClientAuthSanIp = "2001:db8::2" } },
        { "email", m => m with { TlsClientAuthSanEmail = "app@example.com" }, m => m with { TlsClientAuthSanEmail = "App@example.com" } },
        { "none", m => m with { TlsClientAuthSanIp = "192.0.2.7" }, m => m },
    };

    public async ValueTask InitializeAsync() => room = await TokenRoom.OpenAsync(o => o with { MutualTls = new MutualTlsOptions { Address = "https://mtls.id.example", Authorities = [authority.Certificate] } });

    public ValueTask DisposeAsync()
    {
        authority.Dispose();
        return room.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Spec("RFC 8705", "§2.1.2")]
    public async Task A_client_is_known_by_the_one_name_it_registered(string kind, Func<ClientMetadata, ClientMetadata> good, Func<ClientMetadata, ClientMetadata> bad)
    {
        _ = kind;
        Add("good", good);
        Add("bad", bad);
        room.Certificate = authority.Issue("CN=app,O=Example", names =>
        {
            names.AddDnsName("other.example");
            names.AddDnsName("app.example");
            names.AddUri(new Uri("urn:app:1"));
            names.AddIpAddress(IPAddress.Parse("2001:db8::1"));
            names.AddIpAddress(IPAddress.Parse("192.0.2.7"));
            names.AddEmailAddress("app@example.com");
        });

        Assert.Equal("Bearer", TokenRoom.Granted(await AskAsync("good")).TokenType);
        await RefusedAsync("bad");
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("300D820B6170702E6578616D706C6500")] // something after the list
    [InlineData("300F820B6170702E6578616D706C65820161FF")]
    [InlineData("3010820B6170702E6578616D706C658701FF")] // an address of one byte
    [InlineData("300E820C6170702E6578616D706C65C3")] // not ASCII
    public async Task Names_that_cannot_be_read_are_none(string extension)
    {
        Add("app", m => m with { TlsClientAuthSanDns = "app.example" });
        room.Certificate = authority.Issue(more: new X509Extension("2.5.29.17", Convert.FromHexString("300D820B6170702E6578616D706C65"), critical: false));
        TokenRoom.Granted(await AskAsync("app"));

        room.Certificate = authority.Issue(more: new X509Extension("2.5.29.17", Convert.FromHexString(extension), critical: false));
        await RefusedAsync("app");
    }

    [Fact]
    [Spec("RFC 8705", "§2.1")]
    public async Task A_certificate_of_an_authority_below_a_trusted_one_is_believed_when_that_is_known_too()
    {
        using var below = authority.Below("CN=Below");
        Add("app", m => m with { TlsClientAuthSubjectDn = "CN=app" });
        room.Certificate = below.Issue();
        await RefusedAsync("app");

        await room.DisposeAsync();
        room = await TokenRoom.OpenAsync(o => o with { MutualTls = new MutualTlsOptions { Address = "https://mtls.id.example", Authorities = [authority.Certificate, below.Certificate] } });
        Add("app", m => m with { TlsClientAuthSubjectDn = "CN=app" });
        room.Certificate = below.Issue();

        TokenRoom.Granted(await AskAsync("app"));
        TokenRoom.Granted(await AskAsync("app")); // the authorities are not used up
    }

    [Fact]
    [Spec("RFC 8705", "§2.1"), Spec("RFC 8705", "§7.3")]
    public async Task The_same_name_from_another_authority_is_worthless()
    {
        using var other = new CertificateAuthority(Now);
        using var stranger = new CertificateAuthority(Now, "CN=Another Authority");
        Add("app", m => m with { TlsClientAuthSubjectDn = "CN=app" });

        foreach (var certificate in new[] { other.Issue(), stranger.Issue(), CertificateAuthority.SelfSigned(Now), authority.Issue(forClients: false) })
        {
            room.Certificate = certificate;
            await RefusedAsync("app");
        }

        room.Certificate = authority.Issue();
        TokenRoom.Granted(await AskAsync("app"));
    }

    [Fact]
    public async Task A_certificate_of_an_authority_is_good_in_its_time_only_by_the_servers_clock()
    {
        Add("app", m => m with { TlsClientAuthSubjectDn = "CN=app" });
        room.Certificate = authority.Issue(from: Now.AddHours(1), until: TimeSpan.FromHours(3));
        await RefusedAsync("app");

        room.Clock.Advance(TimeSpan.FromHours(2));
        TokenRoom.Granted(await AskAsync("app"));

        room.Clock.Advance(TimeSpan.FromHours(2));
        await RefusedAsync("app");
    }

    [Fact]
    [Spec("RFC 8705", "§2.2")]
    public async Task A_client_is_known_by_each_certificate_it_registered_itself()
    {
        var (old, next, other) = (CertificateAuthority.SelfSigned(Now), CertificateAuthority.SelfSigned(Now), CertificateAuthority.SelfSigned(Now));
        AddSelfSigned(m => m with { Jwks = CertificateAuthority.JwksOf(old, next) });

        foreach (var certificate in new[] { old, next })
        {
            room.Certificate = certificate;
            TokenRoom.Granted(await AskAsync("app"));
        }

        room.Certificate = other;
        await RefusedAsync("app");
        room.Certificate = null;
        await RefusedAsync("app");
    }

    [Fact]
    [Spec("RFC 8705", "§2.2")]
    public async Task A_certificate_made_anew_with_a_registered_key_is_another_one()
    {
        using var registered = CertificateAuthority.SelfSigned(Now);
        using var key = registered.GetECDsaPrivateKey()!;
        AddSelfSigned(m => m with { Jwks = CertificateAuthority.JwksOf(registered) });

        room.Certificate = new CertificateRequest("CN=app", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSelfSigned(Now.AddDays(-1), Now.AddDays(30));

        await RefusedAsync("app");
    }

    [Fact]
    [Spec("RFC 8705", "§2.2")]
    public async Task A_registered_certificate_expires()
    {
        room.Certificate = CertificateAuthority.SelfSigned(Now, until: TimeSpan.FromHours(1));
        AddSelfSigned(m => m with { Jwks = CertificateAuthority.JwksOf(room.Certificate) });
        TokenRoom.Granted(await AskAsync("app"));

        room.Clock.Advance(TimeSpan.FromHours(2));

        await RefusedAsync("app");
    }

    [Fact]
    [Spec("RFC 8705", "§2.2.2"), Spec("requirement", "32")]
    public async Task A_new_certificate_at_its_jwks_uri_is_found_and_an_unknown_one_does_not_flood_it()
    {
        var (old, next) = (CertificateAuthority.SelfSigned(Now), CertificateAuthority.SelfSigned(Now));
        room.Documents[Keys] = CertificateAuthority.JwksOf(old).GetRawText();
        AddSelfSigned(m => m with { JwksUri = Keys });
        room.Certificate = old;
        TokenRoom.Granted(await AskAsync("app"));

        room.Documents[Keys] = CertificateAuthority.JwksOf(old, next).GetRawText();
        room.Certificate = next;
        TokenRoom.Granted(await AskAsync("app"));

        room.Certificate = CertificateAuthority.SelfSigned(Now);
        for (var i = 0; i < 5; i++)
        {
            await RefusedAsync("app");
        }

        Assert.Equal(RemoteKeys.Burst, room.Documents.Fetches);
    }

    [Fact]
    [Spec("requirement", "25")]
    public async Task A_certificate_does_not_take_the_place_of_what_a_client_registered()
    {
        room.Certificate = authority.Issue();
        Add("app", m => m with { TlsClientAuthSubjectDn = "CN=app" });
        var self = AddSelfSigned(m => m with { ClientId = "self", Jwks = CertificateAuthority.JwksOf(CertificateAuthority.SelfSigned(Now)) });
        room.Machine("secretive");

        await RefusedAsync(self.ClientId); // trusted, but not registered
        await RefusedAsync("secretive");
        await RefusedAsync("unknown");
        room.AssertRefused(
            await room.AskRawAsync(TokenRoom.Basic("app", Build.ClientSecret), (Parameters.GrantType, GrantTypes.ClientCredentials)), ErrorCodes.InvalidClient, 401, room.Stores.Writes);
    }

    [Fact]
    [Spec("RFC 8705", "§5")]
    public async Task A_certificate_beside_a_secret_harms_nobody()
    {
        room.Certificate = CertificateAuthority.SelfSigned(Now);

        Assert.Equal("Bearer", (await room.ClientTokensAsync()).TokenType);
        Assert.Equal("Bearer", (await room.TokensAsync(client: room.AddPublic())).TokenType);
    }

    [Fact]
    public async Task Where_it_is_not_set_up_no_certificate_counts()
    {
        await room.DisposeAsync();
        room = await TokenRoom.OpenAsync();
        room.Certificate = authority.Issue();
        Add("app", m => m with { TlsClientAuthSubjectDn = "CN=app" });

        await RefusedAsync("app");
    }

    [Fact]
    [Spec("RFC 8705", "§2")]
    public async Task Introspection_and_revocation_take_certificates_too()
    {
        room.Certificate = authority.Issue();
        var client = Add("app", m => m with { TlsClientAuthSubjectDn = "CN=app" });
        var token = TokenRoom.Granted(await AskAsync("app")).AccessToken;
        Assert.True(await room.IsActiveAsync(token, client));

        Assert.Null(await room.RevokeAsync(client, (Parameters.Token, token)));

        Assert.False(await room.IsActiveAsync(token, client));
        room.Certificate = null;
        TokenRoom.AssertError(await room.RevokeAsync(client, (Parameters.Token, token)), ErrorCodes.InvalidClient, 401);
    }

    private Client Add(string clientId, Func<ClientMetadata, ClientMetadata> with) => room.Add(m => with(Machine(m) with { ClientId = clientId, TokenEndpointAuthMethod = "tls_client_auth" }));

    private Client AddSelfSigned(Func<ClientMetadata, ClientMetadata> with) => room.Add(m => with(Machine(m) with { TokenEndpointAuthMethod = "self_signed_tls_client_auth" }));

    private static ClientMetadata Machine(ClientMetadata m) => m with { ClientSecret = null, GrantTypes = [GrantTypes.ClientCredentials], RedirectUris = null, Scope = "articles.read" };

    private Task<OAuthResult<TokenResponse>> AskAsync(string clientId) => room.AskRawAsync(null, (Parameters.GrantType, GrantTypes.ClientCredentials), (Parameters.ClientId, clientId));

    private async Task RefusedAsync(string clientId)
    {
        var (reported, writes) = (room.Events.Raised.Count, room.Stores.Writes);
        room.AssertRefused(await AskAsync(clientId), ErrorCodes.InvalidClient, 401, writes);
        Assert.Equal(EventKind.ClientAuthenticationFailed, Assert.Single(room.Events.Raised.Skip(reported)).Kind);
    }
}
