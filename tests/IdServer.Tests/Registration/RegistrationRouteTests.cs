using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using IdServer.Protocol.Clients;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Registration;

[Spec("RFC 7591", "§3"), Spec("requirement", "45")]
public sealed class RegistrationRouteTests(RegisteringServer server) : IClassFixture<RegisteringServer>
{
    // RFC 7591 §2, its registry, and the documents that extend it. Whoever adds a member decides here whether strangers may write it.
    private static readonly string[] OfTheRegistry =
    [
        "client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri", "contacts", "application_type", "redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri",
        "backchannel_logout_session_required", "frontchannel_logout_uri", "frontchannel_logout_session_required", "grant_types", "response_types", "token_endpoint_auth_method", "scope",
        "id_token_signed_response_alg", "authorization_signed_response_alg", "userinfo_signed_response_alg", "introspection_signed_response_alg", "subject_type", "sector_identifier_uri", "dpop_bound_access_tokens", "jwks", "jwks_uri",
        "token_endpoint_auth_signing_alg", "request_object_signing_alg", "require_signed_request_object", "request_uris", "require_pushed_authorization_requests", "default_max_age", "initiate_login_uri",
        "tls_client_auth_subject_dn", "tls_client_auth_san_dns", "tls_client_auth_san_uri", "tls_client_auth_san_ip", "tls_client_auth_san_email", "tls_client_certificate_bound_access_tokens",
    ];

