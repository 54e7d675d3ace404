using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Tests.Token;
using IdServer.Protocol.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.DPoP;

/// <summary>The token endpoint with proofs of possession.</summary>
[Spec("RFC 9449", "§5"), Spec("requirement", "38")]
public sealed class BoundTokenTests : IAsyncLifetime
{
    private const string TokenUri = Build.Issuer + "/connect/token";

    private readonly ProofSigner signer = new();
    private TokenRoom room = null!;

    public async ValueTask InitializeAsync() => room = await TokenRoom.OpenAsync();

    public ValueTask DisposeAsync() => room.DisposeAsync();

    [Fact]
    [Spec("RFC 9449", "§6.1")]
    public async Task A_proof_binds_the_access_token_to_its_key()
    {
        var response = await RedeemAsync(signer);

        Assert.Equal("DPoP", response.TokenType);
        Assert.Equal("DPoP", TokenRoom.Text(TokenRoom.Json(response.WriteTo), "token_type"));
        Assert.Equal(signer.Thumbprint, TokenRoom.Text(TokenRoom.ClaimsOf(response.AccessToken).GetProperty("cnf"), "jkt"));
    }

    [Fact]
    public async Task Without_a_proof_everything_is_as_ever()
    {
        var response = await room.TokensAsync();

        Assert.Equal("Bearer", response.TokenType);
        Assert.False(TokenRoom.ClaimsOf(response.AccessToken).TryGetProperty("cnf", out _));
    }

    [Fact]
    public async Task A_client_that_acts_for_itself_may_bind_its_token_too()
    {
        room.Proof = Proof(signer);

        Assert.Equal("DPoP", (await room.ClientTokensAsync()).TokenType);
    }

