using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using IdServer.Data.Admin;
using IdServer.Protocol.Clients;
using IdServer.Testing;
using IdServer.Tests.Fetching;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.ClientsThatSign;

[Spec("RFC 7523", "§2.2"), Spec("requirement", "31")]
[Attack("assertion replay and confusion")]
public sealed class AssertionRouteTests : IAsyncLifetime
{
    private static readonly (string Path, (string Name, string Value)[] Form)[] Endpoints =
    [
        ("connect/token", [(Parameters.GrantType, GrantTypes.ClientCredentials)]),
        ("connect/introspect", [(Parameters.Token, "x")]),
        ("connect/revocation", [(Parameters.Token, "x")]),
        ("connect/par", [(Parameters.ClientId, "signer"), (Parameters.ResponseType, "code"), (Parameters.RedirectUri, Declared.RedirectUri), (Parameters.Scope, "articles.read"), (Parameters.CodeChallenge, Build.CodeChallenge), (Parameters.CodeChallengeMethod, "S256")]),
    ];

    private RunningServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task One_assertion_opens_one_endpoint_once()
    {
        using var client = new SigningClient(server, ClientKeyPair.Create());
        await client.RegisterAsync();
        foreach (var (path, form) in Endpoints)
        {
            var assertion = client.Assertion();
            using var first = await client.PostAsync(path, assertion, form);
            Assert.True((int)first.StatusCode is 200 or 201, path);

            foreach (var (again, otherForm) in Endpoints)
            {
                var rows = await server.CountRowsAsync();
                using var replayed = await client.PostAsync(again, assertion, otherForm);
                await replayed.AssertErrorAsync(401, "invalid_client");
                Assert.Equal(rows, await server.CountRowsAsync());
            }
        }
    }

