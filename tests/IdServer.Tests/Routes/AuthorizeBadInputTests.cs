using System.Net;
using System.Text;
using System.Web;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Routes;

/// <summary>Authorization requests that must come to nothing: no code, no interaction, and no redirect to an address that was not registered.</summary>
public sealed class AuthorizeBadInputTests(RunningServer server) : IClassFixture<RunningServer>, IAsyncLifetime
{
    private const string Path = "connect/authorize";

    private long rowsBefore;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => rowsBefore = await server.CountRowsAsync();

    public async ValueTask DisposeAsync() => Assert.Equal(rowsBefore, await server.CountRowsAsync());

    [Theory]
    [InlineData("connect/authorize?interaction=nonsense")]
    [InlineData("connect/authorize?interaction=00000000-0000-0000-0000-000000000000")]
    [InlineData("connect/authorize")]
    [InlineData("connect/authorize?client_id=%FF")]
    [InlineData("connect/authorize?client_id=%zz")]
    [Spec("requirement", "4")]
    public async Task What_cannot_be_a_request_ends_on_the_error_page(string path)
    {
        using var browser = server.NewBrowser();

        using var response = await browser.Http.GetAsync(path, Ct);

        AssertErrorPage(response);
    }

    [Theory]
    [InlineData(Parameters.ClientId, "nobody")]
    [InlineData(Parameters.ClientId, null)]
    [InlineData(Parameters.RedirectUri, "https://evil.example/callback")]
    [InlineData(Parameters.RedirectUri, "https://app.example/callback/")]
    [InlineData(Parameters.RedirectUri, null)]
    [Spec("requirement", "4")]
    [Spec("RFC 6749", "§4.1.2.1")]
    public async Task A_bad_client_or_redirect_uri_is_never_redirected_to(string name, string? value)
    {
        using var browser = server.NewBrowser();
        await browser.SignInAsync();

        using var response = await browser.AuthorizeAsync((name, value));

        AssertErrorPage(response);
    }

    [Fact]
    [Spec("requirement", "2")]
    public async Task A_parameter_given_twice_is_invalid_request_at_the_client()
    {
        using var browser = server.NewBrowser();

        using var response = await browser.Http.GetAsync($"{Path}?{Wire.Encode(TestBrowser.Request())}&scope=openid", Ct);

        Assert.Equal(ErrorCodes.InvalidRequest, HttpUtility.ParseQueryString(response.Headers.Location!.Query)[Parameters.Error]);
        Assert.StartsWith(Declared.RedirectUri, response.Headers.Location.OriginalString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    public async Task A_post_of_another_content_type_ends_on_the_error_page(string type)
    {
        using var browser = server.NewBrowser();

        using var response = await browser.Http.PostAsync(Path, new StringContent(Wire.Encode(TestBrowser.Request()), Encoding.UTF8, type), Ct);

        AssertErrorPage(response);
    }

    [Fact]
    public async Task A_body_over_64_KB_ends_on_the_error_page()
    {
        using var browser = server.NewBrowser();
        browser.Http.DefaultRequestHeaders.ExpectContinue = true; // see Wire.AskFirst

        using var response = await browser.Http.PostAsync(Path, new FormUrlEncodedContent(TestBrowser.Request(("x", new string('a', 70_000)))), Ct);

        AssertErrorPage(response);
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("PUT")]
    [InlineData("OPTIONS")]
    public async Task Other_methods_are_405_and_issue_nothing(string method)
    {
        using var browser = server.NewBrowser();
        await browser.SignInAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{Path}?{Wire.Encode(TestBrowser.Request())}");

        using var response = await browser.Http.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET", "POST"], response.Content.Headers.Allow);
        Assert.Null(response.Headers.Location);
    }

    private static void AssertErrorPage(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.StartsWith("/error?e=", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }
}
