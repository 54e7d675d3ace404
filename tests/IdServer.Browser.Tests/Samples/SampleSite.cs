using System.Net;
using System.Net.Sockets;
using IdServer.Tests;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

[assembly: AssemblyFixture(typeof(IdServer.Browser.Tests.Samples.SampleSite))]

namespace IdServer.Browser.Tests.Samples;

/// <summary>The server, the sample API and the sample web client, each on a port of its own, registered at one another as in the demo.</summary>
public sealed class SampleSite : IAsyncLifetime
{
    public const string Password = Declared.Password;

    /// <summary>May have consented in a test before.</summary>
    public const string User = Declared.User;

    /// <summary>Signs in once to each application: consent is asked. Nuria Vega, nuria@example.com, editor.</summary>
    public const string Newcomer = "nuria";

    /// <summary>Never consents.</summary>
    public const string Refuser = "berta";

    /// <summary>Of one test only, which ends all grants of this person.</summary>
    public const string Leaver = "luis";

    private const string Scope = "openid profile email offline_access " + ApiScope;
    private const string ApiScope = "sample-api";
    private const string ApiClient = "resource-api";
    private const string WebClientId = "web-client";
    private const string SpaClientId = "spa";

    /// <summary>Of a second registration of the web client, whose access tokens are always about to expire.</summary>
    private const string HastyClientId = "hasty-web-client";

    private const string DoubtedClientId = "doubted-web-client";
    private const string HastyLifetime = "20"; // seconds, less than the web client's margin

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("samples-");
    private readonly List<WebApplication> samples = [];
    private RunningServer? server;

    public string Issuer => server!.Issuer;

    public string Api { get; } = FreeAddress();

    public string WebClient { get; } = FreeAddress();

    public string HastyWebClient { get; } = FreeAddress();

    /// <summary>A web client whose API refuses tokens: <see cref="SuspiciousApi"/>.</summary>
    public string DoubtedWebClient { get; } = FreeAddress();

    public SuspiciousApi SuspiciousApi { get; } = new();

    public string Spa => WebClient + "/spa/";

    public IServiceProvider Server => server!.Provider;

    public async ValueTask InitializeAsync()
    {
        Microsoft.Playwright.Assertions.SetDefaultExpectTimeout(15_000); // milliseconds; the machine may be busy
        server = await RunningServer.StartAsync(new RunningServer { Settings = Registrations() });
        await StartAsync(global::Samples.ResourceApi.ResourceApi.Build(
            [
                "--Urls", Api, "--ResourceApi:Issuer", Issuer, "--ResourceApi:Audience", Api, "--ResourceApi:ClientId", ApiClient, "--ResourceApi:ClientSecret", Declared.Secret,
                "--ResourceApi:Database", $"Data Source={Path.Combine(directory.FullName, "api.db")}", "--ResourceApi:Origins:0", WebClient,
            ],
            Quiet));
        await StartAsync(BuildWebClient(WebClient, WebClientId, Api));
        await StartAsync(BuildWebClient(HastyWebClient, HastyClientId, Api));
        await StartAsync(BuildWebClient(DoubtedWebClient, DoubtedClientId, await SuspiciousApi.StartAsync(samples)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sample in samples)
        {
            await sample.DisposeAsync();
        }

        if (server is not null)
        {
            await server.DisposeAsync();
        }

        directory.Delete(recursive: true);
    }

    private WebApplication BuildWebClient(string address, string clientId, string api) => global::Samples.WebClient.WebClient.Build(
        [
            "--Urls", address, "--WebClient:Issuer", Issuer, "--WebClient:Api", api, "--WebClient:ClientId", clientId, "--WebClient:ClientSecret", Declared.Secret,
            "--WebClient:SpaClientId", SpaClientId, "--WebClient:Scope", Scope,
        ],
        builder =>
        {
            Quiet(builder);
            builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        });

    private async Task StartAsync(WebApplication sample)
    {
        samples.Add(sample);
        await sample.StartAsync(TestContext.Current.CancellationToken);
    }

    private static void Quiet(WebApplicationBuilder builder) => builder.Logging.SetMinimumLevel(LogLevel.Warning);

    private Dictionary<string, string?> Registrations() => new[]
    {
        Members("Resources:9", ("identifier", Api), ("scopes:0", ApiScope), ("introspection_clients:0", ApiClient)),
        Members("Clients:20", ("client_id", ApiClient), ("client_secret", Declared.Secret), ("grant_types:0", GrantTypes.Password), ("grant_types:1", GrantTypes.RefreshToken), ("grant_types:2", GrantTypes.ClientCredentials), ("scope", Scope)),
        Members("Clients:21", [.. WebRegistration(WebClientId, WebClient)]),
        Members("Clients:22", [.. WebRegistration(HastyClientId, HastyWebClient), ("access_token_lifetime", HastyLifetime)]),
        Members("Clients:23", [.. WebRegistration(DoubtedClientId, DoubtedWebClient)]),
        Members("Clients:24", ("client_id", SpaClientId), ("client_name", "Cuaderno"), ("token_endpoint_auth_method", ClientAuthenticationMethods.None), ("grant_types:0", GrantTypes.AuthorizationCode), ("grant_types:1", GrantTypes.RefreshToken),
            ("redirect_uris:0", Spa), ("post_logout_redirect_uris:0", Spa), ("scope", Scope)),
        Members("Users:10", ("username", Newcomer), ("email", "nuria@example.com"), ("password", Password), ("name", "Nuria Vega"), ("roles:0", "editor")),
        Members("Users:11", ("username", Leaver), ("email", "luis@example.com"), ("password", Password), ("name", "Luis Mora"), ("roles:0", "usuario")),
    }.SelectMany(members => members).ToDictionary();

    private static IEnumerable<(string Name, string Value)> WebRegistration(string clientId, string address) =>
    [
        ("client_id", clientId), ("client_name", "Cuaderno"), ("client_secret", Declared.Secret), ("token_endpoint_auth_method", ClientAuthenticationMethods.ClientSecretPost),
        ("grant_types:0", GrantTypes.AuthorizationCode), ("grant_types:1", GrantTypes.RefreshToken), ("redirect_uris:0", address + "/signin-idserver"), ("post_logout_redirect_uris:0", address + "/signed-out"), ("scope", Scope),
    ];

    private static IEnumerable<KeyValuePair<string, string?>> Members(string section, params (string Name, string Value)[] members) =>
        members.Select(m => KeyValuePair.Create($"IdServer:{section}:{m.Name}", (string?)m.Value));

    private static string FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
