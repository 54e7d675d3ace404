using System.Net;
using System.Text;
using IdServer.ResourceServer;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.ResourceServer;

public sealed class IntrospectionTests : IAsyncLifetime
{
    private TestIssuer issuer = null!;

    public async ValueTask InitializeAsync() => issuer = await TestIssuer.StartAsync();

    public ValueTask DisposeAsync() => issuer.DisposeAsync();

    [Theory]
    [InlineData(TokenValidation.Both)]
    [InlineData(TokenValidation.Introspection)]
    [Spec("RFC 7662", "§2.2")]
    public async Task A_revoked_token_is_refused_on_the_very_next_call(TokenValidation validation)
    {
        await using var api = await ProtectedApi.StartAsync(issuer, validation);
        var token = issuer.Token();
        Assert.Equal(200, (await api.GetAsync("/me", token)).Status);

        issuer.Revoked[token] = true;
        var answer = await api.GetAsync("/me", token);

        Assert.Equal((401, "TOKEN_REVOKED", "Token revocado"), (answer.Status, answer.Codigo, answer.Error));
        Assert.Contains("error=\"invalid_token\"", answer.Challenge);
    }

    [Theory]
    [InlineData(TokenValidation.Both)]
    [InlineData(TokenValidation.Introspection)]
    public async Task An_expired_token_is_still_told_from_a_revoked_one(TokenValidation validation)
    {
        await using var api = await ProtectedApi.StartAsync(issuer, validation);
        var token = issuer.Token();
        issuer.Clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal("TOKEN_EXPIRED", (await api.GetAsync("/me", token)).Codigo);
        Assert.Equal("TOKEN_INVALID", (await api.GetAsync("/me", "unknown")).Codigo);
    }

    [Fact]
    public async Task Nothing_forged_reaches_the_issuer_when_both_are_asked()
    {
        await using var api = await ProtectedApi.StartAsync(issuer, TokenValidation.Both);

        Assert.Equal("TOKEN_INVALID", (await api.GetAsync("/me", issuer.Token(new() { [ClaimNames.Audience] = "https://other.example.com" }))).Codigo);
        Assert.Empty(issuer.IntrospectionAuthorizations);
    }

    [Fact]
    public async Task Both_adds_what_only_the_issuer_tells()
    {
        await using var api = await ProtectedApi.StartAsync(issuer, TokenValidation.Both);

        var caller = (await api.GetAsync("/me", issuer.Token())).Json;

        Assert.Equal("ana", caller.GetProperty("username")[0].GetString());
        Assert.Equal(1, caller.GetProperty("sub").GetArrayLength());
        Assert.False(caller.TryGetProperty("active", out _));
    }

    [Fact]
    public async Task An_opaque_token_is_believed_when_the_issuer_says_so()
    {
        await using var api = await ProtectedApi.StartAsync(issuer, TokenValidation.Introspection);
        issuer.Opaque["opaque-1"] = new { active = true, aud = TestIssuer.Audience, sub = "luis", rol = new[] { "admin", "editor" }, scope = "api" };

        Assert.Equal(200, (await api.GetAsync("/admin", "opaque-1")).Status);
        Assert.Equal("luis", (await api.GetAsync("/me", "opaque-1")).Json.GetProperty("sub")[0].GetString());
    }

    [Fact]
    [Spec("RFC 7662", "§4")]
    public async Task What_is_active_but_not_for_this_api_is_refused()
    {
        await using var api = await ProtectedApi.StartAsync(issuer, TokenValidation.Introspection);
        issuer.Opaque["refresh"] = new { active = true, sub = "luis" };
        issuer.Opaque["other-type"] = new { active = true, sub = "luis", aud = TestIssuer.Audience, token_type = "refresh_token" };
        issuer.Opaque["other-audience"] = new { active = true, sub = "luis", aud = "https://other.example.com" };
        issuer.Opaque["other-issuer"] = new { active = true, sub = "luis", aud = TestIssuer.Audience, iss = "https://other.example.com" };
        issuer.Opaque["old"] = new { active = true, sub = "luis", aud = TestIssuer.Audience, exp = issuer.Clock.Now.AddMinutes(-1).ToUnixTimeSeconds() };

        Assert.Equal("TOKEN_INVALID", (await api.GetAsync("/me", "refresh")).Codigo);
        Assert.Equal("TOKEN_INVALID", (await api.GetAsync("/me", "other-type")).Codigo);
        Assert.Equal("TOKEN_INVALID", (await api.GetAsync("/me", "other-audience")).Codigo);
        Assert.Equal("TOKEN_INVALID", (await api.GetAsync("/me", "other-issuer")).Codigo);
        Assert.Equal("TOKEN_EXPIRED", (await api.GetAsync("/me", "old")).Codigo);
    }

    [Fact]
    public async Task An_answer_is_reused_as_long_as_the_options_say()
    {
        await using var api = await ProtectedApi.StartAsync(issuer, TokenValidation.Both, o => o.IntrospectionCache = TimeSpan.FromSeconds(5));
        var token = issuer.Token();
        Assert.Equal(200, (await api.GetAsync("/me", token)).Status);
        issuer.Revoked[token] = true;

        issuer.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(200, (await api.GetAsync("/me", token)).Status);
        Assert.Single(issuer.IntrospectionAuthorizations);

        issuer.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("TOKEN_REVOKED", (await api.GetAsync("/me", token)).Codigo);
    }

    [Fact]
    [Spec("RFC 6749", "§2.3.1")]
    public async Task Credentials_are_form_urlencoded_before_base64()
    {
        await using var api = await ProtectedApi.StartAsync(issuer, TokenValidation.Both);
        await api.GetAsync("/me", issuer.Token());

        Assert.True(issuer.IntrospectionAuthorizations.TryDequeue(out var header));
        var halves = Encoding.ASCII.GetString(Convert.FromBase64String(header["Basic ".Length..])).Split(':');
        Assert.Equal(["my api", "s3cret:+%&ñ"], halves.Select(WebUtility.UrlDecode));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(500)]
    [InlineData(302)]
    public async Task An_issuer_that_will_not_say_means_503(int status)
    {
        await using var api = await ProtectedApi.StartAsync(issuer, TokenValidation.Both);
        issuer.IntrospectionStatus = status;

        var answer = await api.GetAsync("/optional", issuer.Token(), "en");

        Assert.Equal((503, "ISSUER_UNAVAILABLE"), (answer.Status, answer.Codigo));
        Assert.Equal("The token cannot be checked right now: try again in a few seconds", answer.Error);
        Assert.Equal("5", answer.Headers["Retry-After"]);
    }

    [Fact]
    public async Task An_issuer_that_goes_down_means_503_and_its_return_200()
    {
        await using var api = await ProtectedApi.StartAsync(issuer, TokenValidation.Both);
        var token = issuer.Token();
        Assert.Equal(200, (await api.GetAsync("/me", token)).Status);

        issuer.Down = true;
        Assert.Equal(503, (await api.GetAsync("/me", token)).Status);

        issuer.Down = false;
        Assert.Equal(200, (await api.GetAsync("/me", token)).Status);
    }
}
