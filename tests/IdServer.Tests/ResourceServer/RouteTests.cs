using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.ResourceServer;

public sealed class RouteTests : IAsyncLifetime
{
    private static readonly string[] EditorAndAdmin = ["editor", "admin"];
    private static readonly string[] Lookalikes = ["administrator", "Admin", "admin,editor"];

    private TestIssuer issuer = null!;
    private ProtectedApi api = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        api = await ProtectedApi.StartAsync(issuer);
    }

    public async ValueTask DisposeAsync()
    {
        await api.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task An_optional_route_sees_the_caller_when_a_token_is_sent()
    {
        Assert.Equal("""{"name":null}""", (await api.GetAsync("/optional")).Text);
        Assert.Equal("""{"name":"0197-ana"}""", (await api.GetAsync("/optional", issuer.Token())).Text);
    }

    [Fact]
    public async Task An_optional_route_refuses_a_bad_token()
    {
        var expired = issuer.Token(new() { [ClaimNames.Expiration] = issuer.Clock.Now.AddHours(-1).ToUnixTimeSeconds() });

        Assert.Equal((401, "TOKEN_INVALID"), await StatusAndCodeAsync("/optional", "garbage"));
        Assert.Equal((401, "TOKEN_EXPIRED"), await StatusAndCodeAsync("/optional", expired));
    }

    [Fact]
    public async Task An_anonymous_route_does_not_care()
    {
        Assert.Equal("""{"name":null}""", (await api.GetAsync("/open", "garbage")).Text);
        Assert.Equal("""{"name":"0197-ana"}""", (await api.GetAsync("/open", issuer.Token())).Text);
    }

    [Theory]
    [InlineData("/admin")]
    [InlineData("/staff")]
    [InlineData("/framework")]
    [InlineData("/scoped")]
    public async Task A_requirement_without_a_token_is_TOKEN_MISSING(string path) =>
        Assert.Equal((401, "TOKEN_MISSING"), await StatusAndCodeAsync(path, null));

    [Fact]
    public async Task A_role_may_be_a_string_or_one_of_an_array()
    {
        var admin = issuer.Token(new() { [ClaimNames.Rol] = "admin" });
        var several = issuer.Token(new() { [ClaimNames.Rol] = EditorAndAdmin });

        foreach (var path in new[] { "/admin", "/staff", "/framework" })
        {
            Assert.Equal(200, (await api.GetAsync(path, admin)).Status);
            Assert.Equal(200, (await api.GetAsync(path, several)).Status);
        }
    }

    [Theory]
    [InlineData("/admin", "Se requiere el rol 'admin'", "The role 'admin' is required")]
    [InlineData("/framework", "Se requiere el rol 'admin'", "The role 'admin' is required")]
    [InlineData("/staff", "Se requiere uno de los roles 'admin', 'editor'", "One of the roles 'admin', 'editor' is required")]
    public async Task A_missing_role_is_FORBIDDEN_and_named(string path, string spanish, string english)
    {
        var answer = await api.GetAsync(path, issuer.Token());

        Assert.Equal((403, "FORBIDDEN", spanish), (answer.Status, answer.Codigo, answer.Error));
        Assert.Equal(english, (await api.GetAsync(path, issuer.Token(), "en")).Error);
        Assert.Contains("error=\"insufficient_scope\"", answer.Challenge);
    }

    [Fact]
    public async Task A_role_that_only_begins_alike_is_not_the_role() =>
        Assert.Equal((403, "FORBIDDEN"), await StatusAndCodeAsync("/admin", issuer.Token(new() { [ClaimNames.Rol] = Lookalikes })));

    [Fact]
    [Spec("RFC 6750", "§3.1")]
    public async Task A_missing_scope_is_FORBIDDEN_and_named_in_the_challenge()
    {
        var answer = await api.GetAsync("/scoped", issuer.Token());

        Assert.Equal((403, "FORBIDDEN", "El token no tiene el alcance 'api.write'"), (answer.Status, answer.Codigo, answer.Error));
        Assert.EndsWith("error=\"insufficient_scope\", error_description=\"The access token lacks a scope\", scope=\"api.write\"", answer.Challenge);
    }

    [Fact]
    public async Task All_scopes_together_open_the_route() =>
        Assert.Equal(200, (await api.GetAsync("/scoped", issuer.Token(new() { [ClaimNames.Scope] = "api.write openid api" }))).Status);

    [Fact]
    public async Task A_route_may_forbid_by_itself() => Assert.Equal((403, "FORBIDDEN"), await StatusAndCodeAsync("/forbidden", issuer.Token()));

    private async Task<(int Status, string? Codigo)> StatusAndCodeAsync(string path, string? token)
    {
        var answer = await api.GetAsync(path, token);
        return (answer.Status, answer.Codigo);
    }
}
