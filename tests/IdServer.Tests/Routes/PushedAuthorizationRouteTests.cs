using System.Net;
using System.Web;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Routes;

public sealed class PushedAuthorizationRouteTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Path = "connect/par";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("RFC 9126", "§2.2")]
    [Spec("requirement", "23")]
    public async Task A_pushed_request_is_created_and_stored_by_no_cache()
    {
        using var response = await PushAsync();

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        response.AssertNotStored();
        var body = await response.JsonAsync();
        Assert.Equal(["expires_in", "request_uri"], body.EnumerateObject().Select(m => m.Name).Order(StringComparer.Ordinal));
        Assert.Equal(90, body.GetProperty(Parameters.ExpiresIn).GetInt64());
        Assert.StartsWith("urn:ietf:params:oauth:request_uri:", body.Text(Parameters.RequestUri), StringComparison.Ordinal);
    }

    [Fact]
    [Spec("RFC 9126", "§4")]
    public async Task The_whole_flow_runs_with_nothing_but_two_parameters_in_the_address()
    {
        using var browser = server.NewBrowser();
        await browser.SignInAsync();

        using var answer = await OpenAsync(browser, await RequestUriAsync());

        var location = answer.Headers.Location!;
        Assert.StartsWith(Declared.RedirectUri + "?code=", location.OriginalString, StringComparison.Ordinal);
        var query = HttpUtility.ParseQueryString(location.Query);
        Assert.Equal(TestBrowser.Request()[Parameters.State], query[Parameters.State]);
        using var tokens = await server.RedeemAsync(query[Parameters.Code]!);
        Assert.Equal(HttpStatusCode.OK, tokens.StatusCode);
    }

    [Fact]
    [Spec("requirement", "23")]
    public async Task A_stranger_signs_in_and_comes_back_and_then_the_request_uri_is_spent()
    {
        using var browser = server.NewBrowser();
        var uri = await RequestUriAsync();
        using var abandoned = await OpenAsync(browser, uri);
        using var toLogin = await OpenAsync(browser, uri);
        var login = toLogin.Headers.Location!.OriginalString;
        Assert.StartsWith("/account/login?interaction=", login, StringComparison.Ordinal);
        await browser.SignInAsync();

        using var back = await browser.Http.GetAsync("connect/authorize?" + login[(login.IndexOf('?') + 1)..], Ct);
        using var again = await OpenAsync(browser, uri);

        Assert.StartsWith(Declared.RedirectUri + "?code=", back.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.StartsWith(Declared.RedirectUri + "?error=invalid_request_uri", again.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "23")]
    public async Task The_request_uri_of_another_client_ends_on_the_error_page()
    {
        using var browser = server.NewBrowser();
        await browser.SignInAsync();
        var uri = await RequestUriAsync();

        using var answer = await OpenAsync(browser, uri, Declared.PublicApp);

        Assert.StartsWith("/error?e=", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("RFC 9126", "§2")]
    public async Task A_public_client_pushes_without_a_secret()
    {
        using var response = await server.SendAsync(HttpMethod.Post, Path, body: new FormUrlEncodedContent(TestBrowser.Request((Parameters.ClientId, Declared.PublicApp))));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact]
    [Spec("RFC 9126", "§2.3")]
    public async Task An_error_is_JSON_and_never_a_redirect_and_writes_nothing()
    {
        var rows = await server.CountRowsAsync();
        using var scope = await PushAsync((Parameters.Scope, "openid nonsense"));
        using var redirect = await PushAsync((Parameters.RedirectUri, "https://evil.example/callback"));
        using var named = await PushAsync((Parameters.RequestUri, "urn:ietf:params:oauth:request_uri:x"));
        using var stranger = await server.SendAsync(HttpMethod.Post, Path, Wire.Basic(Declared.App, "a-wrong-secret-of-enough-characters-0123456789"), new FormUrlEncodedContent(TestBrowser.Request()));

        await scope.AssertErrorAsync(400, ErrorCodes.InvalidScope);
        await redirect.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
        await named.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
        await stranger.AssertErrorAsync(401, ErrorCodes.InvalidClient);
        Assert.Equal(rows, await server.CountRowsAsync());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("PUT")]
    [Spec("RFC 9126", "§2.3")]
    [Spec("requirement", "23")]
    public async Task Any_method_but_post_is_405(string method)
    {
        using var response = await server.SendAsync(new HttpMethod(method), Path);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Fact]
    [Spec("requirement", "50")]
    public async Task Its_failures_count_against_their_source()
    {
        await using var strict = await RunningServer.StartAsync(new RunningServer { Settings = new Dictionary<string, string?> { ["IdServer:RateLimits:TokenFailuresPerMinute"] = "2" } });
        for (var i = 0; i < 2; i++)
        {
            using var refused = await strict.PostAsync(Path, Wire.Basic(Declared.App), (Parameters.Scope, "x"));
            await refused.AssertErrorAsync(400, ErrorCodes.InvalidRequest);
        }

        using var limited = await strict.PostAsync(Path, Wire.Basic(Declared.App), (Parameters.Scope, "x"));

        await limited.AssertErrorAsync(429, ErrorCodes.TemporarilyUnavailable);
    }

    [Fact]
    [Spec("requirement", "24")]
    [Spec("RFC 9126", "§5")]
    public async Task A_server_that_wants_every_request_pushed_says_so_and_means_it()
    {
        await using var strict = await RunningServer.StartAsync(new RunningServer { Settings = new Dictionary<string, string?> { ["IdServer:Authorization:RequirePushedAuthorizationRequests"] = "true" } });
        using var browser = strict.NewBrowser();
        await browser.SignInAsync();

        using var metadata = await strict.SendAsync(HttpMethod.Get, ".well-known/openid-configuration");
        using var plain = await browser.AuthorizeAsync();

        Assert.True((await metadata.JsonAsync()).GetProperty("require_pushed_authorization_requests").GetBoolean());
        Assert.StartsWith(Declared.RedirectUri + "?error=invalid_request&", plain.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> PushAsync(params (string Name, string? Value)[] changes) =>
        server.SendAsync(HttpMethod.Post, Path, Wire.Basic(Declared.App), new FormUrlEncodedContent(TestBrowser.Request(changes)));

    private async Task<string> RequestUriAsync()
    {
        using var response = await PushAsync();
        return (await response.JsonAsync()).Text(Parameters.RequestUri);
    }

    private static Task<HttpResponseMessage> OpenAsync(TestBrowser browser, string uri, string clientId = Declared.App) =>
        browser.Http.GetAsync($"connect/authorize?{Wire.Encode([new(Parameters.ClientId, clientId), new(Parameters.RequestUri, uri)])}", Ct);
}
