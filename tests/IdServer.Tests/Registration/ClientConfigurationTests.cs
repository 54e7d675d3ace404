using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Registration;

[Spec("RFC 7592", "§2"), Spec("requirement", "45")]
public sealed class ClientConfigurationTests(RegisteringServer server) : IClassFixture<RegisteringServer>
{
    [Fact]
    [Spec("RFC 7592", "§2.1")]
    public async Task A_registration_is_read_with_its_token_without_the_secret()
    {
        var registered = await server.RegisterAsync(("client_name", "Reader"));

        using var response = await server.ManageAsync(HttpMethod.Get, registered);

        var read = await response.JsonAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        response.AssertNotStored();
        Assert.False(read.TryGetProperty("client_secret", out _));
        Assert.All(
            registered.EnumerateObject().Where(m => m.Name is not ("client_secret" or "client_secret_expires_at" or "client_id_issued_at")),
            member => Assert.Equal(member.Value.GetRawText(), read.GetProperty(member.Name).GetRawText()));
    }

    [Fact]
    [Attack("registration")]
    public async Task Nobody_opens_a_registration_but_with_its_own_token()
    {
        var (mine, theirs) = (await server.RegisterAsync(), await server.RegisterAsync());
        var declared = JsonElement.Parse($$"""{ "registration_client_uri": "{{server.Running.Issuer}}/connect/register?client_id={{Declared.App}}" }""");
        var twice = JsonElement.Parse($$"""{ "registration_client_uri": "{{mine.Text("registration_client_uri")}}&client_id={{theirs.Text("client_id")}}" }""");
        var token = mine.Text("registration_access_token");

        foreach (var target in new[] { theirs, declared, twice })
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete })
            {
                using var response = await server.ManageAsync(method, target, method == HttpMethod.Put ? RegisteringServer.Metadata() : null, token);
                await response.AssertErrorAsync(401, "invalid_token");
                Assert.Contains("error=\"invalid_token\"", response.Headers.WwwAuthenticate.Single().ToString(), StringComparison.Ordinal);
            }
        }

        using var untouched = await server.ManageAsync(HttpMethod.Get, theirs);
        Assert.Equal(HttpStatusCode.OK, untouched.StatusCode);
    }

    [Fact]
    [Spec("RFC 7592", "§2.2")]
    public async Task A_registration_is_replaced_and_keeps_id_secret_and_token()
    {
        var registered = await server.RegisterAsync(("client_name", "Before"), ("contacts", new JsonArray("a@b.example")));
        var (id, secret) = (registered.Text("client_id"), registered.Text("client_secret"));

        using var response = await server.ManageAsync(
            HttpMethod.Put, registered, RegisteringServer.Metadata(("client_id", id), ("client_name", "After"), ("grant_types", new JsonArray("authorization_code", "refresh_token")), ("client_secret", secret)));

        var replaced = await response.JsonAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("After", replaced.Text("client_name"));
        Assert.False(replaced.TryGetProperty("contacts", out _));
        Assert.Equal(secret, replaced.Text("client_secret"));
        Assert.Equal(registered.Text("registration_access_token"), replaced.Text("registration_access_token"));
        Assert.Equal("invalid_grant", await TokenErrorAsync(id, secret));
    }

    [Fact]
    [Spec("RFC 7592", "§2.2")]
    public async Task A_new_method_brings_a_secret_where_it_needs_one_and_takes_it_where_it_does_not()
    {
        var registered = await server.RegisterAsync(("token_endpoint_auth_method", "none"));
        var id = registered.Text("client_id");

        using var withSecret = await server.ManageAsync(HttpMethod.Put, registered, RegisteringServer.Metadata(("client_id", id)));
        var secret = (await withSecret.JsonAsync()).Text("client_secret");
        Assert.Equal("invalid_grant", await TokenErrorAsync(id, secret));

        using var signing = await server.ManageAsync(HttpMethod.Put, registered, RegisteringServer.Metadata(("client_id", id), ("token_endpoint_auth_method", "client_secret_jwt")));
        Assert.NotEqual(secret, (await signing.JsonAsync()).Text("client_secret"));

        using var without = await server.ManageAsync(HttpMethod.Put, registered, RegisteringServer.Metadata(("client_id", id), ("token_endpoint_auth_method", "none")));
        Assert.False((await without.JsonAsync()).TryGetProperty("client_secret", out _));
        Assert.Equal("invalid_client", await TokenErrorAsync(id, secret));
    }

    [Fact]
    [Spec("RFC 7592", "§2.2")]
    [Attack("registration")]
    public async Task Id_and_secret_are_not_the_clients_to_choose()
    {
        var registered = await server.RegisterAsync(("client_name", "Before"));
        var id = registered.Text("client_id");

        foreach (var body in new[]
        {
            RegisteringServer.Metadata(("client_name", "After")),
            RegisteringServer.Metadata(("client_name", "After"), ("client_id", Declared.App)),
            RegisteringServer.Metadata(("client_name", "After"), ("client_id", id), ("client_secret", Declared.Secret)),
            RegisteringServer.Metadata(("client_name", "After"), ("client_id", id), ("grant_types", new JsonArray("password"))),
        })
        {
            using var refused = await server.ManageAsync(HttpMethod.Put, registered, body);
            await refused.AssertErrorAsync(400, "invalid_client_metadata");
        }

        using var response = await server.ManageAsync(HttpMethod.Get, registered);
        Assert.Equal("Before", (await response.JsonAsync()).Text("client_name"));
    }

    [Fact]
    [Spec("RFC 7592", "§2.3")]
    public async Task With_a_registration_ends_everything_of_the_client()
    {
        var registered = await server.RegisterAsync(("grant_types", new JsonArray("authorization_code", "refresh_token")));
        var (id, secret) = (registered.Text("client_id"), registered.Text("client_secret"));
        var tokens = await TokensAsync(id, secret);
        using var before = await server.Running.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(tokens.Text("access_token")));
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        using var removed = await server.ManageAsync(HttpMethod.Delete, registered);

        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var after = await server.Running.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(tokens.Text("access_token")));
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        Assert.Equal("invalid_client", await TokenErrorAsync(id, secret, (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, tokens.Text("refresh_token"))));
        using var gone = await server.ManageAsync(HttpMethod.Get, registered);
        await gone.AssertErrorAsync(401, "invalid_token");
        Assert.DoesNotContain(await server.ClientsAsync(), client => client.ClientId == id);
    }

    private async Task<JsonElement> TokensAsync(string id, string secret)
    {
        using var browser = server.Running.NewBrowser();
        using var person = new Conformance.SuiteBrowser(server.Running, browser);
        await browser.SignInAsync();
        var visit = await person.OpenAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request((Parameters.ClientId, id), (Parameters.Scope, "openid offline_access"))));
        Assert.Contains("id=\"consent-unverified\"", visit.Html, StringComparison.Ordinal);
        visit = await person.LetThePersonAgreeAsync(visit);
        using var response = await server.Running.PostAsync(
            "connect/token", Wire.Basic(id, secret), (Parameters.GrantType, GrantTypes.AuthorizationCode), (Parameters.Code, visit.Answer![Parameters.Code]),
            (Parameters.RedirectUri, Declared.RedirectUri), (Parameters.CodeVerifier, Build.CodeVerifier));
        return await response.JsonAsync();
    }

    private async Task<string> TokenErrorAsync(string id, string secret, params (string Name, string Value)[] form)
    {
        using var response = await server.Running.PostAsync(
            "connect/token", Wire.Basic(id, secret), form is [] ? [(Parameters.GrantType, GrantTypes.AuthorizationCode), (Parameters.Code, "x"), (Parameters.RedirectUri, Declared.RedirectUri), (Parameters.CodeVerifier, Build.CodeVerifier)] : form);
        return (await response.JsonAsync()).Text("error");
    }
}
