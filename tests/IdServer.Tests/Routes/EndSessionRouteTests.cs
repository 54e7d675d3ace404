using System.Net;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Routes;

public sealed class EndSessionRouteTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("requirement", "46")]
    [Spec("requirement", "48")]
    public async Task A_valid_hint_ends_the_session_and_what_lives_with_it_and_goes_back()
    {
        using var browser = server.NewBrowser();
        var code = await browser.CodeAsync((Parameters.Scope, "openid profile"));
        using var redeemed = await server.RedeemAsync(code);
        var tokens = await redeemed.JsonAsync();

        using var response = await EndAsync(browser, (Parameters.IdTokenHint, tokens.Text(Parameters.IdToken)), (Parameters.PostLogoutRedirectUri, "https://app.example/signed-out"), (Parameters.State, "s t"));

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.Equal("https://app.example/signed-out?state=s%20t", response.Headers.Location!.OriginalString);
        using var silent = await browser.AuthorizeAsync((Parameters.Prompt, Prompts.None));
        Assert.Contains(ErrorCodes.LoginRequired, silent.Headers.Location!.Query, StringComparison.Ordinal);
        using var userInfo = await server.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(tokens.Text(Parameters.AccessToken)));
        Assert.Equal(HttpStatusCode.Unauthorized, userInfo.StatusCode);
    }

    [Fact]
    [Spec("requirement", "46")]
    public async Task Without_a_hint_the_person_is_asked_first()
    {
        using var browser = server.NewBrowser();
        await browser.SignInAsync();

        using var response = await EndAsync(browser);

        Assert.StartsWith("/account/logout?interaction=", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var silent = await browser.AuthorizeAsync((Parameters.Prompt, Prompts.None));
        Assert.StartsWith(Declared.RedirectUri + "?code=", silent.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "46")]
    public async Task Whoever_is_not_signed_in_lands_on_the_signed_out_page()
    {
        using var browser = server.NewBrowser();

        using var response = await EndAsync(browser);

        Assert.Equal("/account/signed-out", response.Headers.Location!.OriginalString);
    }

    [Fact]
    [Spec("requirement", "46")]
    public async Task An_unregistered_address_is_never_redirected_to_and_the_session_stays()
    {
        using var browser = server.NewBrowser();
        var code = await browser.CodeAsync();
        using var redeemed = await server.RedeemAsync(code);

        using var response = await EndAsync(browser, (Parameters.IdTokenHint, (await redeemed.JsonAsync()).Text(Parameters.IdToken)), (Parameters.PostLogoutRedirectUri, "https://evil.example/"));

        Assert.StartsWith("/error?e=", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var silent = await browser.AuthorizeAsync((Parameters.Prompt, Prompts.None));
        Assert.StartsWith(Declared.RedirectUri + "?code=", silent.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "46")]
    public async Task A_post_ends_the_session_like_a_get()
    {
        using var browser = server.NewBrowser();
        var code = await browser.CodeAsync();
        using var redeemed = await server.RedeemAsync(code);

        using var response = await browser.Http.PostAsync("connect/endsession", new FormUrlEncodedContent([new(Parameters.IdTokenHint, (await redeemed.JsonAsync()).Text(Parameters.IdToken))]), Ct);

        Assert.Equal("/account/signed-out?client=app", response.Headers.Location!.OriginalString); // the page leads back to it
        Assert.DoesNotContain(browser.Cookies, cookie => cookie.Name == "idserver.session" && cookie.Value.Length > 0);
    }

    [Theory]
    [InlineData("state=a&state=b")]
    [InlineData("state=%FF")]
    [InlineData("id_token_hint=nonsense")]
    [Spec("requirement", "2")]
    public async Task A_bad_request_ends_on_the_error_page(string query)
    {
        using var browser = server.NewBrowser();

        using var response = await browser.Http.GetAsync("connect/endsession?" + query, Ct);

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.StartsWith("/error?e=", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> EndAsync(TestBrowser browser, params (string Name, string Value)[] parameters) =>
        browser.Http.GetAsync("connect/endsession?" + Wire.Encode(parameters.Select(p => KeyValuePair.Create(p.Name, p.Value))), Ct);
}