    [Fact]
    [Spec("RFC 9449", "§5.2")]
    public async Task A_client_registered_for_bound_tokens_gets_none_without_a_proof()
    {
        var client = room.Add(m => m with { ClientId = "bound", DpopBoundAccessTokens = true });
        var code = await room.CodeAsync(g => g with { ClientId = client.ClientId });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code, client), "invalid_dpop_proof", 400, writes);

        room.Proof = Proof(signer);
        Assert.Equal("DPoP", TokenRoom.Granted(await room.RedeemAsync(code, client)).TokenType);
    }

    [Fact]
    public async Task A_bad_proof_spends_nothing_and_the_code_is_good_for_the_next_request()
    {
        var code = await room.CodeAsync();
        var writes = room.Stores.Writes;
        room.Proof = Proof(signer, "GET");

        room.AssertRefused(await room.RedeemAsync(code), "invalid_dpop_proof", 400, writes);
        Assert.Equal(EventKind.TokenRefused, room.Events.Kinds.Last());

        room.Proof = Proof(signer);
        TokenRoom.Granted(await room.RedeemAsync(code));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("a.b.c, d.e.f")]
    public async Task An_unreadable_header_is_refused_even_where_none_is_needed(string header)
    {
        var code = await room.CodeAsync();
        var writes = room.Stores.Writes;
        room.Proof = header;

        room.AssertRefused(await room.RedeemAsync(code), "invalid_dpop_proof", 400, writes);
    }

    [Fact]
    [Spec("RFC 9449", "§11.1")]
    public async Task A_proof_is_good_for_one_request()
    {
        await RedeemAsync(signer);
        var code = await room.CodeAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code), "invalid_dpop_proof", 400, writes);
    }

    [Fact]
    public async Task A_proof_of_a_client_that_does_not_authenticate_is_not_even_read()
    {
        room.Proof = Proof(signer);

        Assert.False((await room.AskRawAsync(TokenRoom.Basic("app", "wrong"), (Parameters.GrantType, "client_credentials"))).TryGet(out _, out var error));
        Assert.Equal(("invalid_client", 0), (error.Code, room.Replays.Count));
    }

    [Fact]
    [Spec("RFC 9449", "§10"), Spec("requirement", "27")]
    public async Task A_code_with_dpop_jkt_is_redeemed_by_that_key_alone()
    {
        var code = await room.CodeAsync(code: c => c with { ProofKey = signer.Thumbprint });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code), "invalid_dpop_proof", 400, writes);
        room.Proof = Proof(new ProofSigner());
        room.AssertRefused(await room.RedeemAsync(code), "invalid_grant", 400, writes);

        room.Proof = Proof(signer);
        TokenRoom.Granted(await room.RedeemAsync(code));
    }

    [Fact]
    [Spec("requirement", "34")]
    public async Task A_refresh_token_of_a_public_client_is_bound_to_the_key()
    {
        var client = room.AddPublic();
        var first = await RedeemAsync(signer, client);
        var writes = room.Stores.Writes;

        room.Proof = null;
        room.AssertRefused(await room.RefreshAsync(first.RefreshToken, client), "invalid_dpop_proof", 400, writes);
        room.Proof = Proof(new ProofSigner());
        room.AssertRefused(await room.RefreshAsync(first.RefreshToken, client), "invalid_grant", 400, writes);

        room.Proof = Proof(signer);
        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken, client));
        Assert.Equal("DPoP", second.TokenType);
        room.Proof = null;
        room.AssertRefused(await room.RefreshAsync(second.RefreshToken, client), "invalid_dpop_proof", 400, room.Stores.Writes);
    }

    [Fact]
    public async Task A_public_client_that_begins_to_send_proofs_gets_a_bound_refresh_token()
    {
        var client = room.AddPublic();
        var first = await room.TokensAsync(client: client);
        room.Proof = Proof(signer);

        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken, client));

        room.Proof = null;
        room.AssertRefused(await room.RefreshAsync(second.RefreshToken, client), "invalid_dpop_proof", 400, room.Stores.Writes);
    }

    [Fact]
    [Spec("requirement", "34")]
    public async Task A_refresh_token_of_a_client_that_authenticates_works_with_a_new_key()
    {
        var first = await RedeemAsync(signer);
        var other = new ProofSigner();
        room.Proof = Proof(other);

        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken));

        Assert.Equal(other.Thumbprint, TokenRoom.Text(TokenRoom.ClaimsOf(second.AccessToken).GetProperty("cnf"), "jkt"));
    }

    [Fact]
    [Spec("requirement", "34"), Spec("RFC 9700", "§4.14.2")]
    public async Task A_client_that_authenticates_and_is_registered_for_bound_tokens_keeps_its_refresh_token()
    {
        var client = room.Add(m => m with { ClientId = "bound", DpopBoundAccessTokens = true });
        var first = await RedeemAsync(signer, client);

        for (var i = 0; i < 2; i++)
        {
            room.Clock.Advance(TimeSpan.FromSeconds(40));
            room.Proof = Proof(signer);
            Assert.Null(TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken, client)).RefreshToken);
        }
    }

    [Theory]
    [InlineData(false, null, true)]
    [InlineData(true, null, false)]
    [InlineData(true, true, true)]
    [InlineData(false, false, false)]
    [Spec("requirement", "34")]
    public void Rotation_is_the_default_except_for_bound_tokens(bool bound, bool? rotate, bool expected)
    {
        Func<ClientMetadata, ClientMetadata> with = m => m with { DpopBoundAccessTokens = bound, RotateRefreshTokens = rotate };

        Assert.Equal(expected, Build.Client(with).RotateRefreshTokens);
        Assert.True(Build.PublicClient(with).RotateRefreshTokens);
    }

    [Fact]
    [Spec("RFC 9449", "§8")]
    public async Task A_server_that_wants_nonces_asks_for_one_and_takes_it()
    {
        await room.DisposeAsync();
        room = await TokenRoom.OpenAsync(o => o with { RequireDPoPNonce = true });
        var code = await room.CodeAsync();
        var writes = room.Stores.Writes;

        room.Proof = Proof(signer);
        room.AssertRefused(await room.RedeemAsync(code), "use_dpop_nonce", 400, writes);
        room.Proof = signer.Make("POST", TokenUri, room.Clock.Now, nonce: room.Proofs.NextNonce);
        TokenRoom.Granted(await room.RedeemAsync(code));
        room.Proof = null;
        Assert.Equal("Bearer", (await room.TokensAsync()).TokenType); // nonces are for proofs, not for clients without
    }

    [Fact]
    public void No_nonce_is_offered_where_none_is_wanted() => Assert.Null(room.Proofs.NextNonce);

    [Fact]
    [Spec("RFC 9449", "§6.2")]
    public async Task Introspection_tells_the_key_and_the_type()
    {
        var tokens = await RedeemAsync(signer);
        room.Proof = null;

        var answer = await room.IntrospectAsync(tokens.AccessToken);

        Assert.Equal("DPoP", TokenRoom.Text(answer, "token_type"));
        Assert.Equal(signer.Thumbprint, TokenRoom.Text(answer.GetProperty("cnf"), "jkt"));
        Assert.Equal("Bearer", TokenRoom.Text(await room.IntrospectAsync((await room.TokensAsync()).AccessToken), "token_type"));
    }

    private string Proof(ProofSigner by, string method = "POST") => by.Make(method, TokenUri, room.Clock.Now);

    private async Task<TokenResponse> RedeemAsync(ProofSigner by, Client? client = null)
    {
        room.Proof = Proof(by);
        return await room.TokensAsync(client: client);
    }
}
