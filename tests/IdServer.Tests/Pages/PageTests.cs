using System.Net;
using IdServer.Pages;
using IdServer.Sessions;
using IdServer.Testing;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace IdServer.Tests.Pages;

/// <summary>What pages say over HTTP; what they do in front of a person is in IdServer.Browser.Tests.</summary>
public sealed class PageTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/", 200)]
    [InlineData("/account/login", 200)]
    [InlineData("/account/register", 200)]
    [InlineData("/account/signed-out", 200)]
    [InlineData("/device", 200)]
    [InlineData("/error", 400)]
    [InlineData("/nothing/here", 404)]
    [Spec("requirement", "18")]
    public async Task A_page_is_html_with_its_status_and_is_never_stored(string path, int status)
    {
        using var response = await server.Http.GetAsync(path, Ct);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        response.AssertNotStored();
        Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
        Assert.Contains("<html lang=\"en\">", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("HEAD")]
    public async Task An_address_where_nothing_is_is_404_for_every_method(string method)
    {
        using var response = await server.SendAsync(new HttpMethod(method), "nothing/here");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_form_without_its_token_is_not_looked_at()
    {
        using var browser = server.NewBrowser();

        using var response = await browser.Http.PostAsync("account/login", new FormUrlEncodedContent([new("username", Declared.User), new("password", Declared.Password)]), Ct);

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.StartsWith("/error?e=", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.DoesNotContain(browser.Cookies, cookie => cookie.Name.EndsWith("session", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "en")]
    [InlineData("fr-CH, es;q=0.8, en;q=0.7", "es")]
    [InlineData("es;q=0, en;q=0.1", "en")]
    [InlineData("es-419, en", "es")]
    [InlineData("est, eng", "en")]
    public async Task The_browsers_languages_choose_in_their_order(string accepted, string expected)
    {
        using var response = await server.SendAsync(HttpMethod.Get, "", headers: ("Accept-Language", accepted));

        Assert.Contains($"<html lang=\"{expected}\">", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Choosing_a_language_leads_back_to_the_same_address_without_the_choice()
    {
        using var response = await server.Http.GetAsync("account/login?interaction=a%20b&lang=es", Ct);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/account/login?interaction=a%20b", response.Headers.Location!.OriginalString);
        Assert.Contains(response.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("idserver.language=es;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_registration_is_closed_nobody_registers()
    {
        await using var closed = await RunningServer.StartAsync(new RunningServer { Settings = new Dictionary<string, string?> { ["IdServer:Registration:Enabled"] = "false" } });

        using var page = await closed.Http.GetAsync("account/register", Ct);
        using var home = await closed.Http.GetAsync("", Ct);

        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        Assert.DoesNotContain("<form", await page.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("register", await home.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_an_issuer_with_a_path_every_address_of_a_page_has_it()
    {
        await using var tenant = await RunningServer.StartAsync(new RunningServer { IssuerPath = "/tenant" });

        var html = await tenant.Http.GetStringAsync("account/login", Ct);

        var addresses = html.Split('"').Where((text, i) => i % 2 == 1 && text.StartsWith('/')).ToArray();
        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.StartsWith("/tenant/", address, StringComparison.Ordinal));
        using var stylesheet = await tenant.Http.GetAsync(addresses.Single(a => a.Contains("site.css", StringComparison.Ordinal)), Ct);
        Assert.Equal(HttpStatusCode.OK, stylesheet.StatusCode);
    }

    [Fact]
    public void Under_https_the_anti_forgery_cookie_is_bound_to_the_host_and_hidden_from_scripts()
    {
        using var provider = new ServiceCollection().AddSingleton(new CookieNames(Build.Options())).AddIdServerPages().BuildServiceProvider();

        var cookie = provider.GetRequiredService<IOptions<AntiforgeryOptions>>().Value.Cookie;

        Assert.Equal("__Host-idserver.forgery", cookie.Name);
        Assert.True(cookie.HttpOnly);
        Assert.Equal("/", cookie.Path);
        Assert.Equal(SameSiteMode.Lax, cookie.SameSite);
        Assert.Equal(CookieSecurePolicy.Always, cookie.SecurePolicy);
    }
}
