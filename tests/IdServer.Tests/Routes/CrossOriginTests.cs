using System.Net;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Routes;

[Spec("requirement", "44")]
public sealed class CrossOriginTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Theory]
    [InlineData("connect/token", "POST")]
    [InlineData("connect/par", "POST")]
    [InlineData("connect/revocation", "POST")]
    [InlineData("connect/deviceauthorization", "POST")]
    [InlineData("connect/userinfo", "GET, POST")]
    [InlineData(".well-known/openid-configuration", "GET, HEAD")]
    [InlineData(".well-known/jwks.json", "GET, HEAD")]
    public async Task A_preflight_from_any_origin_is_answered_without_credentials(string path, string methods)
    {
        using var response = await PreflightAsync(path);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal(methods, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Methods")));
        Assert.Equal("Authorization, Content-Type, DPoP", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData("connect/authorize")]
    [InlineData("connect/endsession")]
    [InlineData("connect/introspect")]
    [InlineData("account/login")]
    [InlineData("device")]
    public async Task Scripts_of_other_origins_stay_out_of_the_rest(string path)
    {
        using var preflight = await PreflightAsync(path);
        using var get = await server.SendAsync(HttpMethod.Get, path, headers: ("Origin", "https://elsewhere.example"));

        Assert.DoesNotContain(preflight.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(get.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_script_may_read_the_challenge_of_an_error()
    {
        using var response = await server.SendAsync(HttpMethod.Get, "connect/userinfo", headers: ("Origin", "https://elsewhere.example"));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains("WWW-Authenticate", Assert.Single(response.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
        Assert.Contains("DPoP-Nonce", Assert.Single(response.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> PreflightAsync(string path) => server.SendAsync(
        HttpMethod.Options, path, headers: [("Origin", "https://elsewhere.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization")]);
}
