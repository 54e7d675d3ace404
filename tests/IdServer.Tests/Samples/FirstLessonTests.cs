using System.Text.Json;
using IdServer.Tests.ResourceServer;
using IdServer.Tokens.Registries;
using IdServer.ResourceServer;
using IdServer.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Samples;

/// <summary>The first lesson's requests against the sample API and the real server.</summary>
public sealed class FirstLessonTests(LessonSystem system) : IClassFixture<LessonSystem>
{
    private readonly RunningApi api = system.Api;

    [Fact]
    public async Task From_login_to_logout()
    {
        var login = await system.LoginAsync("ana");
        Assert.Equal(200, login.Status);
        Assert.Equal(["access_token", "refresh_token", "usuario"], Members(login.Json));
        var id = await system.Server.SubjectOfAsync("ana");
        Assert.Equal($$"""{"id":"{{id}}","nombre":"Ana García","email":"ana@example.com"}""", login.Json.GetProperty("usuario").GetRawText());

        var token = login.Json.Text("access_token");
        Assert.Equal($$"""{"id":"{{id}}","nombre":"Ana García","email":"ana@example.com","rol":"usuario"}""", (await api.GetAsync("/api/perfil", token)).Text);

        var refreshed = await api.PostAsync("/auth/refresh", token: login.Json.Text("refresh_token"));
        Assert.Equal(200, refreshed.Status);
        Assert.Equal(["access_token"], Members(refreshed.Json));
        Assert.Equal(200, (await api.GetAsync("/api/perfil", refreshed.Json.Text("access_token"))).Status);

        var logout = await api.PostAsync("/auth/logout", token: token);
        Assert.Equal("""{"mensaje":"Sesión cerrada exitosamente"}""", logout.Text);

        var refused = await api.GetAsync("/api/perfil", token);
        Assert.Equal(401, refused.Status);
        Assert.Equal("""{"error":"Token revocado","codigo":"TOKEN_REVOKED"}""", refused.Text);
        Assert.Equal("TOKEN_REVOKED", (await api.GetAsync("/api/articulos", token)).Codigo);
        Assert.Equal("TOKEN_REVOKED", (await api.PostAsync("/auth/logout", token: token)).Codigo);
        Assert.Equal("TOKEN_INVALID", (await api.PostAsync("/auth/refresh", token: login.Json.Text("refresh_token"))).Codigo);
    }

    [Fact]
    public async Task A_disabled_person_is_refused_within_two_seconds()
    {
        var token = await system.AccessTokenAsync("olga");
        Assert.Equal(200, (await api.GetAsync("/api/perfil", token)).Status);

        await system.Server.Provider.GetRequiredService<Accounts>().DisableAsync("olga", TestContext.Current.CancellationToken);

        Assert.Equal("TOKEN_REVOKED", (await Eventually.Async(() => api.GetAsync("/api/perfil", token), answer => answer.Status == 401, RevocationFeed.Bound)).Codigo);
        Assert.Equal("BAD_CREDENTIALS", (await system.LoginAsync("olga")).Codigo);
    }

