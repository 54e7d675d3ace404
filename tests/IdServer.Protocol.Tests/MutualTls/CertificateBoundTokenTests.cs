using System.Security.Cryptography.X509Certificates;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Options;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.MutualTls;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.MutualTls;

/// <summary>Tokens that are good only with the certificate they were asked for with.</summary>
[Spec("RFC 8705", "§3"), Spec("requirement", "39")]
public sealed class CertificateBoundTokenTests : IAsyncLifetime
{
    private const string TokenUri = "https://mtls.id.example/connect/token";
    private const string UserInfoUri = "https://mtls.id.example/connect/userinfo";

    private static readonly DateTimeOffset Now = new ManualClock().Now;

    private readonly X509Certificate2 own = CertificateAuthority.SelfSigned(Now);
    private readonly X509Certificate2 other = CertificateAuthority.SelfSigned(Now);
    private TokenRoom room = null!;

    public async ValueTask InitializeAsync() => room = await TokenRoom.OpenAsync(o => o with { MutualTls = new MutualTlsOptions { Address = "https://mtls.id.example" } });

    public ValueTask DisposeAsync() => room.DisposeAsync();

    [Fact]
    [Spec("RFC 8705", "§3.1"), Spec("RFC 8705", "§3.2"), Spec("RFC 9701", "§5")]
    public async Task The_token_names_the_certificate_and_so_does_introspection_plain_and_signed()
    {
        var client = Bound();
        room.Certificate = own;

        var tokens = await room.TokensAsync(client: client);

        Assert.Equal("Bearer", tokens.TokenType);
        Assert.Equal(CertificateThumbprint.Of(own), CertificateIn(TokenRoom.ClaimsOf(tokens.AccessToken)));
        var told = await room.IntrospectAsync(tokens.AccessToken, client);
        Assert.Equal((CertificateThumbprint.Of(own), "Bearer"), (CertificateIn(told), TokenRoom.Text(told, ClaimNames.TokenType)));
        var signed = TokenRoom.Granted(await room.TryIntrospectAsync(client, asJwt: true, (Parameters.Token, tokens.AccessToken))).Jwt!;
        Assert.Equal(CertificateThumbprint.Of(own), CertificateIn(TokenRoom.ClaimsOf(signed).GetProperty(ClaimNames.TokenIntrospection)));
    }

