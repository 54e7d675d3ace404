using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Routes;

/// <summary>Answers that a client asked for as JWT, on the wire.</summary>
public sealed class SignedAnswersTests(SignedAnswersTests.Server server) : IClassFixture<SignedAnswersTests.Server>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("OIDC Core", "§5.3.2"), Spec("requirement", "41")]
    public async Task Signed_userinfo_comes_as_application_jwt()
    {
        using var granted = await server.Running.PostAsync("connect/token", Wire.Basic("signed"), (Parameters.GrantType, "password"), (Parameters.Username, Declared.User), (Parameters.Password, Declared.Password), (Parameters.Scope, "openid"));
        var token = (await granted.JsonAsync()).Text(Parameters.AccessToken);

        using var response = await server.Running.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(token));

        Assert.Equal("application/jwt", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(3, (await response.Content.ReadAsStringAsync(Ct)).Split('.').Length);
        response.AssertNotStored();
    }

    [Theory]
    [Spec("RFC 9701", "§4")]
    [InlineData("application/token-introspection+jwt", "application/token-introspection+jwt")]
    [InlineData("application/json;q=0.5, application/token-introspection+jwt", "application/token-introspection+jwt")]
    [InlineData("application/json", "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData(null, "application/json")]
    public async Task Introspection_answers_in_the_form_that_is_asked_for_by_name(string? accept, string expected)
    {
        var form = new FormUrlEncodedContent([KeyValuePair.Create(Parameters.Token, "nonsense")]);
        using var response = accept is null
            ? await server.Running.SendAsync(HttpMethod.Post, "connect/introspect", Wire.Basic(Declared.Api), form)
            : await server.Running.SendAsync(HttpMethod.Post, "connect/introspect", Wire.Basic(Declared.Api), form, ("Accept", accept));

        Assert.Equal((200, expected), ((int)response.StatusCode, response.Content.Headers.ContentType?.ToString()));
        response.AssertNotStored();
    }

    public sealed class Server : IAsyncLifetime
    {
        public RunningServer Running { get; } = new()
        {
            Settings = new Dictionary<string, string?>
            {
                ["IdServer:Clients:6:client_id"] = "signed",
                ["IdServer:Clients:6:client_secret"] = Declared.Secret,
                ["IdServer:Clients:6:grant_types:0"] = "password",
                ["IdServer:Clients:6:scope"] = "openid",
                ["IdServer:Clients:6:userinfo_signed_response_alg"] = "RS256",
            },
        };

        public ValueTask InitializeAsync() => Running.InitializeAsync();

        public ValueTask DisposeAsync() => Running.DisposeAsync();
    }
}