    [Fact]
    public async Task An_expired_token_is_replaced_with_the_refresh_token_again_and_again()
    {
        var login = (await system.LoginAsync("ana")).Json;

        for (var hour = 0; hour < 3; hour++)
        {
            var token = hour == 0 ? login.Text("access_token") : (await api.PostAsync("/auth/refresh", token: login.Text("refresh_token"))).Json.Text("access_token");
            Assert.Equal(200, (await api.GetAsync("/api/perfil", token)).Status);
            system.Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(30));

            var answer = await api.GetAsync("/api/perfil", token);
            Assert.Equal((401, "TOKEN_EXPIRED", "Token expirado"), (answer.Status, answer.Codigo, answer.Error));
        }
    }

    [Theory]
    [InlineData("ana@example.com", "wrong")]
    [InlineData("nobody@example.com", Declared.Password)]
    public async Task Wrong_credentials_have_one_answer(string email, string password)
    {
        var answer = await api.PostAsync("/auth/login", new { email, password });

        Assert.Equal(401, answer.Status);
        Assert.Equal("""{"error":"Credenciales inválidas","codigo":"BAD_CREDENTIALS"}""", answer.Text);
        Assert.NotNull(answer.Challenge);
    }

    [Fact]
    public async Task Only_a_refresh_token_refreshes()
    {
        var token = await system.AccessTokenAsync("ana");

        Assert.Equal((401, "TOKEN_INVALID"), Outcome(await api.PostAsync("/auth/refresh", token: token)));
        Assert.Equal((401, "TOKEN_INVALID"), Outcome(await api.PostAsync("/auth/refresh", token: "garbage")));
        Assert.Equal((401, "TOKEN_MISSING"), Outcome(await api.PostAsync("/auth/refresh")));
    }

    [Fact]
    public async Task A_refresh_token_opens_no_route() =>
        Assert.Equal((401, "TOKEN_INVALID"), Outcome(await api.GetAsync("/api/perfil", (await system.LoginAsync("ana")).Json.Text("refresh_token"))));

    [Fact]
    public async Task A_token_of_another_application_is_accepted_but_not_revoked_here()
    {
        using var response = await system.Server.PostAsync(
            "connect/token",
            Wire.Basic(LessonSystem.OtherClient),
            (Parameters.GrantType, GrantTypes.Password),
            (Parameters.Username, "ana"),
            (Parameters.Password, Declared.Password),
            (Parameters.Scope, "api"));
        var token = (await response.JsonAsync()).Text(Parameters.AccessToken);

        var answer = await api.PostAsync("/auth/logout", token: token);

        Assert.Equal((403, "FORBIDDEN"), Outcome(answer));
        Assert.Equal(200, (await api.GetAsync("/api/perfil", token)).Status);
    }

    [Fact]
    public async Task Articles_show_more_to_those_who_sign_in()
    {
        var stranger = (await api.GetAsync("/api/articulos")).Json;
        var reader = (await api.GetAsync("/api/articulos", await system.AccessTokenAsync("ana"))).Json;

        Assert.Equal(["autor", "id", "publicado_en", "resumen", "titulo"], Members(stranger[0]).Order());
        Assert.Equal(["autor", "contenido", "id", "privado", "publicado_en", "resumen", "titulo"], Members(reader[0]).Order());
        Assert.Equal(4, stranger.GetArrayLength());
        Assert.Equal(6, reader.GetArrayLength());
        Assert.Equal((401, "TOKEN_INVALID"), Outcome(await api.GetAsync("/api/articulos", "garbage")));
    }

    [Fact]
    public async Task Roles_open_their_routes()
    {
        var (usuario, editor, admin) = (await system.AccessTokenAsync("ana"), await system.AccessTokenAsync("eva"), await system.AccessTokenAsync("berta"));

        Assert.Equal("""{"error":"Se requiere el rol 'admin'","codigo":"FORBIDDEN"}""", (await api.GetAsync("/admin/panel", usuario)).Text);
        Assert.Equal("""{"error":"Se requiere el rol 'editor'","codigo":"FORBIDDEN"}""", (await api.GetAsync("/editor/articulos", usuario)).Text);
        Assert.Equal("""{"error":"No tienes permisos de administrador","codigo":"FORBIDDEN"}""", (await api.GetAsync("/api/admin/usuarios", usuario)).Text);
        Assert.Equal(403, (await api.GetAsync("/admin/panel", editor)).Status);
        Assert.Equal(6, (await api.GetAsync("/editor/articulos", editor)).Json.GetProperty("articulos").GetArrayLength());
        Assert.Equal("""{"panel":"datos de administración","articulos":6,"privados":2}""", (await api.GetAsync("/admin/panel", admin)).Text);
        Assert.Equal("""["admin","editor"]""", (await api.GetAsync("/api/perfil", admin)).Json.GetProperty("rol").GetRawText());
    }

    private static IEnumerable<string> Members(JsonElement json) => json.EnumerateObject().Select(m => m.Name);

    private static (int Status, string? Codigo) Outcome(ApiAnswer answer) => (answer.Status, answer.Codigo);
}
