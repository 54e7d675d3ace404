using System.Net;
using System.Text;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Routes;

public sealed class TokenRouteTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Path = "connect/token";

    [Fact]
    [Spec("RFC 6749", "§4.1.3")]
    [Spec("requirement", "26")]
    public async Task A_code_yields_tokens_that_no_cache_keeps()
    {
        using var browser = server.NewBrowser();
        using var response = await server.RedeemAsync(await browser.CodeAsync());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        response.AssertNotStored();
        var body = await response.JsonAsync();
        Assert.Equal("Bearer", body.Text(Parameters.TokenType));
        Assert.Equal(3600, body.GetProperty(Parameters.ExpiresIn).GetInt64());
        Assert.Equal("openid profile email offline_access articles.read", body.Text(Parameters.Scope));
        Assert.Equal(3, body.Text(Parameters.AccessToken).Split('.').Length);
        Assert.Equal(3, body.Text(Parameters.IdToken).Split('.').Length);
        Assert.NotEmpty(body.Text(Parameters.RefreshToken));
    }

    [Fact]
    [Spec("requirement", "28")]
    public async Task A_code_used_twice_is_invalid_grant_and_its_tokens_die()
    {
        using var browser = server.NewBrowser();
        var code = await browser.CodeAsync();
        using var first = await server.RedeemAsync(code);
        var tokens = await first.JsonAsync();

        using var second = await server.RedeemAsync(code);

        await second.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        using var refresh = await server.RefreshAsync(tokens.Text(Parameters.RefreshToken));
        await refresh.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        using var userInfo = await server.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(tokens.Text(Parameters.AccessToken)));
        Assert.Equal(HttpStatusCode.Unauthorized, userInfo.StatusCode);
    }

    [Fact]
    [Spec("requirement", "27")]
    [Spec("requirement", "50")]
    public async Task A_code_lives_for_60_seconds_and_an_access_token_for_an_hour()
    {
        var clock = new ManualClock();
        await using var timed = await RunningServer.StartAsync(new RunningServer { Clock = clock });
        using var browser = timed.NewBrowser();
        var late = await browser.CodeAsync();
        clock.Advance(TimeSpan.FromSeconds(60));
        using var refused = await timed.RedeemAsync(late);
        await refused.AssertErrorAsync(400, ErrorCodes.InvalidGrant);

        var token = (await timed.TokensAsync()).Text(Parameters.AccessToken);
        clock.Advance(TimeSpan.FromMinutes(59));
        using var living = await timed.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(token));
        clock.Advance(TimeSpan.FromMinutes(2));
        using var dead = await timed.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(token));

        Assert.Equal(HttpStatusCode.OK, living.StatusCode);
        await dead.AssertErrorAsync(401, ErrorCodes.InvalidToken);
    }

    [Fact]
    [Spec("RFC 6749", "§6")]
    public async Task A_refresh_token_yields_new_tokens()
    {
        var tokens = await server.TokensAsync();

        using var response = await server.RefreshAsync(tokens.Text(Parameters.RefreshToken));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        response.AssertNotStored();
        var body = await response.JsonAsync();
        Assert.NotEqual(tokens.Text(Parameters.RefreshToken), body.Text(Parameters.RefreshToken));
        Assert.NotEqual(tokens.Text(Parameters.AccessToken), body.Text(Parameters.AccessToken));
    }

    [Fact]
    [Spec("RFC 6749", "§4.4")]
    [Spec("requirement", "35")]
    public async Task Client_credentials_yield_an_access_token_alone()
    {
        using var response = await server.PostAsync(
            Path, null, (Parameters.GrantType, GrantTypes.ClientCredentials), (Parameters.ClientId, Declared.Machine), (Parameters.ClientSecret, Declared.Secret));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await response.JsonAsync();
        Assert.Equal(["access_token", "expires_in", "scope", "token_type"], body.EnumerateObject().Select(m => m.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    [Spec("RFC 6749", "§4.3")]
    public async Task A_password_yields_tokens_to_a_client_that_may_ask_for_it()
    {
        using var response = await PasswordAsync(Declared.Password);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEmpty((await response.JsonAsync()).Text(Parameters.RefreshToken));
    }

    [Fact]
    [Spec("RFC 6749", "§5.2")]
    public async Task A_wrong_password_is_invalid_grant()
    {
        using var response = await PasswordAsync("not the password");

        await response.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
    }

    [Fact]
    [Spec("RFC 6749", "§5.2")]
    public async Task A_client_that_may_not_use_the_grant_is_unauthorized()
    {
        using var response = await server.PostAsync(
            Path, Wire.Basic(Declared.App), (Parameters.GrantType, GrantTypes.Password), (Parameters.Username, Declared.User), (Parameters.Password, Declared.Password));

        await response.AssertErrorAsync(400, ErrorCodes.UnauthorizedClient);
    }

    [Theory]
    [InlineData("nobody", Declared.Secret)]
    [InlineData(Declared.App, "a-wrong-secret-of-enough-characters-0123456789")]
    [Spec("RFC 6749", "§5.2")]
    [Spec("requirement", "26")]
    public async Task A_failed_basic_authentication_is_401_with_a_challenge(string clientId, string secret)
    {
        using var response = await server.PostAsync(Path, Wire.Basic(clientId, secret), (Parameters.GrantType, GrantTypes.ClientCredentials));

        await response.AssertErrorAsync(401, ErrorCodes.InvalidClient);
        Assert.Equal("Basic", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
    }

    [Fact]
    [Spec("RFC 6749", "§5.2")]
    public async Task A_failed_authentication_in_the_body_is_401_without_a_challenge()
    {
        using var response = await server.PostAsync(
            Path, null, (Parameters.GrantType, GrantTypes.ClientCredentials), (Parameters.ClientId, Declared.Machine), (Parameters.ClientSecret, "wrong"));

        await response.AssertErrorAsync(401, ErrorCodes.InvalidClient);
        Assert.Empty(response.Headers.WwwAuthenticate);
    }

    [Fact]
    [Spec("requirement", "25")]
    public async Task Two_authentication_methods_at_once_are_refused()
    {
        using var response = await server.PostAsync(
            Path, Wire.Basic(Declared.App), (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, "x"), (Parameters.ClientId, Declared.App), (Parameters.ClientSecret, Declared.Secret));

        await response.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
    }

    [Fact]
    [Spec("RFC 6749", "§5.2")]
    public async Task An_unknown_grant_type_is_unsupported()
    {
        using var response = await server.PostAsync(Path, Wire.Basic(Declared.App), (Parameters.GrantType, "urn:example:other"));

        await response.AssertErrorAsync(400, ErrorCodes.UnsupportedGrantType);
    }

    [Fact]
    [Spec("requirement", "25")]
    public async Task Get_is_405()
    {
        using var response = await server.SendAsync(HttpMethod.Get, Path);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Fact]
    [Spec("RFC 6749", "§3.2")]
    public async Task A_charset_of_utf8_is_welcome()
    {
        using var body = new StringContent("grant_type=urn%3Aother", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var response = await server.SendAsync(HttpMethod.Post, Path, Wire.Basic(Declared.App), body);

        await response.AssertErrorAsync(400, ErrorCodes.UnsupportedGrantType);
    }

    private Task<HttpResponseMessage> PasswordAsync(string password) => server.PostAsync(
        Path, Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), (Parameters.Username, Declared.User), (Parameters.Password, password), (Parameters.Scope, "openid offline_access"));
}
