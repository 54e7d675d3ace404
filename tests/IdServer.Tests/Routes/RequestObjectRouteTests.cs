using System.Net;
using System.Web;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace IdServer.Tests.Routes;

/// <summary>Signed requests over HTTP: by value, pushed, and fetched.</summary>
public sealed class RequestObjectRouteTests : IAsyncLifetime
{
    private const string Address = "https://app.example/requests/7";
    private const string Path = "connect/authorize";

    private readonly MemoryDocuments documents = new();
    private RunningServer server = null!;
    private TestBrowser browser = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.StartAsync(new RunningServer
        {
            Settings = new Dictionary<string, string?>
            {
                ["IdServer:Clients:0:jwks"] = RequestObject.Jwks.GetRawText(),
                ["IdServer:Clients:0:request_uris:0"] = Address,
            },
            Services = services => services.Replace(ServiceDescriptor.Singleton<IDocumentFetcher>(documents)),
        });
        browser = server.NewBrowser();
        await browser.SignInAsync();
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [Spec("RFC 9101", "§5.1")]
    [Spec("requirement", "1")]
    [Spec("requirement", "20")]
    public async Task A_signed_request_leads_to_tokens(string method)
    {
        var parameters = new Dictionary<string, string> { [Parameters.ClientId] = Declared.App, [Parameters.ResponseType] = "code", [Parameters.State] = "outside", [Parameters.Request] = Signed() };
        using var seen = await browser.AuthorizeAsync(); // leaves the browser's cookie

        using var answer = method == "GET"
            ? await browser.Http.GetAsync($"{Path}?{Wire.Encode(parameters)}", Ct)
            : await browser.Http.PostAsync(Path, new FormUrlEncodedContent(parameters), Ct);

        var query = HttpUtility.ParseQueryString(answer.Headers.Location!.Query);
        Assert.Equal("state-of-the-object", query[Parameters.State]);
        using var tokens = await server.RedeemAsync(query[Parameters.Code]!);
        Assert.Equal(HttpStatusCode.OK, tokens.StatusCode);
    }

    [Fact]
    [Spec("OIDC Core", "§6.2")]
    public async Task A_registered_address_is_fetched_and_its_request_survives_the_login()
    {
        documents[Address] = Signed(Algorithms.RS256);
        using var stranger = server.NewBrowser();
        using var toLogin = await stranger.Http.GetAsync($"{Path}?client_id={Declared.App}&request_uri={Uri.EscapeDataString(Address)}", Ct);
        var login = toLogin.Headers.Location!.OriginalString;
        Assert.StartsWith("/account/login?interaction=", login, StringComparison.Ordinal);

        await stranger.SignInAsync();
        using var back = await stranger.Http.GetAsync($"{Path}?{login[(login.IndexOf('?') + 1)..]}", Ct);

        Assert.Equal("state-of-the-object", HttpUtility.ParseQueryString(back.Headers.Location!.Query)[Parameters.State]);
        Assert.Equal(1, documents.Fetches);
    }

    [Fact]
    [Spec("requirement", "21")]
    public async Task A_bad_object_is_an_error_at_the_registered_address_or_on_the_error_page_and_writes_nothing()
    {
        var rows = await server.CountRowsAsync();
        var unsigned = new RequestObject().WithHeader("alg", "none").With("aud", server.Issuer).Content() + ".";

        using var redirected = await browser.AuthorizeAsync((Parameters.Request, unsigned));
        using var shown = await browser.AuthorizeAsync((Parameters.Request, unsigned), (Parameters.RedirectUri, "https://evil.example/callback"));
        using var unregistered = await browser.AuthorizeAsync((Parameters.RequestUri, Address + "?"));
        using var pushed = await server.SendAsync(HttpMethod.Post, "connect/par", Wire.Basic(Declared.App), new FormUrlEncodedContent(TestBrowser.Request((Parameters.Request, unsigned))));

        Assert.StartsWith(Declared.RedirectUri + "?error=invalid_request_object&", redirected.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.StartsWith("/error?e=", shown.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.StartsWith(Declared.RedirectUri + "?error=invalid_request_uri&", unregistered.Headers.Location!.OriginalString, StringComparison.Ordinal);
        await pushed.AssertErrorAsync(400, ErrorCodes.InvalidRequestObject);
        Assert.Equal(0, documents.Fetches);
        Assert.Equal(rows, await server.CountRowsAsync());
    }

    [Fact]
    [Spec("RFC 9126", "§3")]
    public async Task A_signed_request_is_pushed()
    {
        using var pushed = await server.PostAsync("connect/par", Wire.Basic(Declared.App), (Parameters.Request, Signed()));
        var uri = (await pushed.JsonAsync()).Text(Parameters.RequestUri);

        using var answer = await browser.Http.GetAsync($"{Path}?client_id={Declared.App}&request_uri={Uri.EscapeDataString(uri)}", Ct);

        Assert.Equal("state-of-the-object", HttpUtility.ParseQueryString(answer.Headers.Location!.Query)[Parameters.State]);
    }

    [Fact]
    [Spec("requirement", "42")]
    [Spec("requirement", "24")]
    public async Task Discovery_says_what_is_taken()
    {
        using var response = await server.SendAsync(HttpMethod.Get, ".well-known/openid-configuration");
        var metadata = await response.JsonAsync();

        Assert.True(metadata.GetProperty("request_parameter_supported").GetBoolean());
        Assert.True(metadata.GetProperty("request_uri_parameter_supported").GetBoolean());
        Assert.True(metadata.GetProperty("require_request_uri_registration").GetBoolean());
        Assert.False(metadata.GetProperty("require_signed_request_object").GetBoolean());
        Assert.False(metadata.GetProperty("require_pushed_authorization_requests").GetBoolean());
        var algorithms = metadata.GetProperty("request_object_signing_alg_values_supported").EnumerateArray().Select(a => a.GetString()!).ToArray();
        Assert.Equal(["RS256", "PS256", "ES256"], algorithms);
        foreach (var algorithm in algorithms)
        {
            using var answer = await browser.Http.GetAsync($"{Path}?client_id={Declared.App}&request={Signed(algorithm)}", Ct);
            Assert.StartsWith(Declared.RedirectUri + "?code=", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }
    }

    private string Signed(string algorithm = Algorithms.ES256) => new RequestObject().With("aud", server.Issuer).Sign(algorithm);
}
