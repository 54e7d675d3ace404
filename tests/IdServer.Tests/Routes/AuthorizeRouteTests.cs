using System.Net;
using System.Web;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Routes;

public sealed class AuthorizeRouteTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Path = "connect/authorize";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("RFC 6749", "§4.1.2")]
    [Spec("RFC 9207", "§2")]
    [Spec("requirement", "14")]
    public async Task Who_is_signed_in_goes_back_with_a_code_by_303()
    {
        using var browser = server.NewBrowser();
        await browser.SignInAsync();

        using var response = await browser.AuthorizeAsync();

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        response.AssertNotStored();
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.StartsWith(Declared.RedirectUri + "?code=", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        var answer = HttpUtility.ParseQueryString(response.Headers.Location.Query);
        Assert.Equal(TestBrowser.Request()[Parameters.State], answer[Parameters.State]);
        Assert.Equal(server.Issuer, answer[Parameters.Issuer]);
    }

    [Fact]
    [Spec("requirement", "1")]
    public async Task A_form_post_is_answered_like_a_get()
    {
        using var browser = server.NewBrowser();
        await browser.SignInAsync();
        using var first = await browser.AuthorizeAsync(); // leaves the browser's cookie

        using var response = await browser.Http.PostAsync(Path, new FormUrlEncodedContent(TestBrowser.Request()), Ct);

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.StartsWith(Declared.RedirectUri + "?code=", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "1")]
    public async Task A_form_post_that_comes_without_cookies_goes_on_by_get_with_every_parameter()
    {
        using var browser = server.NewBrowser();

        using var response = await browser.Http.PostAsync(Path, new FormUrlEncodedContent(TestBrowser.Request()), Ct);

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        var location = response.Headers.Location!.OriginalString;
        Assert.StartsWith("/connect/authorize?", location, StringComparison.Ordinal);
        var query = HttpUtility.ParseQueryString(location[location.IndexOf('?')..]);
        Assert.All(TestBrowser.Request(), p => Assert.Equal(p.Value, query[p.Key]));
    }

    [Fact]
    [Spec("requirement", "7")]
    [Spec("requirement", "14")]
    public async Task Prompt_none_without_a_session_is_login_required_by_redirect()
    {
        using var browser = server.NewBrowser();

        using var response = await browser.AuthorizeAsync((Parameters.Prompt, Prompts.None));

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        var answer = HttpUtility.ParseQueryString(response.Headers.Location!.Query);
        Assert.Equal(ErrorCodes.LoginRequired, answer[Parameters.Error]);
        Assert.Equal(server.Issuer, answer[Parameters.Issuer]);
    }

    [Fact]
    public async Task A_stranger_is_sent_to_the_login_page_and_comes_back_to_the_same_request()
    {
        using var browser = server.NewBrowser();
        using var toLogin = await browser.AuthorizeAsync();
        var login = toLogin.Headers.Location!.OriginalString;
        Assert.StartsWith("/account/login?interaction=", login, StringComparison.Ordinal);

        await browser.SignInAsync();
        using var back = await browser.Http.GetAsync("connect/authorize?" + login[(login.IndexOf('?') + 1)..], Ct);

        Assert.StartsWith(Declared.RedirectUri + "?code=", back.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_consent_is_wanted_the_consent_page_follows()
    {
        using var browser = server.NewBrowser();
        await browser.SignInAsync();

        using var response = await browser.AuthorizeAsync((Parameters.ClientId, Declared.PublicApp));

        Assert.StartsWith("/authorize/consent?interaction=", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interaction_is_worthless_in_another_browser()
    {
        using var victim = server.NewBrowser();
        using var toLogin = await victim.AuthorizeAsync();
        var login = toLogin.Headers.Location!.OriginalString;
        using var other = server.NewBrowser();
        await other.SignInAsync();

        using var response = await other.Http.GetAsync("connect/authorize?" + login[(login.IndexOf('?') + 1)..], Ct);

        Assert.StartsWith("/error?e=", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "3")]
    public async Task A_parameter_of_the_client_named_like_ours_changes_nothing()
    {
        using var browser = server.NewBrowser();
        await browser.SignInAsync();

        using var response = await browser.AuthorizeAsync(("interaction", "something of the client"));

        Assert.StartsWith(Declared.RedirectUri + "?code=", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "1")]
    public async Task A_long_request_is_read_by_get_too()
    {
        using var browser = server.NewBrowser();
        await browser.SignInAsync();

        using var response = await browser.AuthorizeAsync(("x", new string('a', 30_000)));

        Assert.StartsWith(Declared.RedirectUri + "?code=", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("OAuth 2.0 Form Post Response Mode", "§2")]
    [Spec("requirement", "15")]
    public async Task Form_post_is_a_page_that_posts_to_the_client()
    {
        using var browser = server.NewBrowser();
        await browser.SignInAsync();

        using var response = await browser.AuthorizeAsync((Parameters.ResponseMode, ResponseModes.FormPost));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        response.AssertNotStored();
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.EndsWith("form-action 'self' https:", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-inline", policy, StringComparison.Ordinal);
        var html = WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(Ct));
        Assert.Contains($"action=\"{Declared.RedirectUri}\"", html, StringComparison.Ordinal);
        Assert.Contains("name=\"code\"", html, StringComparison.Ordinal);
        Assert.Contains($"value=\"{TestBrowser.Request()[Parameters.State]}\"", html, StringComparison.Ordinal);
        Assert.Contains("<button type=\"submit\"", html, StringComparison.Ordinal);
        using var script = await browser.Http.GetAsync("js/form-post.js", Ct);
        Assert.Equal(HttpStatusCode.OK, script.StatusCode);
    }

    [Fact]
    [Spec("requirement", "14")]
    [Spec("requirement", "15")]
    public async Task An_error_by_form_post_leaves_nothing_in_the_address()
    {
        using var browser = server.NewBrowser();

        using var response = await browser.AuthorizeAsync((Parameters.ResponseMode, ResponseModes.FormPost), (Parameters.Prompt, Prompts.None), (Parameters.State, "\"><script>alert(1)</script>"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Null(response.Headers.Location);
        var html = await response.Content.ReadAsStringAsync(Ct);
        Assert.Contains(ErrorCodes.LoginRequired, html, StringComparison.Ordinal);
        Assert.Contains($"name=\"iss\" value=\"{server.Issuer}\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
    }
}
