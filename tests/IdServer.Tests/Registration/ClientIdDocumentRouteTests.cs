using System.Net;
using System.Text.Json.Nodes;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Tests.Conformance;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Registration;

[Spec("Client ID Metadata Document", "§4")]
public sealed class ClientIdDocumentRouteTests : IAsyncLifetime
{
    private const string Id = "https://editor.example/oauth/client.json";

    private readonly MemoryDocuments documents = new();
    private readonly RunningServer server;

    public ClientIdDocumentRouteTests() => server = new RunningServer
    {
        Settings = new Dictionary<string, string?> { ["IdServer:ClientIdMetadata:AllowedHosts:0"] = "editor.example" },
        Services = services => services.AddSingleton<IDocumentFetcher>(documents),
    };

    [Fact]
    public async Task An_app_that_nobody_registered_gets_tokens_for_a_person_who_saw_its_domain()
    {
        documents[Id] = Document();
        using var browser = server.NewBrowser();
        using var person = new SuiteBrowser(server, browser);
        await browser.SignInAsync();

        var visit = await person.OpenAsync(Address(Id));

        var notice = visit.Html[visit.Html.IndexOf("id=\"consent-domain\"", StringComparison.Ordinal)..];
        notice = notice[..notice.IndexOf("</p>", StringComparison.Ordinal)];
        Assert.Contains("An editor", notice, StringComparison.Ordinal);
        Assert.Contains("editor.example", notice, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", notice, StringComparison.Ordinal); // who gets the answer
        visit = await person.LetThePersonAgreeAsync(visit);
        using var redeemed = await server.PostAsync(
            "connect/token", null, (Parameters.ClientId, Id), (Parameters.GrantType, GrantTypes.AuthorizationCode), (Parameters.Code, visit.Answer![Parameters.Code]),
            (Parameters.RedirectUri, "http://127.0.0.1:49152/callback"), (Parameters.CodeVerifier, Build.CodeVerifier));
        var tokens = await redeemed.JsonAsync();
        using var refreshed = await server.PostAsync(
            "connect/token", null, (Parameters.ClientId, Id), (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, tokens.Text(Parameters.RefreshToken)));
        using var userInfo = await server.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer((await refreshed.JsonAsync()).Text(Parameters.AccessToken)));
        Assert.Equal(HttpStatusCode.OK, userInfo.StatusCode);
        Assert.Equal(1, documents.Fetches);
    }

    [Fact]
    public async Task An_app_without_a_document_to_believe_is_shown_an_error_and_nothing_is_written()
    {
        documents[Id] = Document("https://editor.example/oauth/another.json");
        using var browser = server.NewBrowser();
        using var person = new SuiteBrowser(server, browser);
        await browser.SignInAsync();
        var rows = await server.CountRowsAsync();

        foreach (var id in new[] { Id, "https://elsewhere.example/client.json" })
        {
            var visit = await person.OpenAsync(Address(id));
            Assert.Null(visit.Answer);
            Assert.EndsWith("/error", visit.Path, StringComparison.Ordinal);
            using var response = await server.PostAsync("connect/token", null, (Parameters.ClientId, id), (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, "x"));
            await response.AssertErrorAsync(401, "invalid_client");
        }

        Assert.Equal(1, documents.Fetches);
        Assert.Equal(rows, await server.CountRowsAsync());
    }

    [Fact]
    public async Task PKCE_is_demanded()
    {
        documents[Id] = Document();
        using var person = new SuiteBrowser(server);

        var visit = await person.OpenAsync(Address(Id, (Parameters.CodeChallenge, null), (Parameters.CodeChallengeMethod, null)));

        Assert.Equal("invalid_request", visit.Answer![Parameters.Error]);
    }

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static string Address(string id, params (string Name, string? Value)[] changes) => "connect/authorize?" + Wire.Encode(TestBrowser.Request(
        [(Parameters.ClientId, id), (Parameters.RedirectUri, "http://127.0.0.1:49152/callback"), (Parameters.Scope, "openid offline_access"), .. changes]));

    private static string Document(string id = Id) => new JsonObject
    {
        ["client_id"] = id,
        ["client_name"] = "An editor",
        ["application_type"] = "native",
        ["redirect_uris"] = new JsonArray("http://127.0.0.1/callback"),
        ["grant_types"] = new JsonArray(GrantTypes.AuthorizationCode, GrantTypes.RefreshToken),
    }.ToJsonString();
}
