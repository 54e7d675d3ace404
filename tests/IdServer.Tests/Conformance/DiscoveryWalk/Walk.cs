using System.Text.Json;
using System.Text.Json.Nodes;
using IdServer.Tokens.Registries;

namespace IdServer.Tests.Conformance.DiscoveryWalk;

/// <summary>What the proofs of published metadata work with: clients made to measure, and whole flows of theirs.</summary>
internal sealed class Walk(ConformanceServer server)
{
    public RunningServer Server => server.Running;

    public SkippingClock Clock => server.Clock;

    public SuiteDocuments Documents => server.Documents;

    /// <summary>A client that may do everything and sends no PKCE, changed as given in the words of RFC 7591.</summary>
    public Task<RelyingParty> ClientAsync(params (string Member, JsonNode? Value)[] with) => ClientAsync(null, with);

    /// <param name="key">What it signs with; its public part is declared too.</param>
    public async Task<RelyingParty> ClientAsync(SuiteKey? key, params (string Member, JsonNode? Value)[] with) =>
        await RelyingParty.StartAsync(server, await server.DeclareAsync(key, key is null ? with : [("jwks", key.Jwks), .. with]));

    /// <summary>A client that nobody has registered, with a document at its id.</summary>
    public Task<RelyingParty> ClientOfDocumentAsync(string address)
    {
        var client = new SuiteClient(address, "https://documents.example/callback", ClientAuthenticationMethods.None);
        Documents.Publish(address, new JsonObject { ["client_id"] = address, ["redirect_uris"] = new JsonArray(client.RedirectUri) }.ToJsonString());
        return RelyingParty.StartAsync(server, client);
    }

    public Task<RelyingParty> ClientOfGrantAsync(string grantType, params (string Member, JsonNode? Value)[] with) =>
        ClientAsync([("grant_types", new JsonArray(GrantTypes.AuthorizationCode, GrantTypes.RefreshToken, grantType)), .. with]);

    /// <summary>The whole flow in a new browser; the modules prove the login page, so that here the person is signed in already.</summary>
    public async Task<SignedIn> SignInAsync(RelyingParty client, params (string Name, string? Value)[] changes)
    {
        using var browser = new SuiteBrowser(Server);
        await browser.BeSignedInAsync(ConformanceServer.Person);
        return await client.FinishAsync(browser, await client.OpenAsync(browser, client.Request(changes)));
    }

    public static IEnumerable<string> Values(JsonElement member) => member.EnumerateArray().Select(value => value.GetString()!);
}
