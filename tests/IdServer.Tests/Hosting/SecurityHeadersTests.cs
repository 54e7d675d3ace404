using System.Net;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Hosting;

public sealed class SecurityHeadersTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("error")]
    [InlineData("account/login")]
    [InlineData("account/signed-out")]
    [InlineData("no/such/page")]
    [Spec("requirement", "18")]
    public async Task Every_page_defends_itself(string path)
    {
        using var response = await server.SendAsync(HttpMethod.Get, path);

        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        var policy = One(response, "Content-Security-Policy").Split("; ");
        Assert.Equal(
            [
                "base-uri 'none'", "connect-src 'self'", "default-src 'none'", "font-src 'self'", "form-action 'self'", "frame-ancestors 'none'",
                "img-src 'self' https: data:", "script-src 'self'", "style-src 'self'",
            ],
            policy.Order(StringComparer.Ordinal));
        Assert.Equal("DENY", One(response, "X-Frame-Options"));
        Assert.Equal("no-referrer", One(response, "Referrer-Policy"));
        Assert.Equal("nosniff", One(response, "X-Content-Type-Options"));
        Assert.True(response.Headers.Contains("Permissions-Policy"));
        Assert.False(response.Headers.Contains("Server"));
        response.AssertNotStored();
    }

    [Fact]
    [Spec("requirement", "18")]
    public async Task The_page_of_a_waiting_request_may_end_at_its_client_and_beyond()
    {
        using var browser = server.NewBrowser();
        using var redirect = await browser.AuthorizeAsync();

        using var login = await browser.Http.GetAsync(redirect.Headers.Location, Ct);

        Assert.EndsWith("form-action 'self' https:", One(login, "Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Static_files_may_be_kept_but_not_sniffed()
    {
        using var response = await server.SendAsync(HttpMethod.Get, "js/form-post.js");
        using var versioned = await server.SendAsync(HttpMethod.Get, "js/form-post.js?v=1");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("nosniff", One(response, "X-Content-Type-Options"));
        Assert.Equal(TimeSpan.FromMinutes(5), response.Headers.CacheControl?.MaxAge);
        Assert.Equal(TimeSpan.FromDays(365), versioned.Headers.CacheControl?.MaxAge);
    }

    [Fact]
    [Spec("RFC 6797", "§7.2")]
    public async Task Under_https_browsers_are_told_to_stay_there_and_only_a_trusted_proxy_can_say_so()
    {
        await using var behindProxy = await RunningServer.StartAsync(new RunningServer { Settings = new Dictionary<string, string?> { ["IdServer:Proxies:0"] = "127.0.0.1/32" } });

        using var trusted = await behindProxy.SendAsync(HttpMethod.Get, "health", headers: ("X-Forwarded-Proto", "https"));
        using var untrusted = await server.SendAsync(HttpMethod.Get, "health", headers: ("X-Forwarded-Proto", "https"));

        Assert.Equal("max-age=31536000", One(trusted, "Strict-Transport-Security"));
        Assert.False(untrusted.Headers.Contains("Strict-Transport-Security"));
    }

    private static string One(HttpResponseMessage response, string header) => Assert.Single(response.Headers.GetValues(header));
}
