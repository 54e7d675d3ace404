using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IdServer.Data.Admin;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>A stranger registers addresses of this machine wherever the server would call one, with the server's own fetcher: nobody is called. How an address may be disguised is in the tests of the fetcher.</summary>
[Attack("SSRF")]
[Spec("requirement", "22"), Spec("requirement", "45")]
public sealed partial class SsrfAttacks : IAsyncLifetime
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CapturedLogs logs = new();
    private readonly RunningServer server;

    public SsrfAttacks() => server = new RunningServer
    {
        Settings = new Dictionary<string, string?> { ["IdServer:ClientRegistration:Mode"] = "Open", ["IdServer:PairwiseKey"] = Convert.ToBase64String(new byte[32]) },
        Services = services => services.AddSingleton<ILoggerProvider>(logs),
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Its own port as https, and the address of clouds' metadata, which has to fail in the same way.</summary>
    private string[] Targets => [$"https://127.0.0.1:{Port}/secret", $"https://localhost:{Port}/secret", $"https://[::ffff:127.0.0.1]:{Port}/secret", "https://169.254.169.254/latest/meta-data/"];

    private int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public async ValueTask InitializeAsync()
    {
        listener.Start();
        await server.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        listener.Dispose();
        logs.Dispose();
    }

    [Fact]
    public async Task The_keys_of_a_client_are_not_fetched_from_a_private_address()
    {
        using var key = ClientKeyPair.Create();
        foreach (var target in Targets)
        {
            var client = await RegisterAsync(("token_endpoint_auth_method", "private_key_jwt"), ("jwks_uri", target));
            var id = client.Text("client_id");
            var now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
            var assertion = key.Sign(new JsonObject { ["iss"] = id, ["sub"] = id, ["aud"] = server.Issuer, ["jti"] = RandomNumberGenerator.GetHexString(32), ["exp"] = now + 60 });
            var rows = await server.CountRowsAsync();

            using var response = await server.PostAsync(
                "connect/token", null, (Parameters.GrantType, GrantTypes.AuthorizationCode), (Parameters.ClientAssertionType, ClientAssertion.AssertionType), (Parameters.ClientAssertion, assertion));

            await response.AssertErrorAsync(401, ErrorCodes.InvalidClient);
            Assert.Equal(rows, await server.CountRowsAsync());
        }

        AssertNobodyWasCalled();
    }

    [Fact]
    [Spec("OIDC Registration", "§5")]
    public async Task A_sector_is_not_read_from_a_private_address_and_the_client_is_not_registered()
    {
        foreach (var target in Targets)
        {
            using var response = await PostAsync(("subject_type", "pairwise"), ("sector_identifier_uri", target));
            await response.AssertErrorAsync(400, "invalid_client_metadata");
        }

        AssertNobodyWasCalled();
    }

    [Fact]
    [Spec("requirement", "21")]
    public async Task A_request_object_is_not_fetched_from_a_private_address()
    {
        foreach (var target in Targets)
        {
            var client = await RegisterAsync(("request_uris", new JsonArray(target)));
            using var browser = server.NewBrowser();
            var rows = await server.CountRowsAsync();

            using var response = await browser.Http.GetAsync($"connect/authorize?client_id={client.Text("client_id")}&response_type=code&scope=openid&redirect_uri={Uri.EscapeDataString(Declared.RedirectUri)}&request_uri={Uri.EscapeDataString(target)}", Ct);

            Assert.Contains(ErrorCodes.InvalidRequestUri, response.Headers.Location?.Query ?? await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
            Assert.Equal(rows, await server.CountRowsAsync());
        }

        AssertNobodyWasCalled();
    }

    [Fact]
    [Spec("requirement", "47")]
    public async Task A_logout_token_is_not_sent_to_a_private_address()
    {
        using var browser = server.NewBrowser();
        await browser.SignInAsync();
        foreach (var (target, index) in Targets.Select((target, index) => (target, index)))
        {
            await server.Provider.GetRequiredService<ClientAdmin>().UpsertAsync(
                new ClientMetadata { ClientId = $"told-{index}", RedirectUris = [Declared.RedirectUri], Scope = "openid", RequireConsent = false, BackchannelLogoutUri = target }, Declared.Secret, Ct);
            var code = await browser.CodeAsync((Parameters.ClientId, $"told-{index}"), (Parameters.Scope, "openid"));
            using var tokens = await server.PostAsync(
                "connect/token",
                Wire.Basic($"told-{index}"),
                (Parameters.GrantType, GrantTypes.AuthorizationCode),
                (Parameters.Code, code),
                (Parameters.RedirectUri, Declared.RedirectUri),
                (Parameters.CodeVerifier, Build.CodeVerifier));
            Assert.Equal(HttpStatusCode.OK, tokens.StatusCode);
        }

        using var page = await browser.Http.GetAsync("account/logout", Ct);
        var form = AntiForgery().Match(await page.Content.ReadAsStringAsync(Ct)).Groups["value"].Value;
        using var ended = await browser.Http.PostAsync("account/logout", new FormUrlEncodedContent([new("logout-confirm", "yes"), new("anti-forgery", form)]), Ct);

        var putOff = await Eventually.Async(() => Task.FromResult(logs.Entries.Count(entry => entry.Id == (int)EventKind.LogoutPutOff)), count => count >= Targets.Length, TimeSpan.FromSeconds(20));
        Assert.Equal(Targets.Length, putOff);
        AssertNobodyWasCalled();
    }

    [Theory]
    [InlineData("logo_uri")]
    [InlineData("client_uri")]
    [InlineData("policy_uri")]
    [InlineData("tos_uri")]
    [InlineData("initiate_login_uri")]
    public async Task What_is_only_shown_is_never_fetched(string member)
    {
        var client = await RegisterAsync((member, Targets[0]));
        using var browser = server.NewBrowser();
        await browser.SignInAsync();
        using var consent = await browser.AuthorizeAsync((Parameters.ClientId, client.Text("client_id")), (Parameters.Scope, "openid"));
        using var page = await browser.Http.GetAsync(consent.Headers.Location, Ct);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        AssertNobodyWasCalled();
    }

    private void AssertNobodyWasCalled() => Assert.False(listener.Pending());

    private async Task<JsonElement> RegisterAsync(params (string Member, JsonNode? Value)[] members)
    {
        using var response = await PostAsync(members);
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Ct));
        return await response.JsonAsync();
    }

    private async Task<HttpResponseMessage> PostAsync(params (string Member, JsonNode? Value)[] members)
    {
        var metadata = new JsonObject { ["redirect_uris"] = new JsonArray(Declared.RedirectUri) };
        foreach (var (member, value) in members)
        {
            metadata[member] = value;
        }

        return await server.SendAsync(HttpMethod.Post, "connect/register", null, JsonContent.Create(metadata));
    }

    [GeneratedRegex("name=\"anti-forgery\"[^>]*value=\"(?<value>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex AntiForgery();
}