    private static readonly string[] Ours =
    [
        "client_id", "client_secret", "require_issuer_audience", "client_assertion_lifetime", "access_token_signed_response_alg", "require_pkce", "require_consent", "rotate_refresh_tokens", "token_exchange_modes",
        "access_token_lifetime", "id_token_lifetime", "refresh_token_lifetime",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Refused => new()
    {
        { "redirect_uris", "[\"https://app.example/callback#here\"]", "invalid_redirect_uri" },
        { "redirect_uris", "[\"http://app.example/callback\"]", "invalid_redirect_uri" },
        { "redirect_uris", "[\"javascript:alert(1)\"]", "invalid_redirect_uri" },
        { "redirect_uris", "[\"data:text/html,x\"]", "invalid_redirect_uri" },
        { "redirect_uris", "[\"https://*.example/callback\"]", "invalid_redirect_uri" },
        { "redirect_uris", "[\"/callback\"]", "invalid_redirect_uri" },
        { "redirect_uris", "[]", "invalid_redirect_uri" },
        { "redirect_uris", "[null]", "invalid_client_metadata" },
        { "redirect_uris", "\"https://app.example/callback\"", "invalid_client_metadata" },
        { "redirect_uris", "[1]", "invalid_client_metadata" },
        { "initiate_login_uri", "\"http://app.example/start\"", "invalid_client_metadata" },
        { "grant_types", "[\"password\"]", "invalid_client_metadata" },
        { "grant_types", "[\"client_credentials\"]", "invalid_client_metadata" },
        { "grant_types", "[\"urn:ietf:params:oauth:grant-type:token-exchange\"]", "invalid_client_metadata" },
        { "grant_types", "[\"implicit\"]", "invalid_client_metadata" },
        { "grant_types", "[\"refresh_token\"]", "ok" },
        { "response_types", "[\"id_token\"]", "invalid_client_metadata" },
        { "response_types", "[]", "invalid_client_metadata" },
        { "token_endpoint_auth_method", "\"tls_client_auth\"", "invalid_client_metadata" },
        { "token_endpoint_auth_method", "\"private_key_jwt\"", "invalid_client_metadata" },
        { "id_token_signed_response_alg", "\"none\"", "invalid_client_metadata" },
        { "id_token_signed_response_alg", "\"HS256\"", "invalid_client_metadata" },
        { "default_max_age", "-1", "invalid_client_metadata" },
        { "default_max_age", "\"soon\"", "invalid_client_metadata" },
        { "logo_uri", "\"javascript:alert(1)\"", "invalid_client_metadata" },
        { "jwks", "{\"keys\":[]}", "invalid_client_metadata" },
        { "jwks", "7", "invalid_client_metadata" },
        { "jwks_uri", "\"http://keys.example/jwks\"", "invalid_client_metadata" },
        { "client_name", "\"Bank\\u202Eknab\"", "invalid_client_metadata" },
        { "client_name", "\"\"", "invalid_client_metadata" },
        { "client_name", "\"\\ud800\"", "invalid_client_metadata" },
        { "scope", "\"articles.read\"", "invalid_client_metadata" },
        { "subject_type", "\"secret\"", "invalid_client_metadata" },
        { "sector_identifier_uri", "\"http://app.example/sector\"", "invalid_client_metadata" },
        { "software_statement", "\"e30.e30.\"", "unapproved_software_statement" },
        { "tls_client_certificate_bound_access_tokens", "true", "invalid_client_metadata" },
        { "unknown_member", "{\"a\":[null]}", "ok" },
    };

    [Fact]
    [Spec("OIDC Registration", "§3.2")]
    public async Task The_answer_says_everything_that_is_registered_defaults_included()
    {
        var registered = await server.RegisterAsync(("client_name", "Reader"), ("contacts", new JsonArray("a@reader.example")), ("initiate_login_uri", "https://reader.example/start"), ("unheard_of", 7));

        Assert.Equal("Reader", registered.Text("client_name"));
        Assert.Equal("https://reader.example/start", registered.Text("initiate_login_uri"));
        Assert.Equal("client_secret_basic", registered.Text("token_endpoint_auth_method"));
        Assert.Equal("RS256", registered.Text("id_token_signed_response_alg"));
        Assert.Equal("public", registered.Text("subject_type"));
        Assert.Equal("web", registered.Text("application_type"));
        Assert.Equal("""["authorization_code"]""", registered.GetProperty("grant_types").GetRawText());
        Assert.Equal("""["code"]""", registered.GetProperty("response_types").GetRawText());
        Assert.Equal("openid profile email address phone offline_access", registered.Text("scope"));
        Assert.Equal(64, registered.Text("client_secret").Length);
        Assert.Equal(0, registered.GetProperty("client_secret_expires_at").GetInt64());
        Assert.StartsWith("c_", registered.Text("client_id"), StringComparison.Ordinal);
        Assert.Equal($"{server.Running.Issuer}/connect/register?client_id={registered.Text("client_id")}", registered.Text("registration_client_uri"));
        Assert.False(registered.TryGetProperty("unheard_of", out _));
    }

    [Fact]
    public async Task A_client_that_uses_no_secret_gets_none()
    {
        var registered = await server.RegisterAsync(("token_endpoint_auth_method", "none"));

        Assert.False(registered.TryGetProperty("client_secret", out _));
        Assert.False(registered.TryGetProperty("client_secret_expires_at", out _));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    [Spec("RFC 7591", "§3.2.2")]
    [Attack("registration")]
    public async Task What_is_not_acceptable_is_refused_and_nothing_is_written(string member, string json, string code)
    {
        var clients = (await server.ClientsAsync()).Count;
        var others = member == "redirect_uris" ? "" : $"\"redirect_uris\": [\"{Declared.RedirectUri}\"], ";
        var body = $$"""{ {{others}}"{{member}}": {{json}} }""";

        using var response = await server.Running.SendAsync(HttpMethod.Post, "connect/register", null, new StringContent(body, Encoding.UTF8, "application/json"));

        if (code == "ok")
        {
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            return;
        }

        await response.AssertErrorAsync(400, code);
        Assert.Equal(clients, (await server.ClientsAsync()).Count);
    }

    [Theory]
    [InlineData("[]", "application/json")]
    [InlineData("{", "application/json")]
    [InlineData("", "application/json")]
    [InlineData("{\"redirect_uris\":[\"https://a.example/\"],\"redirect_uris\":[\"https://b.example/\"]}", "application/json")]
    [InlineData("{\"redirect_uris\":[\"https://a.example/\"]}", "text/plain")]
    public async Task A_body_that_is_no_json_object_is_refused(string body, string type)
    {
        using var response = await server.Running.SendAsync(HttpMethod.Post, "connect/register", null, new StringContent(body, Encoding.UTF8, type));

        await response.AssertErrorAsync(400, "invalid_client_metadata");
    }

    [Fact]
    [Attack("registration")]
    public async Task Nobody_gives_itself_what_is_the_operators_to_give()
    {
        var registered = await server.RegisterAsync(
            ("client_id", Declared.App), ("client_secret", Declared.Secret), ("require_consent", false), ("require_pkce", false), ("access_token_lifetime", 86_400), ("refresh_token_lifetime", 99_999_999),
            ("rotate_refresh_tokens", false), ("scope", "openid articles.read"), ("access_token_signed_response_alg", "RS256"));

        Assert.NotEqual(Declared.App, registered.Text("client_id"));
        Assert.NotEqual(Declared.Secret, registered.Text("client_secret"));
        Assert.Equal("openid", registered.Text("scope"));
        Assert.Empty(registered.EnumerateObject().Select(m => m.Name).Intersect(Ours.Except(["client_id", "client_secret"])));
        var client = Assert.Single(await server.ClientsAsync(), c => c.ClientId == registered.Text("client_id"));
        Assert.True(client is { RequireConsent: true, RequirePkce: true, RotateRefreshTokens: true, IsSelfRegistered: true });
    }

    [Fact]
    public void Every_member_is_either_of_the_registry_or_not_for_strangers() =>
        Assert.Equal(OfTheRegistry.Concat(Ours).Order(StringComparer.Ordinal), ClientMetadataJson.Default.ClientMetadata.Properties.Select(p => p.Name).Order(StringComparer.Ordinal));

    [Fact]
    [Spec("OIDC Registration", "§5")]
    public async Task A_sector_must_list_every_redirect_uri()
    {
        const string Sector = "https://app.example/sector.json";
        (string, JsonNode?)[] changes = [("redirect_uris", new JsonArray("https://one.example/cb", "https://two.example/cb")), ("sector_identifier_uri", Sector), ("subject_type", "pairwise")];
        foreach (var document in new[] { null, "[]", "{}", "[\"https://one.example/cb\"]", "no json" })
        {
            server.Documents[Sector] = document;
            using var refused = await server.PostAsync(RegisteringServer.Metadata(changes).DeepClone());
            await refused.AssertErrorAsync(400, "invalid_client_metadata");
            changes = [.. changes.Select(c => (c.Item1, c.Item2?.DeepClone()))];
        }

        server.Documents[Sector] = "[\"https://two.example/cb\", 7, \"https://one.example/cb\"]";
        Assert.Equal("pairwise", (await server.RegisterAsync(changes)).Text("subject_type"));
    }

    [Fact]
    public async Task Discovery_names_the_endpoint_and_scripts_of_any_origin_may_call_it()
    {
        using var discovery = await server.Running.SendAsync(HttpMethod.Get, ".well-known/openid-configuration");
        using var preflight = await server.Running.SendAsync(HttpMethod.Options, "connect/register", headers: [("Origin", "https://elsewhere.example"), ("Access-Control-Request-Method", "PUT")]);

        Assert.Equal(server.Running.Issuer + "/connect/register", (await discovery.JsonAsync()).Text("registration_endpoint"));
        Assert.Equal("*", Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal("GET, POST, PUT, DELETE", Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Methods")));
    }

    [Fact]
    public async Task It_is_closed_by_default()
    {
        await using var closed = await RunningServer.StartAsync();
        using var discovery = await closed.SendAsync(HttpMethod.Get, ".well-known/openid-configuration");
        using var response = await closed.SendAsync(HttpMethod.Post, "connect/register", null, new StringContent("{}", Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.False((await discovery.JsonAsync()).TryGetProperty("registration_endpoint", out _));
    }

    [Fact]
    [Spec("requirement", "50")]
    public async Task One_source_registers_so_many_clients_an_hour()
    {
        await using var limited = new RegisteringServer("Open", ("IdServer:RateLimits:ClientRegistrationsPerHour", "2"));
        await limited.InitializeAsync();
        await limited.RegisterAsync();
        await limited.RegisterAsync();

        using var response = await limited.PostAsync(RegisteringServer.Metadata());

        await response.AssertErrorAsync(429, "temporarily_unavailable");
        Assert.True(response.Headers.RetryAfter!.Delta > TimeSpan.FromMinutes(1));
    }

    [Fact]
    [Spec("RFC 7591", "§3")]
    [Attack("registration")]
    public async Task An_initial_access_token_opens_registration_as_often_as_it_says()
    {
        await using var guarded = new RegisteringServer("InitialAccessToken");
        await guarded.InitializeAsync();
        var clients = (await guarded.ClientsAsync()).Count;
        var token = await guarded.InitialAccessTokenAsync();
        var registered = default(JsonElement);

        foreach (var (presented, opens) in new[] { (null, false), ("x", false), (token, true), (token, false), (await guarded.InitialAccessTokenAsync(hours: -1), false) })
        {
            using var response = await guarded.PostAsync(RegisteringServer.Metadata(), presented);
            if (opens)
            {
                Assert.Equal(HttpStatusCode.Created, response.StatusCode);
                registered = await response.JsonAsync();
                continue;
            }

            await response.AssertErrorAsync(401, "invalid_token");
            Assert.StartsWith("Bearer realm=", response.Headers.WwwAuthenticate.Single().ToString(), StringComparison.Ordinal);
        }

        using var withTheWrongToken = await guarded.PostAsync(RegisteringServer.Metadata(), registered.Text("registration_access_token"));
        await withTheWrongToken.AssertErrorAsync(401, "invalid_token");
        Assert.Equal(clients + 1, (await guarded.ClientsAsync()).Count);
    }

    [Fact]
    public async Task A_refused_registration_uses_up_no_initial_access_token()
    {
        await using var guarded = new RegisteringServer("InitialAccessToken");
        await guarded.InitializeAsync();
        var token = await guarded.InitialAccessTokenAsync();

        using var refused = await guarded.PostAsync(RegisteringServer.Metadata(("redirect_uris", new JsonArray("javascript:x"))), token);
        var raced = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using var response = await guarded.PostAsync(RegisteringServer.Metadata(), token);
            return response.StatusCode;
        }));

        await refused.AssertErrorAsync(400, "invalid_redirect_uri");
        Assert.Single(raced, HttpStatusCode.Created);
        Assert.Equal(15, raced.Count(status => status == HttpStatusCode.Unauthorized));
    }
}
