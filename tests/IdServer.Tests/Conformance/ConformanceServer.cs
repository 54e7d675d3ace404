using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>
/// The server as it is set up for a run of the certification suite: clients of the static kind, which ask for consent and may leave PKCE out, and a person who has
/// every standard claim. One for all modules of a plan.
/// </summary>
public sealed class ConformanceServer : IAsyncLifetime
{
    /// <summary>The person, who signs in with <see cref="Build.Password"/>.</summary>
    public const string Person = "alice";

    private const string Configuration =
        $$"""
        { "IdServer": {
          "Clients": {
            "100": {
              "client_id": "suite-1", "client_secret": "{{Build.ClientSecret}}", "client_name": "The Suite", "redirect_uris": [ "https://suite.example/test/a/one/callback" ],
              "post_logout_redirect_uris": [ "https://suite.example/test/a/one/post_logout_redirect" ], "grant_types": [ "authorization_code", "refresh_token" ],
              "scope": "openid profile email address phone offline_access", "require_pkce": false
            },
            "101": {
              "client_id": "suite-2", "client_secret": "{{Build.ClientSecret}}", "redirect_uris": [ "https://suite.example/test/a/two/callback" ],
              "grant_types": [ "authorization_code", "refresh_token" ], "scope": "openid profile email address phone offline_access", "require_pkce": false
            },
            "102": {
              "client_id": "suite-post", "client_secret": "{{Build.ClientSecret}}", "token_endpoint_auth_method": "client_secret_post",
              "redirect_uris": [ "https://suite.example/test/a/post/callback" ], "scope": "openid profile email address phone", "require_pkce": false
            }
          },
          "Users": {
            "100": {
              "username": "{{Person}}", "email": "alice@example.com", "email_verified": true, "password": "{{Build.Password}}", "name": "Alice B. Carroll", "given_name": "Alice",
              "middle_name": "Beatrice", "family_name": "Carroll", "nickname": "Ali", "profile": "https://people.example/alice", "picture": "https://people.example/alice.png",
              "website": "https://alice.example", "gender": "female", "birthdate": "1990-02-28", "zoneinfo": "Europe/Madrid", "locale": "en-GB",
              "phone_number": "+34600000000", "phone_number_verified": true,
              "address": { "street_address": "Calle Mayor 1", "locality": "Madrid", "postal_code": "28013", "country": "Spain" }
            }
          }
        } }
        """;

    private readonly RunningServer server;

    public ConformanceServer() => server = new RunningServer { Clock = Clock, Settings = Declared.Besides(Configuration) };

    public SkippingClock Clock { get; } = new();

    public RunningServer Running => server;

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
