using System.Text;
using IdServer.Tests.ResourceServer;
using Xunit;

namespace IdServer.Tests.Samples;

/// <summary>What the sample API answers while there is no server at all.</summary>
public sealed class ResourceApiAloneTests : IAsyncLifetime
{
    // Port 9 (discard) of the loopback: nobody listens.
    private const string Nowhere = "http://127.0.0.1:9";

    private RunningApi api = null!;

    public async ValueTask InitializeAsync() => api = await RunningApi.StartAsync(Nowhere);

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task Public_articles_are_rows_without_their_text()
    {
        var answer = await api.GetAsync("/api/articulos");

        Assert.Equal(200, answer.Status);
        Assert.Equal([4, 3, 2, 1], answer.Json.EnumerateArray().Select(a => a.GetProperty("id").GetInt32()));
        Assert.All(answer.Json.EnumerateArray(), a => Assert.False(a.TryGetProperty("contenido", out _)));
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
    }

    [Theory]
    [InlineData("/api/perfil")]
    [InlineData("/protected")]
    [InlineData("/api/admin/usuarios")]
    [InlineData("/admin/panel")]
    [InlineData("/editor/articulos")]
    public async Task A_protected_route_asks_for_a_token(string path)
    {
        var answer = await api.GetAsync(path);

        Assert.Equal("""{"error":"Token de autorización requerido","codigo":"TOKEN_MISSING"}""", answer.Text);
        Assert.Equal(401, answer.Status);
    }

    [Theory]
    [InlineData("/auth/login")]
    [InlineData("/auth/registro")]
    [InlineData("/token")]
    public async Task A_server_that_is_down_is_503_in_json(string path)
    {
        var answer = await api.PostAsync(path, new { email = "ana@example.com", username = "ana", password = "a password" });

        Assert.Equal((503, "ISSUER_UNAVAILABLE", "5"), (answer.Status, answer.Codigo, answer.Headers["Retry-After"]));
        Assert.Equal("El servidor de identidad no responde: inténtalo de nuevo en unos segundos", answer.Error);
    }

    [Fact]
    public async Task A_token_that_cannot_be_checked_is_503() =>
        Assert.Equal((503, "ISSUER_UNAVAILABLE"), Outcome(await api.GetAsync("/api/perfil", "a.b.c")));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("""{"email": 5, "username": 5, "password": "x"}""")]
    [InlineData("""{"email": {"$gt": ""}, "username": {"$gt": ""}, "password": {"$gt": ""}}""")]
    [InlineData("""{"password": "a", "password": "b"}""")]
    public async Task A_body_that_is_no_such_json_is_400(string body)
    {
        foreach (var path in new[] { "/auth/login", "/auth/registro", "/token" })
        {
            var answer = await api.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
            Assert.Equal((400, "MALFORMED_JSON"), Outcome(answer));
            Assert.Equal("El cuerpo no es un objeto JSON válido", answer.Error);
        }
    }

    [Fact]
    public async Task A_body_that_is_not_utf8_is_400()
    {
        var latin1 = new ByteArrayContent(Encoding.Latin1.GetBytes("""{"email": "añb@example.com", "password": "contraseña"}"""));
        latin1.Headers.ContentType = new("application/json");

        Assert.Equal((400, "MALFORMED_JSON"), Outcome(await api.PostAsync("/auth/login", latin1)));
    }

    [Theory]
    [InlineData("/auth/login", """{"email": "ana@example.com"}""", "Faltan datos: password")]
    [InlineData("/auth/login", "{}", "Faltan datos: email, password")]
    [InlineData("/auth/registro", """{"nombre": "Ana", "email": " ", "password": "x"}""", "Faltan datos: email")]
    [InlineData("/token", """{"email": "ana@example.com", "password": "x"}""", "Faltan datos: username")]
    public async Task What_is_missing_is_named(string path, string body, string sentence)
    {
        var answer = await api.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal((400, "MISSING_DATA"), Outcome(answer));
        Assert.Equal(sentence, answer.Error);
    }

    [Fact]
    public async Task A_form_is_not_json() =>
        Assert.Equal((415, "UNSUPPORTED_MEDIA_TYPE"), Outcome(await api.PostAsync("/auth/login", new FormUrlEncodedContent([new("email", "a"), new("password", "b")]))));

    [Fact]
    public async Task A_body_over_sixteen_kilobytes_is_413() =>
        Assert.Equal((413, "BODY_TOO_LARGE"), Outcome(await api.PostAsync("/auth/login", new { email = "a", password = new string('x', 17 * 1024) })));

    [Fact]
    public async Task An_unknown_route_is_404_in_json() =>
        Assert.Equal((404, "NOT_FOUND"), Outcome(await api.GetAsync("/nada")));

    [Fact]
    public async Task A_wrong_method_is_405_in_json() =>
        Assert.Equal((405, "METHOD_NOT_ALLOWED"), Outcome(await api.GetAsync("/auth/login")));

    [Theory]
    [InlineData(RunningApi.WebOrigin, RunningApi.WebOrigin)]
    [InlineData("https://evil.example.com", null)]
    public async Task Only_the_configured_origin_may_call_from_a_browser(string origin, string? allowed)
    {
        var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/perfil");
        preflight.Headers.Add("Origin", origin);
        preflight.Headers.Add("Access-Control-Request-Method", "GET");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization");
        var refused = new HttpRequestMessage(HttpMethod.Get, "/api/perfil");
        refused.Headers.Add("Origin", origin);

        Assert.Equal(allowed, (await api.SendAsync(preflight)).Headers.GetValueOrDefault("Access-Control-Allow-Origin"));
        var answer = await api.SendAsync(refused);
        Assert.Equal(401, answer.Status);
        Assert.Equal(allowed, answer.Headers.GetValueOrDefault("Access-Control-Allow-Origin"));
    }

    private static (int Status, string? Codigo) Outcome(ApiAnswer answer) => (answer.Status, answer.Codigo);
}
