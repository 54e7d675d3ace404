using System.Text.Json.Nodes;
using IdServer.Protocol.Clients;
using Xunit;

namespace IdServer.Tests.Commands;

public sealed class ClientVerbsTests : VerbTests
{
    [Fact]
    public async Task A_client_gets_a_secret_that_is_shown_once_and_stored_as_a_digest()
    {
        var added = await RunAsync("clients add my-app --redirect-uri https://app.example/callback --redirect-uri https://app.example/other --scope", "openid api", "--grant-type", "authorization_code", "--grant-type", "refresh_token", "--name", "My app");

        Assert.Equal(0, added.Code);
        var secret = added.Out.Split("client_secret: ")[1].Trim();
        Assert.Equal(64, secret.Length);
        var client = await FindAsync("my-app");
        Assert.True(Assert.Single(client!.Secrets).Matches(ClientSecret.DigestOf(secret), TimeProvider.System.GetUtcNow()));
        Assert.Equal(("My app", 2, true), (client.Name, client.RedirectUris.Count, client.GrantTypes.Contains("refresh_token")));
        var (_, table, _) = await RunAsync("clients list");
        var (_, json, _) = await RunAsync("clients list --json");
        Assert.Contains("my-app     My app  client_secret_basic  authorization_code refresh_token  openid api", table, StringComparison.Ordinal);
        Assert.Equal("https://app.example/callback", (string?)JsonNode.Parse(json)![0]!["redirect_uris"]![0]);
        Assert.DoesNotContain("secret\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_public_client_has_no_secret()
    {
        var added = await RunAsync("clients add spa --public --redirect-uri http://localhost:1/ --json");

        Assert.Equal((0, ""), (added.Code, added.Error));
        Assert.Equal(("none", null), ((string?)JsonNode.Parse(added.Out)!["token_endpoint_auth_method"], (string?)JsonNode.Parse(added.Out)!["client_secret"]));
        Assert.True((await FindAsync("spa"))!.IsPublic);
    }

    [Fact]
    public async Task A_client_can_be_read_from_a_file_and_options_win_over_it()
    {
        var file = Write("client.json", """{ "client_id": "batch", "client_name": "From the file", "grant_types": [ "client_credentials" ], "scope": [ "api" ], "access_token_lifetime": 60 }""");

        Assert.Equal(0, (await RunAsync("clients add --name", "From the option", "--file", file)).Code);

        var client = await FindAsync("batch");
        Assert.Equal(("From the option", "api", 60), (client!.Name, client.Metadata.Scope, client.Metadata.AccessTokenLifetime));
    }

    [Fact]
    public async Task A_bad_client_is_refused_with_every_fault_and_not_registered()
    {
        var file = Write("client.json", """{ "client_id": "batch", "grant_typs": [ "client_credentials" ], "redirect_uris": [ "http://app.example/" ], "scope": "nothing" }""");

        var result = await RunAsync("clients add", "--file", file);

        Assert.Equal(1, result.Code);
        Assert.Contains("grant_typs is not known here: did you mean grant_types?", result.Error, StringComparison.Ordinal);
        Assert.Contains("redirect_uris holds \"http://app.example/\"", result.Error, StringComparison.Ordinal);
        Assert.Contains("scope holds \"nothing\"", result.Error, StringComparison.Ordinal);
        Assert.Null(await FindAsync("batch"));
    }

    [Fact]
    public async Task A_client_that_is_registered_is_not_replaced()
    {
        await RunAsync("clients add spa --public --redirect-uri http://localhost:1/");

        var result = await RunAsync("clients add spa --public --redirect-uri http://localhost:2/");

        Assert.Equal((1, "client_id is \"spa\", which is registered: write another one, or remove that client first.\n"), (result.Code, result.Error));
        Assert.Equal("http://localhost:1/", Assert.Single((await FindAsync("spa"))!.RedirectUris));
    }

    [Fact]
    public async Task A_client_is_removed()
    {
        await RunAsync("clients add spa --public --redirect-uri http://localhost:1/");

        Assert.Equal((0, "The client spa is removed, and its grants have ended.\n", ""), await RunAsync("clients remove spa"));

        Assert.Null(await FindAsync("spa"));
        Assert.Equal((1, "", "client_id is \"spa\", which is not registered: see \"clients list\".\n"), await RunAsync("clients remove spa"));
    }
}
