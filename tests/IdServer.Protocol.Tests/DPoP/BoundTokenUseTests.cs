using System.Text.Json.Nodes;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.DPoP;

/// <summary>Bound tokens at this server's own resource, userinfo.</summary>
[Spec("RFC 9449", "§7"), Spec("requirement", "38"), Spec("requirement", "41")]
public sealed class BoundTokenUseTests : IAsyncLifetime
{
    private const string UserInfoUri = Build.Issuer + "/connect/userinfo";

    private readonly ProofSigner signer = new();
    private TokenRoom room = null!;
    private string token = "";

    public async ValueTask InitializeAsync()
    {
        room = await TokenRoom.OpenAsync();
        room.Proof = signer.Make("POST", Build.Issuer + "/connect/token", room.Clock.Now);
        token = (await room.TokensAsync()).AccessToken;
        room.Proof = null;
    }

    public ValueTask DisposeAsync() => room.DisposeAsync();

    [Theory]
    [InlineData("DPoP")]
    [InlineData("dpop")]
    [InlineData("DPOP")]
    public async Task A_bound_token_with_a_proof_is_accepted_whatever_the_case_of_the_scheme(string scheme)
    {
        room.Proof = Proof();

        Assert.Equal(room.Ana.Subject, TokenRoom.Text(TokenRoom.Json(TokenRoom.Granted(await room.UserInfoAsync($"{scheme} {token}")).Body), "sub"));
    }

    [Fact]
    [Spec("RFC 9449", "§7.2")]
    public async Task A_bound_token_is_no_bearer_token_in_header_or_body()
    {
        room.Proof = Proof();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.UserInfoAsync($"Bearer {token}"), "invalid_token", 401, writes);
        room.AssertRefused(await room.UserInfoAsync(null, (Parameters.AccessToken, token)), "invalid_token", 401, writes);
        await AssertStillWorksAsync();
    }

    [Fact]
    [Spec("RFC 9449", "§7.1")]
    public async Task A_token_that_is_bound_to_no_key_is_refused_with_a_proof()
    {
        var bearer = (await room.TokensAsync()).AccessToken;
        room.Proof = Proof(accessToken: bearer);

        room.AssertRefused(await room.UserInfoAsync($"DPoP {bearer}"), "invalid_token", 401, room.Stores.Writes);
        TokenRoom.Granted(await room.UserInfoAsync($"Bearer {bearer}"));
    }

    [Fact]
    public async Task A_remembered_token_needs_its_proof_each_time()
    {
        await AssertStillWorksAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.UserInfoAsync($"DPoP {token}"), "invalid_dpop_proof", 401, writes); // the same proof
        room.Proof = null;
        room.AssertRefused(await room.UserInfoAsync($"DPoP {token}"), "invalid_dpop_proof", 401, writes);
        room.Proof = new ProofSigner().Make("POST", UserInfoUri, room.Clock.Now, token);
        room.AssertRefused(await room.UserInfoAsync($"DPoP {token}"), "invalid_token", 401, writes);
        await AssertStillWorksAsync();
    }

    [Fact]
    public async Task A_proof_for_another_endpoint_method_or_token_is_refused_and_the_token_lives_on()
    {
        var writes = room.Stores.Writes;
        string[] proofs =
        [
            signer.Make("POST", Build.Issuer + "/connect/token", room.Clock.Now, token),
            signer.Make("GET", UserInfoUri, room.Clock.Now, token),
            signer.Make("POST", UserInfoUri, room.Clock.Now, "another"),
            signer.Make("POST", UserInfoUri, room.Clock.Now),
            signer.Make("POST", UserInfoUri, room.Clock.Now.AddHours(-1), token),
            signer.Make("POST", UserInfoUri, room.Clock.Now, token, header: h => h["jwk"] = signer.PrivateJwk),
            Proof() + "," + Proof(),
        ];
        foreach (var proof in proofs)
        {
            room.Proof = proof;
            room.AssertRefused(await room.UserInfoAsync($"DPoP {token}"), "invalid_dpop_proof", 401, writes);
        }

        await AssertStillWorksAsync();
    }

    [Fact]
    [Spec("RFC 9449", "§9")]
    public async Task A_server_that_wants_nonces_asks_for_one_here_too()
    {
        await room.DisposeAsync();
        room = await TokenRoom.OpenAsync(o => o with { RequireDPoPNonce = true });
        room.Proof = signer.Make("POST", Build.Issuer + "/connect/token", room.Clock.Now, nonce: room.Proofs.NextNonce);
        token = (await room.TokensAsync()).AccessToken;

        room.Proof = Proof();
        room.AssertRefused(await room.UserInfoAsync($"DPoP {token}"), "use_dpop_nonce", 401, room.Stores.Writes);
        room.Proof = Proof(claims: c => c["nonce"] = room.Proofs.NextNonce);
        TokenRoom.Granted(await room.UserInfoAsync($"DPoP {token}"));
    }

    private string Proof(string? accessToken = null, Action<JsonObject>? claims = null) => signer.Make("POST", UserInfoUri, room.Clock.Now, accessToken ?? token, claims: claims);

    private async Task AssertStillWorksAsync()
    {
        room.Proof = Proof();
        TokenRoom.Granted(await room.UserInfoAsync($"DPoP {token}"));
    }
}
