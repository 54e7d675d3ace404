using System.Net;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Routes;

public sealed class DiscoveryRouteTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string OpenIdConfiguration = ".well-known/openid-configuration";
    private const string ServerMetadata = ".well-known/oauth-authorization-server";
    private const string Jwks = ".well-known/jwks.json";

    [Fact]
    [Spec("requirement", "42")]
    public async Task Both_well_known_names_give_the_same_document_with_the_exact_issuer()
    {
        using var openId = await server.SendAsync(HttpMethod.Get, OpenIdConfiguration);
        using var oauth = await server.SendAsync(HttpMethod.Get, ServerMetadata);

        Assert.Equal(HttpStatusCode.OK, openId.StatusCode);
        var document = await openId.JsonAsync();
        Assert.Equal(document.GetRawText(), (await oauth.JsonAsync()).GetRawText());
        Assert.Equal(server.Issuer, document.Text("issuer"));
    }

    [Fact]
    [Spec("requirement", "42")]
    public async Task Every_endpoint_that_discovery_names_is_there()
    {
        using var response = await server.SendAsync(HttpMethod.Get, OpenIdConfiguration);
        var endpoints = (await response.JsonAsync()).EnumerateObject()
            .Where(member => member.Name.EndsWith("_endpoint", StringComparison.Ordinal) || member.Name == "jwks_uri")
            .Select(member => member.Value.GetString()!).ToArray();

        Assert.Equal(9, endpoints.Length);
        foreach (var endpoint in endpoints)
        {
            Assert.StartsWith(server.Issuer, endpoint, StringComparison.Ordinal);
            using var answer = await server.SendAsync(HttpMethod.Get, endpoint);
            Assert.NotEqual(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    [Spec("requirement", "43")]
    public async Task The_key_set_holds_public_members_only_and_distinct_ids()
    {
        using var response = await server.SendAsync(HttpMethod.Get, Jwks);
        var keys = (await response.JsonAsync()).GetProperty("keys").EnumerateArray().ToArray();

        Assert.Equal(["ES256", "RS256"], keys.Select(k => k.Text("alg")).Order(StringComparer.Ordinal));
        Assert.Equal(keys.Length, keys.Select(k => k.Text("kid")).Distinct(StringComparer.Ordinal).Count());
        string[] allowed = ["kty", "use", "alg", "kid", "crv", "x", "y", "n", "e"];
        Assert.All(keys.SelectMany(k => k.EnumerateObject()), member => Assert.Contains(member.Name, allowed));
        Assert.All(keys, k => Assert.Equal("sig", k.Text("use")));
    }

    [Theory]
    [InlineData(OpenIdConfiguration)]
    [InlineData(ServerMetadata)]
    [InlineData(Jwks)]
    [Spec("requirement", "42")]
    [Spec("requirement", "44")]
    public async Task Documents_are_cacheable_and_open_to_every_origin(string path)
    {
        using var response = await server.SendAsync(HttpMethod.Get, path, headers: ("Origin", "https://elsewhere.example"));

        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("max-age=300, public", string.Join(", ", response.Headers.CacheControl!.ToString().Split(", ").Order(StringComparer.Ordinal)));
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
        Assert.False(response.Headers.Contains("Server"));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Theory]
    [InlineData(OpenIdConfiguration)]
    [InlineData(Jwks)]
    [Spec("RFC 9110", "§13.1.2")]
    public async Task Who_has_the_document_already_gets_304(string path)
    {
        using var first = await server.SendAsync(HttpMethod.Get, path);
        var tag = first.Headers.ETag!.ToString();

        using var same = await server.SendAsync(HttpMethod.Get, path, headers: ("If-None-Match", $"\"other\", {tag}"));
        using var other = await server.SendAsync(HttpMethod.Get, path, headers: ("If-None-Match", "\"other\""));

        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(tag, same.Headers.ETag?.ToString());
        Assert.Empty(await same.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    [Spec("RFC 9110", "§9.3.2")]
    public async Task Head_answers_like_get_without_the_body()
    {
        using var get = await server.SendAsync(HttpMethod.Get, Jwks);
        using var head = await server.SendAsync(HttpMethod.Head, Jwks);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
    }

    [Fact]
    [Spec("RFC 9110", "§15.5.6")]
    public async Task Another_method_is_405_and_says_which_are_allowed()
    {
        using var response = await server.SendAsync(HttpMethod.Post, OpenIdConfiguration);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
    }

    [Fact]
    [Spec("RFC 8414", "§3.1")]
    [Spec("requirement", "42")]
    public async Task An_issuer_with_a_path_answers_at_the_inserted_and_the_appended_address()
    {
        await using var tenant = await RunningServer.StartAsync(new RunningServer { IssuerPath = "/tenants/one" });
        foreach (var address in new[]
        {
            $"{tenant.Origin}/.well-known/oauth-authorization-server/tenants/one",
            $"{tenant.Origin}/.well-known/openid-configuration/tenants/one",
            $"{tenant.Issuer}/.well-known/openid-configuration",
            $"{tenant.Issuer}/.well-known/oauth-authorization-server",
        })
        {
            using var response = await tenant.SendAsync(HttpMethod.Get, address);
            Assert.Equal(tenant.Issuer, (await response.JsonAsync()).Text("issuer"));
        }

        using var browser = tenant.NewBrowser();
        using var login = await browser.AuthorizeAsync();
        Assert.StartsWith("/tenants/one/account/login?interaction=", login.Headers.Location?.ToString(), StringComparison.Ordinal);
    }
}
