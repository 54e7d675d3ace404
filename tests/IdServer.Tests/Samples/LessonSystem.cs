using IdServer.Testing;
using IdServer.Tests.ResourceServer;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Samples;

/// <summary>The real server and the sample API, both in this process, sharing a clock that starts at the true time.</summary>
public sealed class LessonSystem : IAsyncLifetime
{
    /// <summary>A client of somebody else with the password grant for the same API.</summary>
    public const string OtherClient = "other-app";

    private RunningApi? api;

    public ManualClock Clock { get; } = new() { Now = TimeProvider.System.GetUtcNow() };

    public RunningServer Server { get; private set; } = null!;

    internal RunningApi Api => api ?? throw new InvalidOperationException("The API has not been started.");

    public async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync(new RunningServer
        {
            Clock = Clock,
            Settings = new Dictionary<string, string?>
            {
                ["IdServer:Resources:9:identifier"] = RunningApi.Audience,
                ["IdServer:Resources:9:scopes:0"] = "api",
                ["IdServer:Resources:9:introspection_clients:0"] = "resource-api",
                ["IdServer:Clients:90:client_id"] = "resource-api",
                ["IdServer:Clients:90:client_secret"] = Declared.Secret,
                ["IdServer:Clients:90:grant_types:0"] = GrantTypes.Password,
                ["IdServer:Clients:90:grant_types:1"] = GrantTypes.RefreshToken,
                ["IdServer:Clients:90:grant_types:2"] = GrantTypes.ClientCredentials,
                ["IdServer:Clients:90:scope"] = "api users.create users.read",
                ["IdServer:Clients:90:rotate_refresh_tokens"] = "false",
                ["IdServer:Clients:91:client_id"] = OtherClient,
                ["IdServer:Clients:91:client_secret"] = Declared.Secret,
                ["IdServer:Clients:91:grant_types:0"] = GrantTypes.Password,
                ["IdServer:Clients:91:scope"] = "api",
                ["IdServer:Users:90:username"] = "eva",
                ["IdServer:Users:90:email"] = "eva@example.com",
                ["IdServer:Users:90:name"] = "Eva Mora",
                ["IdServer:Users:90:password"] = Declared.Password,
                ["IdServer:Users:90:roles:0"] = "editor",
                ["IdServer:Users:91:username"] = "olga",
                ["IdServer:Users:91:email"] = "olga@example.com",
                ["IdServer:Users:91:password"] = Declared.Password,
            },
        });
        api = await RunningApi.StartAsync(Server.Issuer, Clock);
    }

    public async ValueTask DisposeAsync()
    {
        if (api is not null)
        {
            await api.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    /// <summary>The answer of <c>/auth/login</c> to a declared person.</summary>
    internal Task<ApiAnswer> LoginAsync(string username) => Api.PostAsync("/auth/login", new { email = $"{username}@example.com", password = Declared.Password });

    internal async Task<string> AccessTokenAsync(string username) => (await LoginAsync(username)).Json.Text("access_token");
}
