using Xunit;

namespace IdServer.Tests.Samples;

/// <summary>Registration and the list of users: the sample API on the server's users API.</summary>
public sealed class UsersOfTheServerTests(LessonSystem system) : IClassFixture<LessonSystem>
{
    private const string Password = "una contraseña larga y propia";

    private readonly RunningApi api = system.Api;

    [Fact]
    public async Task Whoever_registers_signs_in()
    {
        var registered = await api.PostAsync("/auth/registro", new { nombre = "Nora Díaz", email = "nora@example.com", password = Password });
        Assert.Equal(201, registered.Status);
        Assert.Equal("Usuario registrado exitosamente", registered.Json.Text("mensaje"));
        var usuario = registered.Json.GetProperty("usuario").GetRawText();
        Assert.Equal($$"""{"id":"{{registered.Json.GetProperty("usuario").Text("id")}}","nombre":"Nora Díaz","email":"nora@example.com"}""", usuario);

        var login = await api.PostAsync("/auth/login", new { email = "nora@example.com", password = Password });
        Assert.Equal(usuario, login.Json.GetProperty("usuario").GetRawText());
        Assert.Equal("usuario", (await api.GetAsync("/api/perfil", login.Json.Text("access_token"))).Json.Text("rol"));
    }

    [Fact]
    public async Task Nobody_registers_twice()
    {
        var answer = await api.PostAsync("/auth/registro", new { email = "ANA@example.com", password = Password });

        Assert.Equal((409, "USER_EXISTS"), (answer.Status, answer.Codigo));
    }

    [Fact]
    public async Task Registration_without_a_name_uses_the_address()
    {
        Assert.Equal(201, (await api.PostAsync("/auth/registro", new { email = "sin.nombre@example.com", password = Password })).Status);

        var login = await api.PostAsync("/auth/login", new { email = "sin.nombre@example.com", password = Password });
        Assert.Equal("sin.nombre@example.com", login.Json.GetProperty("usuario").Text("nombre"));
    }

    [Theory]
    [InlineData("no address", Password, "El dato 'email' no es válido", "Escribe una dirección como ana@example.com")]
    [InlineData("corta@example.com", "corta", "El dato 'password' no es válido", "Escribe al menos 10 caracteres que no sean tu nombre ni tu email, por ejemplo varias palabras")]
    public async Task Data_that_the_server_refuses_are_400_and_make_no_account(string email, string password, string sentence, string advice)
    {
        var answer = await api.PostAsync("/auth/registro", new { email, password });

        Assert.Equal((400, "INVALID_DATA"), (answer.Status, answer.Codigo));
        Assert.Equal(sentence, answer.Error);
        Assert.Equal(advice, answer.Json.Text("detalle"));
        Assert.Equal(401, (await api.PostAsync("/auth/login", new { email, password })).Status);
    }

    [Fact]
    public async Task A_caller_cannot_choose_a_role_at_registration()
    {
        Assert.Equal(201, (await api.PostAsync("/auth/registro", new { email = "mallory@example.com", password = Password, rol = "admin", roles = new List<string> { "admin" } })).Status);

        var token = (await api.PostAsync("/auth/login", new { email = "mallory@example.com", password = Password })).Json.Text("access_token");
        Assert.Equal("usuario", (await api.GetAsync("/api/perfil", token)).Json.Text("rol"));
    }

    [Fact]
    public async Task An_administrator_sees_the_users_page_by_page()
    {
        var admin = await system.AccessTokenAsync("berta");
        var seen = new List<string>();
        var address = "/api/admin/usuarios?limit=2";
        while (address is not null)
        {
            var page = await api.GetAsync(address, admin);
            Assert.Equal(200, page.Status);
            Assert.InRange(page.Json.GetArrayLength(), 0, 2);
            seen.AddRange(page.Json.EnumerateArray().Select(u => u.Text("email")));
            address = page.Headers.TryGetValue("Link", out var link) ? link[1..link.IndexOf('>')] : null;
        }

        Assert.Equal(seen.Distinct(), seen);
        Assert.Superset(new HashSet<string> { "ana@example.com", "berta@example.com", "eva@example.com" }, seen.ToHashSet());
        var all = (await api.GetAsync("/api/admin/usuarios", admin)).Json.EnumerateArray();
        Assert.Equal("""["admin","editor"]""", all.Single(u => u.Text("email") == "berta@example.com").GetProperty("rol").GetRawText());
        Assert.Equal("usuario", all.Single(u => u.Text("email") == "ana@example.com").Text("rol"));
    }

    [Theory]
    [InlineData("limit=many")]
    [InlineData("after=nobody")]
    [InlineData("after=%22%26limit=1")]
    public async Task A_page_that_cannot_be_is_400(string query)
    {
        var answer = await api.GetAsync("/api/admin/usuarios?" + query, await system.AccessTokenAsync("berta"));

        Assert.Equal((400, "BAD_REQUEST"), (answer.Status, answer.Codigo));
    }
}