    [Fact]
    [Spec("RFC 8705", "§3.4")]
    public async Task A_client_registered_for_bound_tokens_gets_none_without_a_certificate_and_keeps_its_code()
    {
        var client = Bound();
        var code = await room.CodeAsync(g => g with { ClientId = client.ClientId });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code, client), ErrorCodes.InvalidRequest, 400, writes);

        room.Certificate = own;
        TokenRoom.Granted(await room.RedeemAsync(code, client));
    }

    [Fact]
    public async Task A_token_is_bound_only_for_a_client_that_asked_for_it()
    {
        room.Certificate = own;

        Assert.False(TokenRoom.ClaimsOf((await room.TokensAsync()).AccessToken).TryGetProperty(ClaimNames.Confirmation, out _));
    }

    [Fact]
    [Spec("requirement", "41")]
    public async Task At_userinfo_a_bound_token_needs_its_certificate()
    {
        room.Certificate = own;
        var token = (await room.TokensAsync(client: Bound())).AccessToken;
        TokenRoom.Granted(await room.UserInfoAsync("Bearer " + token));
        var writes = room.Stores.Writes;

        room.Certificate = null;
        room.AssertRefused(await room.UserInfoAsync("Bearer " + token), ErrorCodes.InvalidToken, 401, writes);
        room.AssertRefused(await room.UserInfoAsync(null, (Parameters.AccessToken, token)), ErrorCodes.InvalidToken, 401, writes);
        room.Certificate = other;
        room.AssertRefused(await room.UserInfoAsync("Bearer " + token), ErrorCodes.InvalidToken, 401, writes);
    }

    [Fact]
    [Spec("RFC 8705", "§4"), Spec("requirement", "34")]
    public async Task A_refresh_token_of_a_public_client_is_bound_to_the_certificate()
    {
        var client = room.AddPublic(m => m with { TlsClientCertificateBoundAccessTokens = true });
        room.Certificate = own;
        var first = await room.TokensAsync(client: client);
        var writes = room.Stores.Writes;

        room.Certificate = null;
        room.AssertRefused(await room.RefreshAsync(first.RefreshToken, client), ErrorCodes.InvalidRequest, 400, writes);
        room.Certificate = other;
        room.AssertRefused(await room.RefreshAsync(first.RefreshToken, client), ErrorCodes.InvalidGrant, 400, writes);

        room.Certificate = own;
        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken, client));
        room.Certificate = other;
        room.AssertRefused(await room.RefreshAsync(second.RefreshToken, client), ErrorCodes.InvalidGrant, 400, room.Stores.Writes);
    }

    [Fact]
    [Spec("RFC 8705", "§4")]
    public async Task It_stays_bound_when_the_client_is_registered_otherwise_later()
    {
        room.Certificate = own;
        var first = await room.TokensAsync(client: room.AddPublic(m => m with { TlsClientCertificateBoundAccessTokens = true }));
        var client = room.AddPublic();
        var writes = room.Stores.Writes;

        room.Certificate = null;
        room.AssertRefused(await room.RefreshAsync(first.RefreshToken, client), ErrorCodes.InvalidRequest, 400, writes);
        room.Certificate = own;
        TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken, client));
    }

    [Fact]
    [Spec("RFC 8705", "§4"), Spec("requirement", "34")]
    public async Task A_client_that_authenticates_refreshes_with_a_new_certificate_but_not_without_and_keeps_its_refresh_token()
    {
        var client = Bound();
        room.Certificate = own;
        var first = await room.TokensAsync(client: client);
        var writes = room.Stores.Writes;

        room.Certificate = null;
        room.AssertRefused(await room.RefreshAsync(first.RefreshToken, client), ErrorCodes.InvalidRequest, 400, writes);
        room.Certificate = other;
        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken, client));

        Assert.Equal(CertificateThumbprint.Of(other), CertificateIn(TokenRoom.ClaimsOf(second.AccessToken)));
        Assert.Null(second.RefreshToken);
    }

    [Fact]
    [Spec("RFC 9449", "§6"), Spec("RFC 8705", "§3")]
    public async Task A_token_bound_to_a_key_and_a_certificate_needs_both()
    {
        var signer = new ProofSigner();
        var client = Bound(m => m with { DpopBoundAccessTokens = true });
        room.Certificate = own;
        room.Proof = signer.Make("POST", TokenUri, room.Clock.Now);
        var tokens = await room.TokensAsync(client: client);
        Assert.Equal("DPoP", tokens.TokenType);
        var confirmation = TokenRoom.ClaimsOf(tokens.AccessToken).GetProperty(ClaimNames.Confirmation);
        Assert.Equal((signer.Thumbprint, CertificateThumbprint.Of(own)), (TokenRoom.Text(confirmation, "jkt"), TokenRoom.Text(confirmation, "x5t#S256")));
        var writes = room.Stores.Writes;

        room.Proof = null;
        room.AssertRefused(await room.UserInfoAsync("Bearer " + tokens.AccessToken), ErrorCodes.InvalidToken, 401, writes);
        room.Certificate = other;
        room.Proof = signer.Make("GET", UserInfoUri, room.Clock.Now, tokens.AccessToken);
        var used = room.Replays.Count;
        room.AssertRefused(await room.UserInfoAsync("DPoP " + tokens.AccessToken), ErrorCodes.InvalidToken, 401, writes);
        Assert.Equal(used, room.Replays.Count); // the proof is not used up either
    }

    [Fact]
    [Spec("RFC 9449", "§4.3"), Spec("RFC 8705", "§5")]
    public async Task A_proof_names_the_address_it_is_sent_to_the_alias_or_the_other()
    {
        foreach (var (address, good) in new[] { (TokenUri, true), (Build.Issuer + "/connect/token", true), ("https://elsewhere.example/connect/token", false) })
        {
            room.Proof = new ProofSigner().Make("POST", address, room.Clock.Now);
            Assert.Equal(good, (await room.RedeemAsync(await room.CodeAsync())).TryGet(out _, out _));
        }
    }

    [Fact]
    [Spec("requirement", "34")]
    public void Refresh_tokens_that_need_a_certificate_and_credentials_do_not_rotate_unless_asked_to()
    {
        Assert.False(Build.Client(m => m with { TlsClientCertificateBoundAccessTokens = true }).RotateRefreshTokens);
        Assert.True(Build.Client(m => m with { TlsClientCertificateBoundAccessTokens = true, RotateRefreshTokens = true }).RotateRefreshTokens);
        Assert.True(Build.PublicClient(m => m with { TlsClientCertificateBoundAccessTokens = true }).RotateRefreshTokens);
    }

    private static string? CertificateIn(System.Text.Json.JsonElement claims) => TokenRoom.Text(claims.GetProperty(ClaimNames.Confirmation), "x5t#S256");

    private Client Bound(Func<ClientMetadata, ClientMetadata>? with = null) => room.Add(m => (with ?? (x => x))(m with { ClientId = "bound", TlsClientCertificateBoundAccessTokens = true }));
}
