using System.Net;
using IdServer.Configuration;
using IdServer.Data.Audit;
using IdServer.Testing;
using IdServer.Users;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace IdServer.Tests.Configuration;

public sealed class SettingsReaderTests
{
    private const string Minimal = """{ "IdServer": { "Issuer": "https://id.example" } }""";

    private const string Whole = """
        {
          "IdServer": {
            "Issuer": "http://localhost:5100",
            "ProductName": "Casa",
            "Database": { "Provider": "sqlite", "ConnectionString": "Data Source=house.db" },
            "Keys": { "Directory": "secrets", "Rotation": 864000, "Announcement": 3600 },
            "Tokens": {
              "AccessTokenAlgorithm": "RS256", "AccessTokenLifetime": 600, "IdTokenLifetime": 300, "RefreshTokenLifetime": 86400,
              "RefreshTokenOverlap": 0, "AuthorizationCodeLifetime": 30, "InteractionLifetime": 900, "SessionLifetime": 172800
            },
            "Registration": { "Enabled": false, "Role": "lector" },
            "Passwords": { "Iterations": 300000 },
            "RateLimits": { "TokenFailuresPerMinute": 7, "SignInFailuresPerAccount": 3, "SignInFailuresPerSource": 20, "RegistrationsPerHour": 4 },
            "Audit": { "Days": 30, "FailuresPerMinute": 8 },
            "Proxies": [ "10.0.0.0/8", "192.0.2.7" ],
            "Resources": [ { "identifier": "https://api.example", "scopes": [ "api", "api.write" ], "access_token_signed_response_alg": "RS256", "introspection_clients": [ "app" ] } ],
            "Scopes": [ { "name": "api", "titles": { "es": "Usar la API", "en": "Use the API" } } ],
            "Clients": [
              {
                "client_id": "app", "client_secret": "0123456789abcdef0123456789abcdef", "client_name": "The app",
                "redirect_uris": [ "https://app.example/callback" ], "grant_types": [ "authorization_code", "refresh_token" ],
                "scope": [ "openid", "api" ], "require_consent": false, "access_token_lifetime": 120, "jwks": { "keys": [ { "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" } ] }
              }
            ],
            "Users": [
              {
                "username": "ana", "email": "ana@example.com", "email_verified": true, "password": "correct horse", "name": "Ana García", "zoneinfo": "Europe/Madrid",
                "roles": [ "admin", "editor" ], "address": { "street_address": "Gran Vía 1", "country": "ES" }
              }
            ]
          }
        }
        """;

    [Fact]
    [Spec("Client ID Metadata Document", "§3")]
    public void Documents_of_clients_are_off_until_a_host_is_named()
    {
        Assert.Null(ConfigurationText.Read(Minimal).Protocol.ClientIdMetadata);
        Assert.Null(ConfigurationText.Read("""{ "IdServer": { "Issuer": "https://id.example", "ClientIdMetadata": { "Scopes": [ "openid" ] } } }""").Protocol.ClientIdMetadata);

        var named = ConfigurationText.Read("""{ "IdServer": { "Issuer": "https://id.example", "ClientIdMetadata": { "AllowedHosts": [ "app.example", "localhost:8443", "[::1]:8443" ], "Scopes": [ "openid" ] } } }""").Protocol.ClientIdMetadata!;

        Assert.Equal(["app.example", "localhost:8443", "[::1]:8443"], named.AllowedHosts);
        Assert.Equal(["openid"], named.Scopes);
    }

