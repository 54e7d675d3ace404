using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>Bound tokens, codes and refresh tokens in the hands of who does not hold the key, and proofs used again or elsewhere (RFC 9449 §2, §11).</summary>
[Attack("DPoP proof replay and confusion")]
[Spec("RFC 9449", "§11"), Spec("requirement", "38")]
public sealed class ProofAttacks(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Token = "connect/token";
    private const string UserInfo = "connect/userinfo";

    private readonly ProofSigner victim = new();
    private readonly ProofSigner thief = new();

    [Fact]
    public async Task A_proof_that_was_seen_is_worthless()
    {
        var proof = ProofOf(victim, Token);
        using var first = await AskAsync(Declared.Api, proof);
        Assert.Equal(200, (int)first.StatusCode);

        await RefusedAsync(() => AskAsync(Declared.Api, proof), 400, ErrorCodes.InvalidDPoPProof);
        await RefusedAsync(() => AskAsync(Declared.Trusted, proof), 400, ErrorCodes.UnauthorizedClient); // nor does another client get as far
    }

    [Fact]
    public async Task A_proof_for_one_endpoint_is_none_for_another()
    {
        var token = await BoundTokenAsync();

        await RefusedAsync(() => AskAsync(Declared.Api, ProofOf(victim, "connect/par")), 400, ErrorCodes.InvalidDPoPProof);
        await RefusedAsync(() => UserInfoAsync("DPoP", token, ProofOf(victim, Token, token)), 401, ErrorCodes.InvalidDPoPProof);
        await RefusedAsync(() => UserInfoAsync("DPoP", token, victim.Make("POST", $"{server.Issuer}/{UserInfo}", Now, token)), 401, ErrorCodes.InvalidDPoPProof);
    }

    [Fact]
    public async Task A_stolen_bound_token_is_worthless_with_the_thiefs_key_with_none_and_as_a_bearer_token()
    {
        var token = await BoundTokenAsync();

        await RefusedAsync(() => UserInfoAsync("DPoP", token, ProofOf(thief, UserInfo, token, "GET")), 401, ErrorCodes.InvalidToken, spent: 1);
        await RefusedAsync(() => UserInfoAsync("DPoP", token, null), 401, ErrorCodes.InvalidDPoPProof);
        await RefusedAsync(() => UserInfoAsync("Bearer", token, ProofOf(thief, UserInfo, token, "GET")), 401, ErrorCodes.InvalidToken);

        using var honest = await UserInfoAsync("DPoP", token, ProofOf(victim, UserInfo, token, "GET"));
        Assert.Equal(200, (int)honest.StatusCode);
    }

    [Fact]
    public async Task A_proof_seen_with_one_token_is_none_for_another()
    {
        var (one, other) = (await BoundTokenAsync(), await BoundTokenAsync());

        await RefusedAsync(() => UserInfoAsync("DPoP", other, ProofOf(victim, UserInfo, one, "GET")), 401, ErrorCodes.InvalidDPoPProof);
    }

    [Fact]
    [Spec("RFC 9449", "§10")]
    public async Task A_stolen_code_is_worthless_without_the_key_it_was_asked_for_with()
    {
        using var browser = server.NewBrowser();
        var code = await browser.CodeAsync((Parameters.DPoPJkt, victim.Thumbprint));

        await RefusedAsync(() => RedeemAsync(code, null), 400, ErrorCodes.InvalidDPoPProof);
        await RefusedAsync(() => RedeemAsync(code, ProofOf(thief, Token)), 400, ErrorCodes.InvalidGrant, spent: 1);

        using var honest = await RedeemAsync(code, ProofOf(victim, Token));
        Assert.Equal("DPoP", (await honest.JsonAsync()).Text(Parameters.TokenType));
    }

    [Fact]
    public async Task Something_else_that_the_server_signed_is_no_proof()
    {
        var tokens = await server.TokensAsync();

        await RefusedAsync(() => AskAsync(Declared.Api, tokens.Text(Parameters.IdToken)), 400, ErrorCodes.InvalidDPoPProof);
        await RefusedAsync(() => AskAsync(Declared.Api, tokens.Text(Parameters.AccessToken)), 400, ErrorCodes.InvalidDPoPProof);
    }

    [Theory]
    [InlineData("none", false)]
    [InlineData("HS256", true)]
    public async Task A_proof_without_a_private_key_is_refused(string algorithm, bool withPublicKey)
    {
        var parts = victim.Make("POST", $"{server.Issuer}/{Token}", Now, header: h => h["alg"] = algorithm).Split('.');
        var forged = withPublicKey ? Base64Url.EncodeToString(HMACSHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(victim.Jwk), Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"))) : "";

        await RefusedAsync(() => AskAsync(Declared.Api, $"{parts[0]}.{parts[1]}.{forged}"), 400, ErrorCodes.InvalidDPoPProof);
    }

    [Fact]
    public async Task A_proof_made_in_advance_is_refused() =>
        await RefusedAsync(() => AskAsync(Declared.Api, victim.Make("POST", $"{server.Issuer}/{Token}", Now.AddMinutes(10))), 400, ErrorCodes.InvalidDPoPProof);

    private DateTimeOffset Now => server.Clock.GetUtcNow();

    // Nothing is written but that a proof was used, where the thief's own is a good one.
    private async Task RefusedAsync(Func<Task<HttpResponseMessage>> attack, int status, string code, int spent = 0)
    {
        var before = await server.CountRowsAsync();
        using var answer = await attack();
        await answer.AssertErrorAsync(status, code);
        Assert.Equal(before + spent, await server.CountRowsAsync());
    }

    private string ProofOf(ProofSigner signer, string path, string? token = null, string method = "POST") => signer.Make(method, $"{server.Issuer}/{path}", Now, token);

    private async Task<string> BoundTokenAsync()
    {
        using var browser = server.NewBrowser();
        using var response = await RedeemAsync(await browser.CodeAsync(), ProofOf(victim, Token));
        return (await response.JsonAsync()).Text(Parameters.AccessToken);
    }

    private Task<HttpResponseMessage> AskAsync(string client, string proof) => SendAsync(Wire.Basic(client), proof, (Parameters.GrantType, GrantTypes.ClientCredentials));

    private Task<HttpResponseMessage> RedeemAsync(string code, string? proof) => SendAsync(
        Wire.Basic(Declared.App),
        proof,
        (Parameters.GrantType, GrantTypes.AuthorizationCode),
        (Parameters.Code, code),
        (Parameters.RedirectUri, Declared.RedirectUri),
        (Parameters.CodeVerifier, Build.CodeVerifier));

    private Task<HttpResponseMessage> SendAsync(AuthenticationHeaderValue client, string? proof, params (string Name, string Value)[] form) => server.SendAsync(
        HttpMethod.Post, Token, client, new FormUrlEncodedContent(form.Select(p => KeyValuePair.Create(p.Name, p.Value))), proof is null ? [] : [("DPoP", proof)]);

    private Task<HttpResponseMessage> UserInfoAsync(string scheme, string token, string? proof) =>
        server.SendAsync(HttpMethod.Get, UserInfo, new AuthenticationHeaderValue(scheme, token), null, proof is null ? [] : [("DPoP", proof)]);
}
