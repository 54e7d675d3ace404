using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Tests.Token;
using IdServer.Protocol.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.DPoP;

/// <summary>Tokens that are bound to a key, where they meet devices, resources, token exchange and signed answers.</summary>
[Spec("RFC 9449", "§5"), Spec("requirement", "38")]
public sealed class BoundTokenCompanyTests : IAsyncLifetime
{
    private readonly ProofSigner signer = new();
    private TokenRoom room = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => room = await TokenRoom.OpenAsync();

    public ValueTask DisposeAsync() => room.DisposeAsync();

    [Fact]
    [Spec("RFC 8628", "§3.4"), Spec("requirement", "34")]
    public async Task The_tokens_of_a_device_are_bound_to_the_key_of_the_poll_that_gets_them()
    {
        var tv = room.AddPublic(m => m with { ClientId = "tv", GrantTypes = [GrantTypes.DeviceCode, GrantTypes.RefreshToken], Scope = "openid offline_access articles.read", DpopBoundAccessTokens = true });
        var code = await ApprovedAsync(tv);
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.PollAsync(code, tv), "invalid_dpop_proof", 400, writes);
        room.Proof = ProofFor("token");
        var tokens = TokenRoom.Granted(await room.PollAsync(code, tv));

        Assert.Equal((TokenTypes.DPoP, signer.Thumbprint), (tokens.TokenType, KeyOf(tokens)));
        writes = room.Stores.Writes;
        room.Proof = ProofFor("token", new ProofSigner());
        room.AssertRefused(await room.RefreshAsync(tokens.RefreshToken, tv), "invalid_grant", 400, writes);
        room.Proof = ProofFor("token");
        TokenRoom.Granted(await room.RefreshAsync(tokens.RefreshToken, tv));
    }

    [Fact]
    [Spec("RFC 8707", "§2.2"), Spec("requirement", "34")]
    public async Task A_refresh_for_one_API_gives_a_token_that_is_bound_and_for_that_API_alone()
    {
        var app = room.AddPublic();
        room.Proof = ProofFor("token");
        var first = await room.TokensAsync(client: app);
        room.Proof = ProofFor("token");

        var tokens = TokenRoom.Granted(await room.AskAsync(app, (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, first.RefreshToken), (Parameters.Resource, Build.ApiIdentifier)));

        Assert.Equal((Build.ApiIdentifier, signer.Thumbprint), (TokenRoom.Text(TokenRoom.ClaimsOf(tokens.AccessToken), ClaimNames.Audience), KeyOf(tokens)));
    }

    [Fact]
    [Spec("RFC 8693", "§2.1")]
    public async Task An_API_exchanges_a_bound_token_without_its_key_and_the_new_one_is_bound_to_the_key_of_the_API_if_it_proves_one()
    {
        var api = room.Add(m => m with { ClientId = TokenRoom.ApiClientId, GrantTypes = [GrantTypes.TokenExchange], TokenExchangeModes = [TokenExchangeModes.Impersonation], Scope = "reports.read" });
        room.Proof = ProofFor("token");
        var given = await room.TokensAsync();
        var ofApi = new ProofSigner();

        room.Proof = null;
        var bearer = TokenRoom.Granted(await ExchangeAsync(api, given.AccessToken));
        room.Proof = ProofFor("token", ofApi);
        var bound = TokenRoom.Granted(await ExchangeAsync(api, given.AccessToken));

        Assert.Equal((TokenTypes.Bearer, null), (bearer.TokenType, TokenRoom.Text(TokenRoom.ClaimsOf(bearer.AccessToken), ClaimNames.Confirmation)));
        Assert.Equal((TokenTypes.DPoP, ofApi.Thumbprint), (bound.TokenType, KeyOf(bound)));
    }

    [Fact]
    [Spec("OIDC Core", "§5.3.2"), Spec("RFC 9449", "§7.1")]
    public async Task Signed_userinfo_demands_the_proof_as_well()
    {
        var app = room.Add(m => m with { ClientId = "private-app", SubjectType = SubjectTypes.Pairwise, UserinfoSignedResponseAlg = Algorithms.ES256 });
        room.Proof = ProofFor("token");
        var tokens = await room.TokensAsync(client: app);
        var writes = room.Stores.Writes;

        room.Proof = null;
        room.AssertRefused(await room.UserInfoAsync("Bearer " + tokens.AccessToken), "invalid_token", 401, writes);
        room.Proof = ProofFor("userinfo", accessToken: tokens.AccessToken);
        var signed = TokenRoom.Granted(await room.UserInfoAsync("DPoP " + tokens.AccessToken)).Jwt!;

        Assert.Equal(TokenRoom.Text(TokenRoom.ClaimsOf(tokens.IdToken!), ClaimNames.Subject), TokenRoom.Text(TokenRoom.ClaimsOf(signed), ClaimNames.Subject));
    }

    [Fact]
    [Spec("RFC 9701", "§5"), Spec("RFC 9449", "§6.2")]
    public async Task A_signed_introspection_answer_tells_the_key_and_the_type()
    {
        room.Proof = ProofFor("token");
        var tokens = await room.TokensAsync();

        var answer = TokenRoom.Granted(await room.TryIntrospectAsync(room.App, asJwt: true, (Parameters.Token, tokens.AccessToken))).Jwt!;

        var told = TokenRoom.ClaimsOf(answer).GetProperty(ClaimNames.TokenIntrospection);
        Assert.Equal((TokenTypes.DPoP, signer.Thumbprint), (TokenRoom.Text(told, ClaimNames.TokenType), told.GetProperty(ClaimNames.Confirmation).GetProperty("jkt").GetString()));
    }

    private static string KeyOf(TokenResponse tokens) => TokenRoom.ClaimsOf(tokens.AccessToken).GetProperty(ClaimNames.Confirmation).GetProperty("jkt").GetString()!;

    private string ProofFor(string endpoint, ProofSigner? by = null, string? accessToken = null) => (by ?? signer).Make("POST", $"{Build.Issuer}/connect/{endpoint}", room.Clock.Now, accessToken);

    private Task<OAuthResult<TokenResponse>> ExchangeAsync(Client client, string subjectToken) => room.AskAsync(
        client, (Parameters.GrantType, GrantTypes.TokenExchange), (Parameters.SubjectToken, subjectToken), (Parameters.SubjectTokenType, TokenTypes.AccessTokenUrn), (Parameters.Audience, TokenRoom.ReportsIdentifier));

    private async Task<string> ApprovedAsync(Client device)
    {
        var code = TokenRoom.Granted(await room.BeginDeviceAsync(device)).DeviceCode;
        var session = Build.Session(room.Clock, s => s with { Subject = room.Ana.Subject });
        await room.Stores.Sessions.SaveAsync(session, Ct);
        var entered = await room.Verification.EnterAsync(room.Stores.DeviceCodes.All[^1].UserCode, Build.BrowserDigest, Ct);
        var pending = await room.Verification.FindAsync(entered.InteractionId!.Value, Build.BrowserDigest, Ct);
        Assert.True(await room.Verification.ApproveAsync(pending!, session, Ct));
        return code;
    }
}