    [Fact]
    public async Task An_assertion_used_at_one_node_is_refused_by_the_other()
    {
        await using var other = await RunningServer.StartAsync(new RunningServer
        {
            Settings = new Dictionary<string, string?> { ["IdServer:Database:ConnectionString"] = $"Data Source={server.DatabaseFile}" },
        });
        using var client = new SigningClient(server, ClientKeyPair.Create());
        await client.RegisterAsync();
        var there = client.At(other); // its issuer has another port, so the assertion names both
        for (var round = 0; round < 5; round++)
        {
            var assertion = client.Assertion(server.Issuer, other.Issuer);

            var statuses = await Task.WhenAll(client.TokenAsync(assertion), there.TokenAsync(assertion));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Unauthorized], statuses.Order());
        }
    }

    [Fact]
    public async Task A_client_that_signs_with_its_secret_gets_tokens_and_its_secret_lies_encrypted()
    {
        await server.Provider.GetRequiredService<ClientAdmin>().UpsertAsync(
            new ClientMetadata { ClientId = "mac", TokenEndpointAuthMethod = "client_secret_jwt", GrantTypes = ["client_credentials"], Scope = "articles.read" }, "a-secret-that-only-mac-has-0123456789", Ct);
        using var client = new SigningClient(server, ClientKeyPair.Create(), "mac");

        Assert.Equal(HttpStatusCode.OK, await client.TokenAsync(Mac("a-secret-that-only-mac-has-0123456789")));
        Assert.Equal(HttpStatusCode.Unauthorized, await client.TokenAsync(Mac("a-secret-that-nobody-has-0123456789")));
        foreach (var file in Directory.EnumerateFiles(server.Directory, "*", SearchOption.AllDirectories))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await open.CopyToAsync(bytes, Ct);
            Assert.True(bytes.ToArray().AsSpan().IndexOf("a-secret-that-only-mac-has"u8) < 0, file);
        }
    }

    [Fact]
    [Spec("RFC 8725", "§2.8")]
    public async Task A_header_of_any_size_is_refused()
    {
        using var pair = ClientKeyPair.Create();
        using var client = new SigningClient(server, pair);
        await client.RegisterAsync();

        foreach (var size in (int[])[8_000, 40_000])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await client.TokenAsync(pair.Sign([], header => header["pad"] = new string('x', size))));
        }
    }

    [Fact]
    [Spec("requirement", "32")]
    public async Task A_client_changes_the_keys_it_publishes_and_signs_with_the_new_one_at_once()
    {
        using var first = ClientKeyPair.Create(keyId: "first");
        using var second = ClientKeyPair.Create(keyId: "second");
        var published = first.Jwks;
        await using var site = ScriptedServer.Start((stream, ct) => ScriptedServer.WriteAsync(stream, $"HTTP/1.1 200 OK\r\nContent-Length: {published.Length}\r\n\r\n{published}", ct));
        await using var open = await RunningServer.StartAsync(new RunningServer { Settings = new Dictionary<string, string?> { ["IdServer:Fetching:AllowedPrivateHosts:0"] = site.Name } });
        using var client = new SigningClient(open, first);
        await client.RegisterAsync(m => m with { Jwks = null, JwksUri = $"http://{site.Name}/jwks" });
        Assert.Equal(HttpStatusCode.OK, await client.TokenAsync());

        published = second.Jwks;

        Assert.Equal(HttpStatusCode.OK, await new SigningClient(open, second).TokenAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, await client.TokenAsync());
    }

    [Theory]
    [InlineData("http://{0}/jwks")] // its own network, not named
    [InlineData("https://{0}/jwks")]
    [InlineData("https://localhost/jwks")]
    [InlineData("https://2130706433/jwks")]
    [InlineData("https://0x7f.1/jwks")]
    [InlineData("https://[::ffff:127.0.0.1]/jwks")]
    [InlineData("https://[::1]/jwks")]
    [InlineData("https://169.254.169.254/latest/meta-data/iam/")]
    [InlineData("https://metadata.google.internal/")]
    [InlineData("file:///etc/passwd")]
    [Spec("requirement", "22")]
    public async Task The_address_of_a_clients_keys_leads_to_no_private_network(string address)
    {
        using var pair = ClientKeyPair.Create();
        await using var site = ScriptedServer.Answering("200 OK", pair.Jwks);
        using var client = new SigningClient(server, pair);
        await client.RegisterAsync(m => m with { Jwks = null, JwksUri = string.Format(null, address, site.Name) });
        var rows = await server.CountRowsAsync();

        using var response = await client.PostAsync("connect/token", client.Assertion(), (Parameters.GrantType, GrantTypes.ClientCredentials));

        await response.AssertErrorAsync(401, "invalid_client");
        Assert.Equal(0, site.Connections);
        Assert.Equal(rows, await server.CountRowsAsync());
    }

    [Fact]
    [Spec("requirement", "22")]
    public async Task A_redirect_to_a_private_network_is_not_followed()
    {
        using var pair = ClientKeyPair.Create();
        await using var inside = ScriptedServer.Answering("200 OK", pair.Jwks);
        await using var site = ScriptedServer.Answering($"302 Found\r\nLocation: http://{inside.Name}/");
        await using var open = await RunningServer.StartAsync(new RunningServer { Settings = new Dictionary<string, string?> { ["IdServer:Fetching:AllowedPrivateHosts:0"] = site.Name } });
        using var client = new SigningClient(open, pair);
        await client.RegisterAsync(m => m with { Jwks = null, JwksUri = $"http://{site.Name}/jwks" });

        Assert.Equal(HttpStatusCode.Unauthorized, await client.TokenAsync());
        Assert.Equal((1, 0), (Math.Min(site.Connections, 1), inside.Connections));
    }

    private string Mac(string secret) => ClientKeyPair.Mac(
        Encoding.UTF8.GetBytes(secret),
        new JsonObject { ["alg"] = "HS256" },
        new JsonObject { ["iss"] = "mac", ["sub"] = "mac", ["aud"] = server.Issuer, ["jti"] = secret, ["exp"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 60 });
}
