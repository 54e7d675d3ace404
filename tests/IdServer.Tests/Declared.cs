using System.Text;
using IdServer.Testing;
using Microsoft.Extensions.Configuration;

namespace IdServer.Tests;

/// <summary>What a <see cref="RunningServer"/> has from the start: six clients, one API, two people.</summary>
public static class Declared
{
    /// <summary>How many clients.</summary>
    public const int Clients = 6;

    public const string Secret = Build.ClientSecret;
    public const string Password = Build.Password;
    public const string RedirectUri = Build.RedirectUri;

    /// <summary>Confidential, client_secret_basic: code and refresh, no consent asked.</summary>
    public const string App = "app";

    /// <summary>Public: code and refresh, consent asked.</summary>
    public const string PublicApp = "public-app";

    /// <summary>client_secret_post: client_credentials.</summary>
    public const string Machine = "machine";

    /// <summary>Confidential: password and refresh.</summary>
    public const string Trusted = "trusted";

    /// <summary>The API, which may introspect.</summary>
    public const string Api = "api";

    /// <summary>Public: device code and refresh.</summary>
    public const string Tv = "tv";

    /// <summary>Roles admin and editor: <c>berta</c>. Role usuario: <c>ana</c>.</summary>
    public const string User = "ana";

    /// <summary>For <see cref="RunningServer.Settings"/>: members to add. A list is an object here, whose names are numbers beyond those of <see cref="Json"/>.</summary>
    public static IReadOnlyDictionary<string, string?> Besides(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable().Where(member => member.Value is not null).ToDictionary();
    }

    public static Stream Json(string issuer, string databaseFile) => new MemoryStream(Encoding.UTF8.GetBytes(
        $$"""
        {
          "IdServer": {
            "Issuer": "{{issuer}}",
            "Database": { "ConnectionString": "Data Source={{databaseFile}}" },
            "Passwords": { "Iterations": 100000 },
            "RateLimits": { "TokenFailuresPerMinute": 100000 },
            "Resources": [
              { "identifier": "{{Build.ApiIdentifier}}", "scopes": [ "articles.read", "articles.write" ], "introspection_clients": [ "{{Api}}" ] }
            ],
            "Clients": [
              {
                "client_id": "{{App}}", "client_secret": "{{Secret}}", "client_name": "The App", "redirect_uris": [ "{{RedirectUri}}" ],
                "post_logout_redirect_uris": [ "https://app.example/signed-out" ], "grant_types": [ "authorization_code", "refresh_token" ],
                "scope": "openid profile email offline_access articles.read", "require_consent": false
              },
              {
                "client_id": "{{PublicApp}}", "token_endpoint_auth_method": "none", "redirect_uris": [ "{{RedirectUri}}" ],
                "grant_types": [ "authorization_code", "refresh_token" ], "scope": "openid profile email offline_access articles.read"
              },
              {
                "client_id": "{{Machine}}", "client_secret": "{{Secret}}", "token_endpoint_auth_method": "client_secret_post",
                "grant_types": [ "client_credentials" ], "scope": "articles.read articles.write"
              },
              {
                "client_id": "{{Trusted}}", "client_secret": "{{Secret}}", "grant_types": [ "password", "refresh_token" ],
                "scope": "openid profile email offline_access articles.read"
              },
              { "client_id": "{{Api}}", "client_secret": "{{Secret}}", "grant_types": [ "client_credentials" ], "scope": "" },
              {
                "client_id": "{{Tv}}", "client_name": "Living room TV", "client_uri": "https://tv.example/", "token_endpoint_auth_method": "none", "policy_uri": "https://tv.example/policy",
                "grant_types": [ "urn:ietf:params:oauth:grant-type:device_code", "refresh_token" ], "scope": "openid profile offline_access articles.read"
              }
            ],
            "Users": [
              {
                "username": "ana", "email": "ana@example.com", "email_verified": true, "password": "{{Password}}",
                "name": "Ana García", "given_name": "Ana", "family_name": "García", "roles": [ "usuario" ]
              },
              { "username": "berta", "email": "berta@example.com", "password": "{{Password}}", "roles": [ "admin", "editor" ] }
            ]
          }
        }
        """));
}
