using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.ResourceServer;

[Spec("RFC 9728", "§3")]
public sealed class ProtectedResourceMetadataTests : IAsyncLifetime
{
    private const string Address = "/.well-known/oauth-protected-resource";

    private TestIssuer issuer = null!;

    public async ValueTask InitializeAsync() => issuer = await TestIssuer.StartAsync();

    public ValueTask DisposeAsync() => issuer.DisposeAsync();

    [Fact]
    [Spec("RFC 9728", "§2")]
    public async Task The_document_says_what_the_API_is_and_who_issues_its_tokens_to_any_page()
    {
        await using var api = await ProtectedApi.StartAsync(issuer, configure: o => o.Scopes = ["api", "api.write"]);

        var answer = await api.GetAsync(Address);

        Assert.Equal(200, answer.Status);
        Assert.Equal(
            $$"""{"resource":"{{TestIssuer.Audience}}","authorization_servers":["{{issuer.Issuer}}"],"scopes_supported":["api","api.write"],"bearer_methods_supported":["header"],"dpop_signing_alg_values_supported":["ES256","PS256","RS256"],"dpop_bound_access_tokens_required":false}""",
            answer.Text);
        Assert.Equal(("application/json", "public, max-age=300", "*"), (answer.Headers["Content-Type"], answer.Headers["Cache-Control"], answer.Headers["Access-Control-Allow-Origin"]));
    }

    [Fact]
    [Spec("RFC 9728", "§3.1")]
    public async Task The_path_of_the_identifier_follows_the_well_known_one()
    {
        await using var api = await ProtectedApi.StartAsync(issuer, configure: o => o.Audience = "https://example.com/apis/one");

        Assert.Equal("https://example.com/apis/one", (await api.GetAsync(Address + "/apis/one")).Json.GetProperty("resource").GetString());
        Assert.Equal(404, (await api.GetAsync(Address)).Status);
        Assert.Contains("resource_metadata=\"https://example.com/.well-known/oauth-protected-resource/apis/one\"", (await api.GetAsync("/me")).Challenge, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("RFC 9728", "§5.1")]
    public async Task A_401_points_at_the_document_and_a_403_does_not()
    {
        await using var api = await ProtectedApi.StartAsync(issuer);

        Assert.Contains($"resource_metadata=\"{TestIssuer.Audience}{Address}\"", (await api.GetAsync("/me")).Challenge, StringComparison.Ordinal);
        Assert.DoesNotContain("resource_metadata", (await api.GetAsync("/admin", issuer.Token())).Challenge ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("urn:example:api")]
    [InlineData("http://api.example.com")]
    [InlineData("https://api.example.com/#part")]
    [Spec("RFC 9728", "§1.2")]
    public async Task An_identifier_that_is_no_address_has_no_document(string audience)
    {
        await using var api = await ProtectedApi.StartAsync(issuer, configure: o => o.Audience = audience);

        Assert.Equal(404, (await api.GetAsync(Address)).Status);
        Assert.DoesNotContain("resource_metadata", (await api.GetAsync("/me")).Challenge, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_API_for_bound_tokens_only_says_so()
    {
        await using var api = await ProtectedApi.StartAsync(issuer, configure: o => o.RequireDPoP = true);

        Assert.True((await api.GetAsync(Address)).Json.GetProperty("dpop_bound_access_tokens_required").GetBoolean());
    }
}
