using System.Net;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Routes;

public sealed class RevocationAndIntrospectionRouteTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    [Spec("RFC 7662", "§2.2")]
    public async Task The_api_learns_what_a_living_token_says()
    {
        var tokens = await server.TokensAsync();

        using var response = await IntrospectAsync(tokens.Text(Parameters.AccessToken));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        response.AssertNotStored();
        var body = await response.JsonAsync();
        Assert.True(body.GetProperty(ClaimNames.Active).GetBoolean());
        Assert.Equal(Declared.App, body.Text(ClaimNames.ClientId));
        Assert.Equal(server.Issuer, body.Text(ClaimNames.Issuer));
        Assert.Equal(await server.SubjectOfAsync(Declared.User), body.Text(ClaimNames.Subject));
    }

    [Theory]
    [InlineData(Parameters.AccessToken)]
    [InlineData(Parameters.RefreshToken)]
    [Spec("RFC 7009", "§2.1")]
    [Spec("requirement", "48")]
    public async Task Revoking_either_token_makes_the_access_token_inactive(string which)
    {
        var tokens = await server.TokensAsync();

        using var revocation = await server.PostAsync("connect/revocation", Wire.Basic(Declared.App), (Parameters.Token, tokens.Text(which)));

        Assert.Equal(HttpStatusCode.OK, revocation.StatusCode);
        Assert.Equal(0, revocation.Content.Headers.ContentLength);
        revocation.AssertNotStored();
        using var introspection = await IntrospectAsync(tokens.Text(Parameters.AccessToken));
        Assert.Equal("""{"active":false}""", (await introspection.JsonAsync()).GetRawText());
    }

    [Fact]
    [Spec("RFC 7009", "§2.2")]
    public async Task Revoking_what_is_unknown_is_200()
    {
        using var response = await server.PostAsync("connect/revocation", Wire.Basic(Declared.App), (Parameters.Token, "nothing"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    [Spec("RFC 7009", "§2.1")]
    public async Task Another_clients_token_stays_alive()
    {
        var tokens = await server.TokensAsync();

        using var revocation = await server.PostAsync("connect/revocation", Wire.Basic(Declared.Trusted), (Parameters.Token, tokens.Text(Parameters.RefreshToken)));

        using var introspection = await IntrospectAsync(tokens.Text(Parameters.AccessToken));
        Assert.True((await introspection.JsonAsync()).GetProperty(ClaimNames.Active).GetBoolean());
    }

    [Theory]
    [InlineData("connect/introspect")]
    [InlineData("connect/revocation")]
    public async Task A_missing_token_is_invalid_request(string path)
    {
        using var response = await server.PostAsync(path, Wire.Basic(Declared.App));

        await response.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
    }

    [Theory]
    [InlineData("connect/introspect")]
    [InlineData("connect/revocation")]
    public async Task Get_is_405(string path)
    {
        using var response = await server.SendAsync(HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("connect/introspect")]
    [InlineData("connect/revocation")]
    public async Task A_failed_authentication_is_401_with_a_challenge(string path)
    {
        using var response = await server.PostAsync(path, Wire.Basic(Declared.App, "wrong"), (Parameters.Token, "x"));

        await response.AssertErrorAsync(401, ErrorCodes.InvalidClient);
        Assert.Equal("Basic", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
    }

    private Task<HttpResponseMessage> IntrospectAsync(string token) => server.PostAsync("connect/introspect", Wire.Basic(Declared.Api), (Parameters.Token, token));
}