    [Fact]
    public void Every_member_reaches_the_settings()
    {
        var settings = ConfigurationText.Read(Whole);

        Assert.Equal("Casa", settings.ProductName);
        Assert.Equal("http://localhost:5100", settings.Protocol.Issuer);
        Assert.Equal(("sqlite", "Data Source=house.db"), (settings.Database.Provider, settings.Database.ConnectionString));
        Assert.Equal("secrets", settings.Keys.Directory);
        Assert.Equal((TimeSpan.FromDays(10), TimeSpan.FromHours(1)), (settings.Protocol.SigningKeyRotation, settings.Protocol.SigningKeyAnnouncement));
        Assert.Equal("RS256", settings.Protocol.AccessTokenAlgorithm);
        Assert.Equal(
            [600, 300, 86400, 0, 30, 900, 172800],
            new[]
            {
                settings.Protocol.AccessTokenLifetime, settings.Protocol.IdTokenLifetime, settings.Protocol.RefreshTokenLifetime, settings.Protocol.RefreshTokenOverlap,
                settings.Protocol.AuthorizationCodeLifetime, settings.Protocol.InteractionLifetime, settings.Protocol.SessionLifetime,
            }.Select(t => (int)t.TotalSeconds));
        Assert.Equal(new RegistrationSettings(false, "lector"), settings.Registration);
        Assert.Equal(300_000, settings.Passwords.Iterations);
        Assert.Equal(new RateLimitSettings(7, 3, 20, 4), settings.RateLimits);
        Assert.Equal(new AuditSettings(30, 8), settings.Audit);
        Assert.Equal([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("192.0.2.7/32")], settings.Proxies);

        var api = settings.Scopes.Resources[0];
        Assert.Equal(("https://api.example", "RS256", "app"), (api.Identifier, api.AccessTokenSignedResponseAlg, Assert.Single(api.IntrospectionClients)));
        Assert.Equal("Usar la API", settings.Scopes.Find("api")!.Titles["es"]);

        var client = Assert.Single(settings.Clients);
        Assert.Equal(("app", "openid api", false, 120), (client.ClientId, client.Scope, client.RequireConsent, client.AccessTokenLifetime));
        Assert.Equal("EC", client.Jwks!.Value.GetProperty("keys")[0].GetProperty("kty").GetString());

        var user = Assert.Single(settings.Users);
        Assert.Equal(("ana", "Europe/Madrid", "Gran Vía 1", true), (user.Username, user.ZoneInfo, user.Address!.StreetAddress, user.EmailVerified));
        Assert.Equal(["admin", "editor"], user.Roles!);
    }

    [Fact]
    public void An_issuer_is_enough()
    {
        var settings = ConfigurationText.Read(Minimal);

        Assert.Equal(TimeSpan.FromHours(1), settings.Protocol.AccessTokenLifetime);
        Assert.Equal(TimeSpan.FromDays(30), settings.Protocol.RefreshTokenLifetime);
        Assert.Equal(TimeSpan.FromSeconds(60), settings.Protocol.AuthorizationCodeLifetime);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.Protocol.RefreshTokenOverlap);
        Assert.Equal(TimeSpan.FromHours(12), settings.Protocol.SessionLifetime);
        Assert.Equal(("IdServer", "Data Source=idserver.db", "keys"), (settings.ProductName, settings.Database.ConnectionString, settings.Keys.Directory));
        Assert.Equal(new RegistrationSettings(true, "usuario"), settings.Registration);
        Assert.Equal(210_000, settings.Passwords.Iterations);
    }

    [Fact]
    public void The_users_api_is_always_a_resource()
    {
        var settings = ConfigurationText.Read(Minimal);

        var resource = Assert.Single(settings.Scopes.Resources);
        Assert.Equal("https://id.example/users", resource.Identifier);
        Assert.Equal([UsersResource.CreateScope, UsersResource.ReadScope], resource.Scopes);
        Assert.Equal("Create user accounts", settings.Scopes.Find(UsersResource.CreateScope)!.Titles["en"]);
    }

    [Fact]
    public void Environment_variables_say_the_same_as_a_file()
    {
        var settings = SettingsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["IdServer:Issuer"] = "https://id.example",
            ["IdServer:TOKENS:ACCESSTOKENLIFETIME"] = "90",
            ["IdServer:Clients:0:CLIENT_ID"] = "app",
            ["IdServer:Clients:0:token_endpoint_auth_method"] = "none",
            ["IdServer:Clients:0:redirect_uris:0"] = "https://app.example/callback",
            ["IdServer:Clients:0:scope"] = "openid email",
            ["IdServer:Clients:0:require_consent"] = "False",
            ["IdServer:Clients:0:jwks"] = """{"keys":[{ "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" }]}""",
        }).Build());

        Assert.Equal(TimeSpan.FromSeconds(90), settings.Protocol.AccessTokenLifetime);
        var client = Assert.Single(settings.Clients);
        Assert.Equal(("app", "openid email", false), (client.ClientId, client.Scope, client.RequireConsent));
        Assert.Equal(1, client.Jwks!.Value.GetProperty("keys").GetArrayLength());
    }

    [Fact]
    public void A_revocation_is_remembered_as_long_as_the_longest_session()
    {
        Assert.Equal(TimeSpan.FromDays(2), ConfigurationText.Read(Whole).Protocol.LongestTokenLifetime);
        Assert.Equal(TimeSpan.FromDays(1), ConfigurationText.Read(Minimal).Protocol.LongestTokenLifetime);
    }
}
