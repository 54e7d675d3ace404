using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.ResourceServer;

public sealed class BearerErrorsTests : IAsyncLifetime
{
    // RFC 9449 §7.2: the other scheme that would do.
    private const string WithProof = $"{Metadata}, DPoP realm=\"{TestIssuer.Audience}\"{Metadata}, algs=\"ES256 PS256 RS256\"";

    // RFC 9728 §5.1
    private const string Metadata = $", resource_metadata=\"{TestIssuer.Audience}/.well-known/oauth-protected-resource\"";

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
    [Spec("RFC 6750", "§3")]
    public async Task Without_a_token_the_challenge_names_no_error()
    {
        var answer = await api.GetAsync("/me");

        Assert.Equal(401, answer.Status);
        Assert.Equal("""{"error":"Token de autorización requerido","codigo":"TOKEN_MISSING"}""", answer.Text);
        Assert.Equal($"Bearer realm=\"{TestIssuer.Audience}\"{WithProof}", answer.Challenge);
    }

    [Fact]
    [Spec("RFC 6750", "§3")]
    public async Task A_bad_token_is_named_in_challenge_and_body()
    {
        var answer = await api.GetAsync("/me", "garbage");

        Assert.Equal("""{"error":"Token inválido","codigo":"TOKEN_INVALID","detalle":"No es un token de este servidor de identidad"}""", answer.Text);
        Assert.Equal($"Bearer realm=\"{TestIssuer.Audience}\", error=\"invalid_token\", error_description=\"It is not a token of this issuer\"{WithProof}", answer.Challenge);
    }

    [Fact]
    public async Task An_error_is_json_that_no_cache_keeps()
    {
        var answer = await api.GetAsync("/me");

        Assert.Equal("application/json; charset=utf-8", answer.Headers["Content-Type"]);
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
        Assert.Equal("Accept-Language", answer.Headers["Vary"]);
    }

    [Theory]
    [InlineData(null, "es")]
    [InlineData("", "es")]
    [InlineData("es", "es")]
    [InlineData("es-MX,en;q=0.9", "es")]
    [InlineData("en", "en")]
    [InlineData("en-GB", "en")]
    [InlineData("EN-us", "en")]
    [InlineData("es;q=0.4, en;q=0.5", "en")]
    [InlineData("en;q=0.4, es;q=0.5", "es")]
    [InlineData("fr, de;q=0.9", "es")]
    [InlineData("fr, en;q=0.1", "en")]
    [InlineData("*", "es")]
    [InlineData("en, *;q=0.5", "en")]
    [InlineData("es;q=0, *", "en")]
    [InlineData("en;q=0", "es")]
    [InlineData("en, es", "en")]
    [InlineData("es, en", "es")]
    [InlineData("english please", "es")]
    [InlineData(";;;,,q=", "es")]
    [Spec("RFC 9110", "§12.5.4")]
    public async Task The_language_follows_Accept_Language_with_its_weights(string? accepted, string language)
    {
        var answer = await api.GetAsync("/me", language: accepted);

        Assert.Equal(language == "es" ? "Token de autorización requerido" : "Authorization token required", answer.Error);
        Assert.Equal(language, answer.Headers["Content-Language"]);
    }
}
