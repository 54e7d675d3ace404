using System.Net;
using System.Net.Http.Headers;
using IdServer.Testing;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Samples;

/// <summary>A person and the page that is a client from the browser alone.</summary>
public sealed class SpaTests(Chromium chromium, SampleSite site) : BrowserTests(chromium)
{
    [Fact]
    [Spec("requirement", "44")]
    public async Task A_person_signs_in_calls_the_API_and_refreshes_across_origins()
    {
        var page = await NewPageAsync();
        var complaints = Visitor.Complaints(page);
        Assert.True(await Visitor.SignInAsync(page, site.Spa, SampleSite.Newcomer), "Consent was not asked.");
        await Expect(page.Locator("#profile-name")).ToHaveTextAsync("Nuria Vega");
        await Expect(page.Locator("#profile-email")).ToHaveTextAsync("nuria@example.com");
        Assert.Equal(site.Spa, page.Url); // the code has left the address bar

        await Visitor.CallApiAsync(page, "#call-perfil");
        await Expect(page.Locator("#answer")).ToContainTextAsync("nuria@example.com");
        await page.ClickAsync("#refresh");
        await Expect(page.Locator("#notice")).ToHaveTextAsync("Tokens refreshed.");
        await Visitor.CallApiAsync(page, "#call-articulos");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task A_call_that_the_API_refuses_is_tried_once_more_with_a_new_token()
    {
        var page = await NewPageAsync();
        await Visitor.SignInAsync(page, site.Spa);
        var sent = new List<string>();
        await page.RouteAsync(site.Api + "/api/perfil", async route =>
        {
            if (!route.Request.Headers.TryGetValue("authorization", out var bearer))
            {
                await route.ContinueAsync(); // the browser's own question before it (CORS)
                return;
            }

            sent.Add(bearer);
            if (sent.Count > 1)
            {
                await route.ContinueAsync();
                return;
            }

            await route.FulfillAsync(new() { Status = 401, Headers = [KeyValuePair.Create("Access-Control-Allow-Origin", site.WebClient)] });
        });

        await Visitor.CallApiAsync(page, "#call-perfil");

        Assert.Equal(2, sent.Count);
        Assert.NotEqual(sent[0], sent[1]);
    }

    [Fact]
    public async Task Tokens_are_kept_in_no_storage_and_are_gone_after_a_reload()
    {
        var page = await NewPageAsync();
        await Visitor.SignInAsync(page, site.Spa);

        Assert.Equal(0, await page.EvaluateAsync<int>("localStorage.length"));
        Assert.Equal(0, await page.EvaluateAsync<int>("sessionStorage.length")); // verifier and state are used up
        Assert.Equal(0, await page.EvaluateAsync<int>("indexedDB.databases().then(all => all.length)"));
        Assert.Equal("", await page.EvaluateAsync<string>("document.cookie"));

        await page.ReloadAsync();
        await Expect(page.Locator("#sign-in")).ToBeVisibleAsync();
        await Expect(page.Locator("#signed-in")).ToBeHiddenAsync();
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task Signing_out_everywhere_makes_the_access_token_worthless_and_ends_the_session()
    {
        var page = await NewPageAsync();
        var bearer = "";
        page.Request += (_, request) => bearer = request.Url.StartsWith(site.Api, StringComparison.Ordinal) && request.Headers.TryGetValue("authorization", out var value) ? value : bearer;
        await Visitor.SignInAsync(page, site.Spa);
        await Visitor.CallApiAsync(page, "#call-perfil");
        Assert.Equal(HttpStatusCode.OK, await AskApiAsync(bearer));

        await page.ClickAsync("#sign-out");

        await Expect(page.Locator("#notice")).ToHaveTextAsync("Signed out everywhere.");
        Assert.Equal(site.Spa, page.Url);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskApiAsync(bearer));
        await Visitor.MustSignInAgainAsync(page, site.Spa);
    }

    [Theory]
    [Spec("RFC 9207", "§2.4")]
    [InlineData("iss", "https://other.example")]
    [InlineData("state", "forged")]
    public async Task An_answer_of_another_server_or_for_another_request_is_not_redeemed(string member, string value)
    {
        var page = await NewPageAsync();
        var redeemed = false;
        page.Request += (_, request) => redeemed |= request.Url.EndsWith("/connect/token", StringComparison.Ordinal);
        await page.GotoAsync(site.Spa);
        await page.EvaluateAsync("sessionStorage.setItem('spa.pending', JSON.stringify({ state: 'asked', nonce: 'n', verifier: 'v' }))");

        var query = new Dictionary<string, string>(StringComparer.Ordinal) { ["code"] = "c", ["state"] = "asked", ["iss"] = site.Issuer, [member] = value };
        await page.GotoAsync(site.Spa + "?" + string.Join('&', query.Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}")));

        await Expect(page.Locator("#notice")).ToHaveTextAsync("You are not signed in: the answer cannot be trusted.");
        Assert.False(redeemed);
        Assert.Equal(0, await page.EvaluateAsync<int>("sessionStorage.length"));
    }

    [Fact]
    public async Task A_person_who_does_not_consent_is_told_that_nothing_was_shared()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(site.Spa);
        await page.ClickAsync("#sign-in");
        await page.ClickAsync("#login-cancel");

        await Expect(page.Locator("#notice")).ToHaveTextAsync("You did not allow this application. Nothing was shared.");
    }

    [Fact]
    public async Task Spanish_is_spoken_to_a_Spanish_browser()
    {
        var page = await NewPageAsync(person => person.Locale = "es-MX");
        await page.GotoAsync(site.Spa);

        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "es");
        await Expect(page.Locator("#sign-in")).ToHaveTextAsync("Iniciar sesión con IdServer");
    }

    private async Task<HttpStatusCode> AskApiAsync(string bearer)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, site.Api + "/api/perfil");
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(bearer);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
