using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using IdServer.Data.Admin;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace IdServer.Tests.Registration;

/// <summary>A server at which anybody may register a client, with a small internet of documents.</summary>
public sealed class RegisteringServer : IAsyncLifetime
{
    public RegisteringServer()
        : this("Open")
    {
    }

    internal RegisteringServer(string mode, params (string Name, string Value)[] besides)
    {
        var settings = new Dictionary<string, string?> { ["IdServer:ClientRegistration:Mode"] = mode, ["IdServer:PairwiseKey"] = Convert.ToBase64String(new byte[32]) };
        foreach (var (name, value) in besides)
        {
            settings[name] = value;
        }

        Running = new RunningServer { Settings = settings, Services = services => services.Replace(ServiceDescriptor.Singleton<IDocumentFetcher>(Documents)) };
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public RunningServer Running { get; }

    public MemoryDocuments Documents { get; } = new();

    /// <summary>What an app writes, changed or removed (null) as given.</summary>
    public static JsonObject Metadata(params (string Name, JsonNode? Value)[] changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var metadata = new JsonObject { ["redirect_uris"] = new JsonArray(Declared.RedirectUri) };
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                metadata.Remove(name);
            }
            else
            {
                metadata[name] = value;
            }
        }

        return metadata;
    }

    public Task<HttpResponseMessage> PostAsync(JsonNode? metadata, string? token = null) =>
        Running.SendAsync(HttpMethod.Post, "connect/register", token is null ? null : Wire.Bearer(token), JsonContent.Create(metadata));

    /// <summary>Registers, and asserts that it worked.</summary>
    public async Task<JsonElement> RegisterAsync(params (string Name, JsonNode? Value)[] changes)
    {
        using var response = await PostAsync(Metadata(changes));
        Assert.True((int)response.StatusCode == 201, await response.Content.ReadAsStringAsync(Ct));
        response.AssertNotStored();
        return await response.JsonAsync();
    }

    /// <summary>Asks the client configuration endpoint.</summary>
    public Task<HttpResponseMessage> ManageAsync(HttpMethod method, JsonElement registered, JsonNode? body = null, string? token = null) => Running.SendAsync(
        method, registered.Text("registration_client_uri"), Wire.Bearer(token ?? registered.Text("registration_access_token")), body is null ? null : JsonContent.Create(body));

    public async Task<IReadOnlyList<Client>> ClientsAsync() => await Running.Provider.GetRequiredService<ClientAdmin>().ListAsync(Ct);

    /// <summary>An initial access token of the operator.</summary>
    public async Task<string> InitialAccessTokenAsync(int uses = 1, int hours = 1)
    {
        var token = Handle.New(TimeProvider.System);
        await Running.Provider.GetRequiredService<IInitialAccessTokenStore>().SaveAsync(new InitialAccessToken(token.Key, uses, TimeProvider.System.GetUtcNow().AddHours(hours)), Ct);
        return token.Value;
    }

    public ValueTask InitializeAsync() => Running.InitializeAsync();

    public ValueTask DisposeAsync() => Running.DisposeAsync();
}
