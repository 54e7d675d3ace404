using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IdServer.Data.Admin;
using IdServer.Protocol.Events;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Users;

public sealed class UsersRouteTests(UsersRouteTests.Fixture fixture) : IClassFixture<UsersRouteTests.Fixture>
{
    private const string Manager = "manager";

    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task An_account_is_made_with_the_role_of_registration_and_can_sign_in()
    {
        using var response = await CreateAsync(new { username = "carla", email = "carla@example.com", password = "correct horse", name = "Carla Ruiz" });

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        response.AssertNotStored();
        var made = await response.JsonAsync();
        Assert.Equal(("carla", "carla@example.com", "Carla Ruiz"), (made.Text("username"), made.Text("email"), made.Text("name")));
        Assert.Equal("usuario", Assert.Single(made.GetProperty("roles").EnumerateArray()).GetString());
        Assert.False(made.TryGetProperty("password", out _));
        using var signedIn = await SignInAsync("carla@example.com", "correct horse");
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        Assert.Equal(made.Text("sub"), await server.SubjectOfAsync("carla"));
        var kept = await Eventually.Async(
            async () => await server.Provider.GetRequiredService<AuditQueries>().ListAsync(new AuditFilter(made.Text("sub"), Kind: EventKind.UserRegistered), 10, TestContext.Current.CancellationToken),
            entries => entries.Count > 0,
            TimeSpan.FromSeconds(10));
        Assert.Equal((Manager, "127.0.0.1"), (Assert.Single(kept).ClientId, kept[0].RemoteAddress));
    }

    [Fact]
    public async Task Without_a_user_name_the_address_is_one()
    {
        using var response = await CreateAsync(new { email = "dora@example.com", password = "correct horse" });

        Assert.Equal("dora@example.com", (await response.JsonAsync()).Text("username"));
    }

    [Theory]
    [InlineData("""{ "username": "ANA", "email": "new@example.com", "password": "correct horse" }""", 409, "username")]
    [InlineData("""{ "username": "new", "email": "Ana@Example.com", "password": "correct horse" }""", 409, "email")]
    [InlineData("""{ "username": "ana@example.com", "email": "new@example.com", "password": "correct horse" }""", 400, "username")]
    [InlineData("""{ "email": "new@example.com", "password": "short" }""", 400, "password")]
    [InlineData("""{ "email": "new@example.com" }""", 400, "password")]
    [InlineData("""{ "email": "new", "password": "correct horse" }""", 400, "email")]
    [InlineData("""{ "email": "new@example.com", "password": "correct horse", "roles": [ "admin" ] }""", 400, "roles")]
    [InlineData("""{ "email": "new@example.com", "password": "correct horse", "email_verified": true }""", 400, "email_verified")]
    [InlineData("""{ "email": "new@example.com", "password": "correct horse", "colour": "red" }""", 400, "colour")]
    [InlineData("""{ "email": "new@example.com", "password": 12345678901 }""", 400, "password")]
    [InlineData("""{ "email": "new@example.com", "email": "new2@example.com", "password": "correct horse" }""", 400, "email")]
    [InlineData("""{ "email": """, 400, null)]
    [InlineData("null", 400, null)]
    public async Task A_bad_account_is_refused_with_its_member_and_nothing_is_written(string body, int status, string? field)
    {
        var before = (await UsersAsync()).Count;

        using var response = await server.SendAsync(HttpMethod.Post, "users", Wire.Bearer(await TokenAsync()), new StringContent(body, Encoding.UTF8, "application/json"));

        await response.AssertErrorAsync(status, ErrorCodes.InvalidRequest);
        Assert.Equal(field, (await response.JsonAsync()).TryGetProperty("field", out var named) ? named.GetString() : null);
        Assert.Equal(before, (await UsersAsync()).Count);
    }

    [Fact]
    public async Task Another_content_type_is_refused()
    {
        using var response = await server.SendAsync(HttpMethod.Post, "users", Wire.Bearer(await TokenAsync()), new StringContent("email=a", Encoding.UTF8, "text/plain"));

        await response.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
    }

    [Fact]
    public async Task A_body_over_64_KB_is_413()
    {
        using var response = await CreateAsync(new { email = "large@example.com", password = "correct horse", name = new string('a', 70_000) }, Wire.AskFirst);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.DoesNotContain(await UsersAsync(), u => u.Text("email") == "large@example.com");
    }

