using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using Xunit;

namespace IdServer.Protocol.Tests.Issuance;

[Spec("OIDC Core", "§2")]
public sealed class IdTokenTests
{
    [Fact]
    [Spec("OIDC Core", "§3.1.3.7")]
    public async Task An_ID_token_says_who_signed_in_for_which_client_when_and_how()
    {
        await using var room = await TokenRoom.OpenAsync();

        var claims = TokenRoom.ClaimsOf((await room.TokensAsync()).IdToken!);

        Assert.Equal(Build.Issuer, TokenRoom.Text(claims, "iss"));
        Assert.Equal(room.Ana.Subject, TokenRoom.Text(claims, "sub"));
        Assert.Equal("app", TokenRoom.Text(claims, "aud"));
        Assert.Equal(room.Clock.Now.ToUnixTimeSeconds(), claims.GetProperty("iat").GetInt64());
        Assert.Equal(room.Clock.Now.AddHours(1).ToUnixTimeSeconds(), claims.GetProperty("exp").GetInt64());
        Assert.Equal(room.Clock.Now.ToUnixTimeSeconds(), claims.GetProperty("auth_time").GetInt64());
        Assert.Equal("urn:idserver:acr:pwd", TokenRoom.Text(claims, "acr"));
        Assert.Equal("""["pwd"]""", TokenRoom.Text(claims, "amr"));
    }

    [Fact]
    [Spec("OIDC Core", "§3.1.3.6")]
    public async Task It_is_tied_to_its_access_token_by_at_hash()
    {
        await using var room = await TokenRoom.OpenAsync();

        var tokens = await room.TokensAsync();

        var expected = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(tokens.AccessToken)).AsSpan(0, 16));
        Assert.Equal(expected, TokenRoom.Text(TokenRoom.ClaimsOf(tokens.IdToken!), "at_hash"));
    }

    [Fact]
    [Spec("OIDC Registration", "§2")]
    public async Task It_is_signed_with_RS256_unless_the_client_asks_for_ES256()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.Add(m => m with { ClientId = "es256", IdTokenSignedResponseAlg = "ES256" });

        Assert.Equal("RS256", await VerifiedAlgorithmAsync((await room.TokensAsync()).IdToken!));
        Assert.Equal("ES256", await VerifiedAlgorithmAsync((await room.TokensAsync(client: client)).IdToken!));

        async Task<string?> VerifiedAlgorithmAsync(string jwt)
        {
            var rules = new JwtRules { Issuer = Build.Issuer, Audiences = null, Types = ["JWT"], Algorithms = ["RS256", "ES256"] };
            Assert.Equal(JwtFault.None, (await JwtValidator.ValidateAsync(jwt, rules, room.Keys.PublicKeys, room.Clock)).Fault);
            return TokenRoom.Text(TokenRoom.HeaderOf(jwt), "alg");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(384)]
    [Spec("requirement", "13")]
    public async Task The_nonce_is_echoed_byte_for_byte(int length)
    {
        await using var room = await TokenRoom.OpenAsync();
        var nonce = string.Concat(Enumerable.Repeat("<a+b/ñ\"\\&'>", length))[..length];

        var tokens = TokenRoom.Granted(await room.RedeemAsync(await room.CodeAsync(code: c => c with { Nonce = nonce })));

        Assert.Equal(nonce, TokenRoom.Text(TokenRoom.ClaimsOf(tokens.IdToken!), "nonce"));
    }

    [Fact]
    [Spec("requirement", "13")]
    public async Task Without_a_nonce_in_the_request_there_is_none_in_the_ID_token()
    {
        await using var room = await TokenRoom.OpenAsync();

        var tokens = TokenRoom.Granted(await room.RedeemAsync(await room.CodeAsync(code: c => c with { Nonce = null })));

        Assert.Null(TokenRoom.Text(TokenRoom.ClaimsOf(tokens.IdToken!), "nonce"));
    }

    [Fact]
    [Spec("requirement", "47")]
    public async Task It_names_the_session_with_or_without_offline_access()
    {
        await using var room = await TokenRoom.OpenAsync();
        var session = Guid.CreateVersion7(room.Clock.Now);

        Assert.Equal(session.ToString(), await SessionOfAsync("openid"));
        Assert.Equal(session.ToString(), await SessionOfAsync("openid", "offline_access"));

        async Task<string?> SessionOfAsync(params string[] scopes) =>
            TokenRoom.Text(TokenRoom.ClaimsOf((await room.TokensAsync(g => g with { SessionId = session, Scopes = scopes })).IdToken!), "sid");
    }

    [Fact]
    [Spec("OIDC Core", "§5.5"), Spec("requirement", "12")]
    public async Task It_carries_the_claims_asked_for_it_and_none_of_those_asked_for_userinfo()
    {
        await using var room = await TokenRoom.OpenAsync();

        var claims = TokenRoom.ClaimsOf((await room.TokensAsync(g => g with { Claims = """{"userinfo":{"name":null},"id_token":{"email":{"essential":true},"given_name":null,"no_such":null}}""" })).IdToken!);

        Assert.Equal("ana@example.com", TokenRoom.Text(claims, "email"));
        Assert.Equal("Ana", TokenRoom.Text(claims, "given_name"));
        Assert.Null(TokenRoom.Text(claims, "name"));
        Assert.Null(TokenRoom.Text(claims, "no_such"));
    }

    [Fact]
    [Spec("OIDC Core", "§5.4")]
    public async Task Claims_of_scopes_are_left_to_userinfo()
    {
        await using var room = await TokenRoom.OpenAsync();

        var claims = TokenRoom.ClaimsOf((await room.TokensAsync(g => g with { Scopes = ["openid", "profile", "email"] })).IdToken!);

        Assert.Null(TokenRoom.Text(claims, "name"));
        Assert.Null(TokenRoom.Text(claims, "email"));
    }

    [Fact]
    [Spec("requirement", "11")]
    public async Task An_unknown_authentication_context_is_left_out()
    {
        await using var room = await TokenRoom.OpenAsync();

        var claims = TokenRoom.ClaimsOf((await room.TokensAsync(g => g with { Acr = "", Amr = [], AuthTime = null })).IdToken!);

        Assert.All(["acr", "amr", "auth_time"], name => Assert.Null(TokenRoom.Text(claims, name)));
    }

    [Fact]
    [Spec("OIDC Core", "§3.1.2.1")]
    public async Task Without_the_scope_openid_there_is_no_ID_token()
    {
        await using var room = await TokenRoom.OpenAsync();

        Assert.Null((await room.TokensAsync(g => g with { Scopes = ["profile", "articles.read"] })).IdToken);
    }
}
