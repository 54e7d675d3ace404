using System.Text.Json.Nodes;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Registration;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Clients;

[Spec("Client ID Metadata Document", "§4")]
public sealed class ClientIdDocumentsTests
{
    private const string Id = "https://app.example/oauth/client.json";

    private readonly ManualClock clock = new();
    private readonly MemoryDocuments documents = new();
    private readonly RecordingEvents events = new();
    private readonly ClientIdDocuments clients;

    public ClientIdDocumentsTests()
    {
        var options = Build.Options() with { ClientIdMetadata = new() { AllowedHosts = ["app.example", "app.example:8443"] } };
        clients = new ClientIdDocuments(options, new RegistrationPolicy(options, Build.Catalog(), documents), documents, events, clock);
        documents[Id] = Document();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string?> Unbelievable => new()
    {
        { "client_id", null },
        { "client_id", "\"https://app.example/oauth/other.json\"" },
        { "client_id", "\"https://APP.example/oauth/client.json\"" },
        { "client_id", "7" },
        { "client_secret", "\"0123456789abcdef0123456789abcdef\"" },
        { "client_secret_expires_at", "0" },
        { "token_endpoint_auth_method", "\"client_secret_basic\"" },
        { "token_endpoint_auth_method", "\"client_secret_post\"" },
        { "token_endpoint_auth_method", "\"client_secret_jwt\"" },
        { "token_endpoint_auth_method", "\"private_key_jwt\"" }, // without keys
        { "token_endpoint_auth_method", "\"tls_client_auth\"" },
        { "redirect_uris", null },
        { "redirect_uris", "[\"http://app.example/callback\"]" },
        { "redirect_uris", "[\"https://app.example/callback#here\"]" },
        { "redirect_uris", "[\"https://*.example/callback\"]" },
        { "redirect_uris", "\"https://app.example/callback\"" },
        { "grant_types", "[\"client_credentials\"]" },
        { "grant_types", "[\"authorization_code\",\"password\"]" },
        { "grant_types", "[\"refresh_token\"]" },
        { "grant_types", "[\"urn:ietf:params:oauth:grant-type:device_code\"]" },
        { "client_name", "\"\"" },
        { "software_statement", "\"x.y.z\"" },
    };

    [Fact]
    public async Task A_client_is_what_the_document_at_its_id_says()
    {
        documents[Id] = Document(("client_name", "\"An editor\""), ("grant_types", "[\"authorization_code\",\"refresh_token\"]"));

        var client = await clients.FindAsync(Id, Ct);

        Assert.Equal((Id, "An editor", "app.example"), (client!.ClientId, client.Name, client.Domain));
        Assert.True(client is { IsPublic: true, RequirePkce: true, RequireConsent: true, RotateRefreshTokens: true, IsSelfRegistered: false });
        Assert.Equal(["openid", "profile", "email", "offline_access"], client.Scopes);
        Assert.Equal(["authorization_code", "refresh_token"], client.GrantTypes.Order(StringComparer.Ordinal));
        Assert.Empty(events.Raised);
    }

    [Fact]
    public async Task It_may_sign_with_keys_of_its_own()
    {
        using var key = ClientKeyPair.Create(keyId: "first");
        documents[Id] = Document(("token_endpoint_auth_method", "\"private_key_jwt\""), ("jwks", key.Jwks));

        Assert.Equal("private_key_jwt", (await clients.FindAsync(Id, Ct))!.TokenEndpointAuthMethod);
    }

    [Fact]
    public async Task It_does_not_give_itself_what_is_the_operators_to_give()
    {
        documents[Id] = Document(
            ("require_consent", "false"), ("require_pkce", "false"), ("rotate_refresh_tokens", "false"), ("refresh_token_lifetime", "99999999"), ("scope", "\"openid articles.read\""),
            ("grant_types", "[\"authorization_code\",\"urn:ietf:params:oauth:grant-type:device_code\"]"));

        var client = await clients.FindAsync(Id, Ct);

        Assert.True(client is { RequirePkce: true, RequireConsent: true, RotateRefreshTokens: true, Metadata.RefreshTokenLifetime: null });
        Assert.Equal(["openid"], client!.Scopes);
        Assert.Equal(["authorization_code"], client.GrantTypes);
    }

    [Theory]
    [MemberData(nameof(Unbelievable))]
    public async Task A_document_with_one_wrong_member_makes_no_client(string member, string? value)
    {
        documents[Id] = Document((member, value));

        await AssertRefusedAsync(Id);
        Assert.Equal(1, documents.Fetches);
    }

    [Theory]
    [InlineData(null)] // cannot be had: the fetcher says so of redirects and private addresses too
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"client_id\":\"https://app.example/oauth/client.json\",\"client_id\":\"https://app.example/oauth/client.json\",\"redirect_uris\":[\"https://app.example/callback\"]}")]
    public async Task What_is_no_document_makes_no_client(string? document)
    {
        documents[Id] = document;

        await AssertRefusedAsync(Id);
    }

    [Fact]
    [Spec("Client ID Metadata Document", "§6.6")]
    public async Task A_document_has_at_most_5_KB()
    {
        var room = (5 * 1024) - Document(("padding", "\"\"")).Length;
        documents[Id] = Document(("padding", $"\"{new string('x', room + 1)}\""));
        await AssertRefusedAsync(Id);

        clock.Advance(ClientIdDocuments.FailureLifetime);
        documents[Id] = Document(("padding", $"\"{new string('x', room)}\""));
        Assert.NotNull(await clients.FindAsync(Id, Ct));
    }

    [Theory]
    [Spec("Client ID Metadata Document", "§3")]
    [InlineData("https://elsewhere.example/client.json")]
    [InlineData("https://sub.app.example/client.json")]
    [InlineData("https://app.example.elsewhere.example/client.json")]
    [InlineData("https://app.example:9443/client.json")]
    [InlineData("https://app.example:443/client.json")]
    [InlineData("https://APP.example/client.json")]
    [InlineData("https://app.example")]
    [InlineData("https://app.example/")]
    [InlineData("https://app.example/client.json?a=b")]
    [InlineData("https://app.example/client.json#here")]
    [InlineData("https://user@app.example/client.json")]
    [InlineData("https://@app.example/client.json")]
    [InlineData("https://app.example@elsewhere.example/client.json")]
    [InlineData("https://app.example/a/../client.json")]
    [InlineData("https://app.example/./client.json")]
    [InlineData("https://app.example/a/%2e%2E/client.json")]
    [InlineData("https://app.example\\client.json")]
    [InlineData("https:///client.json")]
    public async Task Nothing_is_fetched_from_another_host_or_by_another_spelling(string id)
    {
        await AssertRefusedAsync(id);
        Assert.Equal(0, documents.Fetches);
    }

    [Theory]
    [InlineData("http://app.example/oauth/client.json")]
    [InlineData("app")]
    [InlineData("")]
    public async Task Other_ids_are_not_looked_at(string id)
    {
        Assert.Null(await clients.FindAsync(id, Ct));
        Assert.Equal(0, documents.Fetches);
        Assert.Empty(events.Raised);
    }

    [Fact]
    public async Task A_host_with_a_port_is_another_domain()
    {
        const string Other = "https://app.example:8443/client.json";
        documents[Other] = Document(("client_id", $"\"{Other}\""));

        Assert.Equal("app.example:8443", (await clients.FindAsync(Other, Ct))!.Domain);
    }

    [Fact]
    public async Task A_document_is_believed_for_ten_minutes()
    {
        var client = await clients.FindAsync(Id, Ct);
        documents[Id] = null;
        clock.Advance(ClientIdDocuments.Lifetime - TimeSpan.FromSeconds(1));
        Assert.Same(client, await clients.FindAsync(Id, Ct));
        Assert.Equal(1, documents.Fetches);

        clock.Advance(TimeSpan.FromSeconds(1));
        await AssertRefusedAsync(Id);
        Assert.Null(await clients.FindAsync(Id, Ct));
        Assert.Equal(2, documents.Fetches);
    }

    [Fact]
    public async Task What_could_not_be_had_is_asked_for_again_after_half_a_minute()
    {
        documents[Id] = null;
        await AssertRefusedAsync(Id);
        documents[Id] = Document();
        clock.Advance(ClientIdDocuments.FailureLifetime - TimeSpan.FromSeconds(1));
        Assert.Null(await clients.FindAsync(Id, Ct));
        Assert.Equal(1, documents.Fetches);

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await clients.FindAsync(Id, Ct));
    }

    [Fact]
    public async Task Parallel_requests_share_one_fetch_and_one_that_leaves_does_not_end_it()
    {
        documents.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var gone = new CancellationTokenSource();
        var leaving = clients.FindAsync(Id, gone.Token).AsTask();
        var staying = Enumerable.Range(0, 32).Select(_ => clients.FindAsync(Id, Ct).AsTask()).ToArray();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        documents.Gate.SetResult();

        var found = await Task.WhenAll(staying);

        Assert.NotNull(found[0]);
        Assert.All(found, client => Assert.Same(found[0], client));
        Assert.Equal(1, documents.Fetches);
    }

    [Fact]
    [Attack("registration")]
    public async Task Invented_addresses_are_fetched_a_few_at_a_time()
    {
        documents.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = Enumerable.Range(0, ClientIdDocuments.MostAtOnce).Select(i => clients.FindAsync($"https://app.example/invented/{i}", Ct).AsTask()).ToArray();

        await AssertRefusedAsync(Id);
        documents.Gate.SetResult();

        Assert.All(await Task.WhenAll(waiting), Assert.Null);
        Assert.Equal(ClientIdDocuments.MostAtOnce, documents.Fetches);
        Assert.NotNull(await clients.FindAsync(Id, Ct)); // that it was refused is not remembered
    }

    private static string Document(params (string Member, string? Json)[] changes)
    {
        var document = new JsonObject { ["client_id"] = Id, ["redirect_uris"] = new JsonArray("https://app.example/callback") };
        foreach (var (member, json) in changes)
        {
            document.Remove(member);
            if (json is not null)
            {
                document[member] = JsonNode.Parse(json);
            }
        }

        return document.ToJsonString();
    }

    private async Task AssertRefusedAsync(string id)
    {
        var before = events.Raised.Count;
        Assert.Null(await clients.FindAsync(id, Ct));
        var refusal = Assert.Single(events.Raised.Skip(before));
        Assert.Equal((EventKind.ClientDocumentRefused, id), (refusal.Kind, refusal.ClientId));
        Assert.NotEmpty(refusal.Detail!);
    }
}
