using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using IdServer.Data.Admin;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>
/// The server as it is set up for a run of the certification suite: clients of the static kind, which ask for consent and may leave PKCE out, and a person who has
/// every standard claim; clients of the dynamic kind register themselves. One for all modules of a plan.
/// </summary>
public sealed class ConformanceServer : IAsyncLifetime
{
    /// <summary>The person, who signs in with <see cref="Build.Password"/>.</summary>
    public const string Person = "alice";

    private const string Configuration =
        $$"""
        { "IdServer": {
          "PairwiseKey": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
          "ClientRegistration": { "Mode": "Open", "RequirePkce": false },
          "ClientIdMetadata": { "AllowedHosts": [ "documents.example" ] },
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

    private int clients;

    public ConformanceServer() => server = new RunningServer
    {
        Clock = Clock,
        Settings = Declared.Besides(Configuration),
        Services = services => services.AddSingleton<IDocumentFetcher>(Documents),
    };

    public SkippingClock Clock { get; } = new();

    public SuiteDocuments Documents { get; } = new();

    public RunningServer Running => server;

    /// <summary>A client made to measure, in the words of RFC 7591; the operator declares it.</summary>
    /// <param name="with">Beside a name, or instead of what stands here.</param>
    public async Task<SuiteClient> DeclareAsync(SuiteKey? key, params (string Member, JsonNode? Value)[] with)
    {
        var json = Metadata(with);
        json["client_id"] = $"made-{Interlocked.Increment(ref clients)}";
        json["require_pkce"] = false;
        var metadata = json.Deserialize(ClientMetadataJson.Default.ClientMetadata)!;
        Assert.Empty(ClientMetadataRules.Check(metadata, _ => true, offersPairwise: true));
        var method = metadata.TokenEndpointAuthMethod ?? ClientAuthenticationMethods.ClientSecretBasic;
        var secret = method.StartsWith("client_secret", StringComparison.Ordinal) ? Build.ClientSecret : null;
        await server.Provider.GetRequiredService<ClientAdmin>().UpsertAsync(metadata, secret, TestContext.Current.CancellationToken);
        return new SuiteClient(metadata.ClientId!, metadata.RedirectUris![0], method) { IdTokenAlgorithm = metadata.IdTokenSignedResponseAlg ?? Algorithms.RS256, UserInfoAlgorithm = metadata.UserinfoSignedResponseAlg, Key = key };
    }

    /// <summary>The same of a client that registers itself: 201, and the management address together with its token.</summary>
    public async Task<(SuiteClient Client, JsonElement Registered)> RegisterAsync(SuiteKey? key, params (string Member, JsonNode? Value)[] with)
    {
        using var response = await PostAsync(with);
        Assert.Equal(201, (int)response.StatusCode);
        var answer = await response.JsonAsync();
        Assert.NotEmpty(answer.Text("registration_access_token"));
        Assert.StartsWith(server.Issuer, answer.Text("registration_client_uri"), StringComparison.Ordinal);
        Assert.Equal(answer.TryGetProperty("client_secret", out _), answer.TryGetProperty("client_secret_expires_at", out _));
        var client = new SuiteClient(answer.Text("client_id"), answer.GetProperty("redirect_uris")[0].GetString()!, answer.Text("token_endpoint_auth_method"))
        {
            IdTokenAlgorithm = answer.Text("id_token_signed_response_alg"),
            UserInfoAlgorithm = answer.TryGetProperty("userinfo_signed_response_alg", out var algorithm) ? algorithm.GetString() : null,
            Key = key,
        };
        return (client, answer);
    }

    /// <summary>A registration request.</summary>
    public async Task<HttpResponseMessage> PostAsync(params (string Member, JsonNode? Value)[] with)
    {
        using var discovery = await server.SendAsync(HttpMethod.Get, ".well-known/openid-configuration");
        return await server.SendAsync(HttpMethod.Post, (await discovery.JsonAsync()).Text("registration_endpoint"), null, JsonContent.Create(Metadata(with)));
    }

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static JsonObject Metadata((string Member, JsonNode? Value)[] with)
    {
        var json = new JsonObject
        {
            ["redirect_uris"] = new JsonArray("https://made.example/callback"),
            ["grant_types"] = new JsonArray(GrantTypes.AuthorizationCode, GrantTypes.RefreshToken),
            ["scope"] = "openid profile email address phone offline_access articles.read articles.write",
        };
        foreach (var (member, value) in with)
        {
            json[member] = value;
        }

        return json;
    }
}
