using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Jose;
using Xunit;

namespace IdServer.Protocol.Tests.Issuance;

[Spec("RFC 9068", "§2")]
public sealed class AccessTokenTests
{
    [Fact]
    [Spec("RFC 9068", "§2.1"), Spec("RFC 9068", "§4")]
    public async Task An_access_token_passes_the_rules_for_JWT_access_tokens()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();

        var outcome = await JwtValidator.ValidateAsync(tokens.AccessToken, AccessTokenRules.For(Build.Issuer, [Build.ApiIdentifier]), room.Keys.PublicKeys, room.Clock);

        Assert.Equal(JwtFault.None, outcome.Fault);
        Assert.Equal("at+jwt", TokenRoom.Text(TokenRoom.HeaderOf(tokens.AccessToken), "typ"));
    }

    [Fact]
    [Spec("RFC 9068", "§2.2"), Spec("RFC 9068", "§2.2.1")]
    public async Task It_says_who_may_do_what_where_and_until_when()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        var claims = TokenRoom.ClaimsOf(tokens.AccessToken);

        Assert.Equal(Build.Issuer, TokenRoom.Text(claims, "iss"));
        Assert.Equal(room.Ana.Subject, TokenRoom.Text(claims, "sub"));
        Assert.Equal("app", TokenRoom.Text(claims, "client_id"));
        Assert.Equal("openid profile articles.read", TokenRoom.Text(claims, "scope"));
        Assert.Equal(room.Clock.Now.ToUnixTimeSeconds(), claims.GetProperty("iat").GetInt64());
        Assert.Equal(room.Clock.Now.AddHours(1).ToUnixTimeSeconds(), claims.GetProperty("exp").GetInt64());
        Assert.Equal(room.Clock.Now.ToUnixTimeSeconds(), claims.GetProperty("auth_time").GetInt64());
        Assert.Equal("urn:idserver:acr:pwd", TokenRoom.Text(claims, "acr"));
        Assert.Equal("""["pwd"]""", TokenRoom.Text(claims, "amr"));
        Assert.Equal(Assert.Single(room.Stores.RefreshTokens.All).Grant.Id.ToString(), TokenRoom.Text(claims, "gid"));
        Assert.Equal(claims.EnumerateObject().Count(), claims.EnumerateObject().Select(c => c.Name).Distinct().Count());
    }

    [Fact]
    public async Task Its_id_tells_the_time_of_issue_in_milliseconds()
    {
        await using var room = await TokenRoom.OpenAsync();
        room.Clock.Advance(TimeSpan.FromMilliseconds(123));

        var id = TokenRoom.Text(TokenRoom.ClaimsOf((await room.TokensAsync()).AccessToken), "jti")!;

        Assert.True(Guid.TryParseExact(id, "D", out _));
        Assert.Equal(room.Clock.Now.ToUnixTimeMilliseconds(), Convert.ToInt64(id.Replace("-", "", StringComparison.Ordinal)[..12], 16));
    }

    [Theory]
    [InlineData("openid articles.read", $"""["{Build.ApiIdentifier}","{Build.Issuer}"]""")]
    [InlineData("openid", Build.Issuer)]
    [InlineData("profile", Build.Issuer)]
    [InlineData("articles.read articles.write", Build.ApiIdentifier)]
    [InlineData("articles.read reports.read", $"""["{Build.ApiIdentifier}","{TokenRoom.ReportsIdentifier}"]""")]
    [InlineData("reports.read openid articles.read", $"""["{TokenRoom.ReportsIdentifier}","{Build.ApiIdentifier}","{Build.Issuer}"]""")]
    [Spec("RFC 9068", "§3")]
    public async Task Its_audience_is_the_APIs_of_its_scopes_and_this_server_for_openid(string scope, string audience)
    {
        await using var room = await TokenRoom.OpenAsync();

        var tokens = await room.TokensAsync(g => g with { Scopes = scope.Split(' ') });

        Assert.Equal(audience, TokenRoom.Text(TokenRoom.ClaimsOf(tokens.AccessToken), "aud"));
    }

    [Fact]
    [Spec("RFC 9068", "§2.2")]
    public async Task Without_a_person_the_client_is_the_subject_and_nothing_is_said_of_a_person()
    {
        await using var room = await TokenRoom.OpenAsync();

        var claims = TokenRoom.ClaimsOf((await room.ClientTokensAsync()).AccessToken);

        Assert.Equal("machine", TokenRoom.Text(claims, "sub"));
        Assert.Equal(["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope"], claims.EnumerateObject().Select(c => c.Name));
    }

    [Theory]
    [InlineData(new string[0], null)]
    [InlineData(new[] { "admin" }, "admin")]
    [InlineData(new[] { "admin", "editor" }, """["admin","editor"]""")]
    public async Task It_carries_the_roles_as_a_string_or_as_an_array(string[] roles, string? expected)
    {
        await using var room = await TokenRoom.OpenAsync();
        room.Users.Add(room.Ana with { Roles = roles });

        Assert.Equal(expected, TokenRoom.Text(TokenRoom.ClaimsOf((await room.TokensAsync()).AccessToken), "rol"));
    }

    [Fact]
    public async Task It_carries_the_address_and_the_name_of_the_person()
    {
        await using var room = await TokenRoom.OpenAsync();

        var claims = TokenRoom.ClaimsOf((await room.TokensAsync()).AccessToken);

        Assert.Equal("ana@example.com", TokenRoom.Text(claims, "email"));
        Assert.Equal("Ana García", TokenRoom.Text(claims, "nombre"));
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task It_names_the_session_only_when_it_dies_with_it()
    {
        await using var room = await TokenRoom.OpenAsync();
        var session = Guid.CreateVersion7(room.Clock.Now);

        var bound = await room.TokensAsync(g => g with { SessionId = session });
        var offline = await room.TokensAsync(g => g with { SessionId = session, Scopes = ["openid", "offline_access"] });

        Assert.Equal(session.ToString(), TokenRoom.Text(TokenRoom.ClaimsOf(bound.AccessToken), "sid"));
        Assert.Null(TokenRoom.Text(TokenRoom.ClaimsOf(offline.AccessToken), "sid"));
    }

    [Fact]
    public async Task It_is_signed_with_ES256_unless_the_API_or_the_client_asks_for_another_algorithm()
    {
        await using var room = await TokenRoom.OpenAsync();
        var rs256 = room.Add(m => m with { ClientId = "rs256", AccessTokenSignedResponseAlg = "RS256" });
        var es256 = room.Add(m => m with { ClientId = "es256", AccessTokenSignedResponseAlg = "ES256" });

        Assert.Equal("ES256", Algorithm((await room.TokensAsync()).AccessToken));
        Assert.Equal("RS256", Algorithm((await room.TokensAsync(client: rs256)).AccessToken));
        Assert.Equal("RS256", Algorithm((await room.ClientTokensAsync(scope: "reports.read")).AccessToken));
        Assert.Equal("RS256", Algorithm((await room.ClientTokensAsync(scope: "articles.read reports.read")).AccessToken));
        Assert.Equal("ES256", Algorithm((await room.TokensAsync(g => g with { Scopes = ["reports.read"] }, es256)).AccessToken));
    }

    [Fact]
    public async Task A_client_may_have_a_lifetime_of_its_own_up_to_the_longest_of_the_server()
    {
        await using var room = await TokenRoom.OpenAsync();
        var brief = room.Add(m => m with { ClientId = "brief", AccessTokenLifetime = 60, IdTokenLifetime = 120 });
        var endless = room.Add(m => m with { ClientId = "endless", AccessTokenLifetime = 10_000_000, IdTokenLifetime = 10_000_000 });

        var (short_, long_) = (await room.TokensAsync(client: brief), await room.TokensAsync(client: endless));

        Assert.Equal(60, short_.ExpiresIn);
        Assert.Equal(60, Lifetime(short_.AccessToken));
        Assert.Equal(120, Lifetime(short_.IdToken!));
        Assert.Equal(86_400, long_.ExpiresIn);
        Assert.Equal(86_400, Lifetime(long_.AccessToken));
        Assert.Equal(86_400, Lifetime(long_.IdToken!));
    }

    [Fact]
    [Spec("OIDC Core", "§5.5"), Spec("requirement", "12")]
    public async Task It_remembers_which_claims_were_asked_for_userinfo()
    {
        await using var room = await TokenRoom.OpenAsync();

        var tokens = await room.TokensAsync(g => g with { Claims = """{"userinfo":{"phone_number":null,"given_name":{"essential":true}},"id_token":{"nickname":null}}""" });

        Assert.Equal(["given_name", "phone_number"], TokenRoom.ClaimsOf(tokens.AccessToken).GetProperty("userinfo_claims").EnumerateArray().Select(c => c.GetString()!).Order());
    }

    [Fact]
    public async Task A_person_without_an_email_address_has_no_such_claim()
    {
        await using var room = await TokenRoom.OpenAsync();
        room.Users.Add(room.Ana with { Email = null, Name = null });

        var claims = TokenRoom.ClaimsOf((await room.TokensAsync()).AccessToken);

        Assert.Null(TokenRoom.Text(claims, "email"));
        Assert.Equal("ana", TokenRoom.Text(claims, "nombre"));
    }

    private static string? Algorithm(string jwt) => TokenRoom.Text(TokenRoom.HeaderOf(jwt), "alg");

    private static long Lifetime(string jwt)
    {
        var claims = TokenRoom.ClaimsOf(jwt);
        return claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64();
    }
}