    [Fact]
    public async Task The_list_goes_page_by_page_in_the_order_of_user_names()
    {
        var all = await UsersAsync();

        var pages = new List<JsonElement>();
        do
        {
            pages.AddRange(await UsersAsync("?limit=1" + (pages.Count == 0 ? "" : $"&after={pages[^1].Text("sub")}")));
        }
        while (pages.Count < all.Count);

        Assert.Equal(all.Select(u => u.Text("sub")), pages.Select(u => u.Text("sub")));
        Assert.Equal(["ana", "berta"], all.Take(2).Select(u => u.Text("username")));
        Assert.Equal(["admin", "editor"], all[1].GetProperty("roles").EnumerateArray().Select(r => r.GetString()!));
        Assert.Empty(await UsersAsync($"?after={all[^1].Text("sub")}"));
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?limit=101")]
    [InlineData("?limit=-1")]
    [InlineData("?limit=many")]
    [InlineData("?after=ana")]
    [InlineData("?after=00000000-0000-0000-0000-000000000000")]
    public async Task A_bad_page_is_refused(string query)
    {
        using var response = await server.SendAsync(HttpMethod.Get, "users" + query, Wire.Bearer(await TokenAsync()));

        await response.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
    }

    [Fact]
    [Spec("RFC 6750", "§3.1")]
    public async Task Without_a_token_there_is_a_challenge_and_nothing_else()
    {
        using var response = await server.SendAsync(HttpMethod.Get, "users");

        await response.AssertErrorAsync(401, ErrorCodes.InvalidToken);
        Assert.Equal(["Bearer realm=\"IdServer\"", "DPoP realm=\"IdServer\", algs=\"ES256 PS256 RS256\""], response.Headers.WwwAuthenticate.Select(c => c.ToString()));
    }

    [Fact]
    [Spec("RFC 9068", "§4")]
    public async Task A_token_for_another_audience_is_refused()
    {
        using var response = await server.SendAsync(HttpMethod.Get, "users", Wire.Bearer(await TokenAsync("articles.read")));

        await response.AssertErrorAsync(401, ErrorCodes.InvalidToken);
    }

    [Theory]
    [InlineData("users.create", "GET", "users.read")]
    [InlineData("users.read", "POST", "users.create")]
    [Spec("RFC 6750", "§3.1")]
    public async Task Each_method_has_its_scope(string scope, string method, string needed)
    {
        using var response = await server.SendAsync(new HttpMethod(method), "users", Wire.Bearer(await TokenAsync(scope)));

        await response.AssertErrorAsync(403, ErrorCodes.InsufficientScope);
        Assert.Contains($"scope=\"{needed}\"", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_of_a_person_opens_nothing_here()
    {
        using var signedIn = await SignInAsync("berta", Declared.Password);
        var token = (await signedIn.JsonAsync()).Text("access_token");

        using var response = await server.SendAsync(HttpMethod.Get, "users", Wire.Bearer(token));

        await response.AssertErrorAsync(403, ErrorCodes.InsufficientScope);
    }

    [Fact]
    public async Task Other_methods_are_405()
    {
        using var response = await server.SendAsync(HttpMethod.Delete, "users");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET", "POST"], response.Content.Headers.Allow.Order());
    }

    private async Task<string> TokenAsync(string scope = $"{UsersResource.CreateScope} {UsersResource.ReadScope}")
    {
        using var response = await server.PostAsync("connect/token", Wire.Basic(Manager), (Parameters.GrantType, GrantTypes.ClientCredentials), (Parameters.Scope, scope));
        return (await response.JsonAsync()).Text("access_token");
    }

    private Task<HttpResponseMessage> SignInAsync(string login, string password) => server.PostAsync(
        "connect/token", Wire.Basic(Manager), (Parameters.GrantType, GrantTypes.Password), (Parameters.Username, login), (Parameters.Password, password), (Parameters.Scope, "openid users.read"));

    private async Task<HttpResponseMessage> CreateAsync(object user, params (string Name, string Value)[] headers) =>
        await server.SendAsync(HttpMethod.Post, "users", Wire.Bearer(await TokenAsync()), JsonContent.Create(user), headers);

    private async Task<List<JsonElement>> UsersAsync(string query = "")
    {
        using var response = await server.SendAsync(HttpMethod.Get, "users" + query, Wire.Bearer(await TokenAsync()));
        return [.. (await response.JsonAsync()).GetProperty("users").EnumerateArray()];
    }

    public sealed class Fixture : IAsyncLifetime
    {
        public RunningServer Server { get; } = new()
        {
            Settings = new Dictionary<string, string?>
            {
                ["IdServer:Clients:6:client_id"] = Manager,
                ["IdServer:Clients:6:client_secret"] = Declared.Secret,
                ["IdServer:Clients:6:grant_types:0"] = "client_credentials",
                ["IdServer:Clients:6:grant_types:1"] = "password",
                ["IdServer:Clients:6:scope"] = "openid users.create users.read articles.read",
            },
        };

        public ValueTask InitializeAsync() => Server.InitializeAsync();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
