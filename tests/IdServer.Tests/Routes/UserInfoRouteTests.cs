using System.Net;
using System.Text;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Routes;

public sealed class UserInfoRouteTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Path = "connect/userinfo";

    [Fact]
    [Spec("requirement", "41")]
    public async Task Get_and_both_kinds_of_post_give_the_same_claims()
    {
        var token = (await server.TokensAsync()).Text(Parameters.AccessToken);

        using var get = await server.SendAsync(HttpMethod.Get, Path, Wire.Bearer(token));
        using var postHeader = await server.SendAsync(HttpMethod.Post, Path, Wire.Bearer(token));
        using var postHeaderAndOtherBody = await server.SendAsync(HttpMethod.Post, Path, Wire.Bearer(token), new StringContent("{}", Encoding.UTF8, "application/json"));
        using var postBody = await server.PostAsync(Path, null, (Parameters.AccessToken, token));

        var claims = await get.JsonAsync();
        Assert.Equal("ana", claims.Text(ClaimNames.PreferredUsername));
        Assert.True(claims.GetProperty(ClaimNames.EmailVerified).GetBoolean());
        Assert.Equal(await server.SubjectOfAsync(Declared.User), claims.Text(ClaimNames.Subject));
        get.AssertNotStored();
        Assert.NotNull(get.Headers.Date);
        foreach (var other in new[] { postHeader, postHeaderAndOtherBody, postBody })
        {
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);
            Assert.Equal(claims.GetRawText(), (await other.JsonAsync()).GetRawText());
        }
    }

    [Fact]
    [Spec("RFC 6750", "§3.1")]
    public async Task A_request_without_a_token_is_challenged_without_an_error_code()
    {
        using var response = await server.SendAsync(HttpMethod.Get, Path);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(["Bearer", "DPoP"], response.Headers.WwwAuthenticate.Select(c => c.Scheme)); // RFC 9449 §7.2
        Assert.All(response.Headers.WwwAuthenticate, challenge => Assert.DoesNotContain("error", challenge.Parameter!, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.")]
    [Spec("RFC 6750", "§3.1")]
    public async Task A_token_that_is_none_is_invalid_token(string token)
    {
        using var response = await server.SendAsync(HttpMethod.Get, Path, Wire.Bearer(token));

        await response.AssertErrorAsync(401, ErrorCodes.InvalidToken);
        Assert.Contains("error=\"invalid_token\"", response.Headers.WwwAuthenticate.First(c => c.Scheme == "Bearer").Parameter!, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "28")]
    public async Task A_revoked_token_is_refused_at_once()
    {
        var token = (await server.TokensAsync()).Text(Parameters.AccessToken);
        using var revoked = await server.PostAsync("connect/revocation", Wire.Basic(Declared.App), (Parameters.Token, token));
        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);

        using var response = await server.SendAsync(HttpMethod.Get, Path, Wire.Bearer(token));

        await response.AssertErrorAsync(401, ErrorCodes.InvalidToken);
    }

    [Fact]
    [Spec("RFC 6750", "§2.3")]
    [Spec("requirement", "41")]
    public async Task A_token_in_the_query_is_refused_although_it_is_good()
    {
        var token = (await server.TokensAsync()).Text(Parameters.AccessToken);

        using var response = await server.SendAsync(HttpMethod.Get, $"{Path}?access_token={token}");

        await response.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
        Assert.Contains("error=\"invalid_request\"", Assert.Single(response.Headers.WwwAuthenticate).Parameter!, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("RFC 6750", "§2")]
    public async Task Two_ways_to_send_a_token_at_once_are_invalid_request()
    {
        var token = (await server.TokensAsync()).Text(Parameters.AccessToken);

        using var response = await server.PostAsync(Path, Wire.Bearer(token), (Parameters.AccessToken, token));

        await response.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
    }

    [Fact]
    [Spec("RFC 6750", "§3.1")]
    public async Task A_token_without_openid_is_insufficient_scope()
    {
        var token = (await server.TokensAsync((Parameters.Scope, "articles.read"))).Text(Parameters.AccessToken);

        using var response = await server.SendAsync(HttpMethod.Get, Path, Wire.Bearer(token));

        await response.AssertErrorAsync(403, ErrorCodes.InsufficientScope);
        Assert.Contains("scope=\"openid\"", Assert.Single(response.Headers.WwwAuthenticate).Parameter!, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "2")]
    public async Task A_broken_or_repeated_form_is_invalid_request()
    {
        foreach (var body in new[] { "access_token=a&access_token=b", "access_token=%FF" })
        {
            using var response = await server.SendAsync(HttpMethod.Post, Path, body: new StringContent(body, Encoding.ASCII, "application/x-www-form-urlencoded"));
            await response.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
        }
    }
}
