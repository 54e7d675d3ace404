using IdServer.Testing;
using IdServer.Tests;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

public sealed class FrontChannelLogoutTests(Chromium chromium, PagesServer server) : BrowserTests(chromium)
{
    [Fact]
    [Spec("OIDC Front-Channel Logout", "§3"), Spec("requirement", "47")]
    public async Task Signing_out_loads_the_address_of_the_client_with_issuer_and_session_and_goes_on_to_it()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize(("scope", "openid"), ("prompt", "consent")));
        await PagesServer.SignInAsync(page);
        await PagesServer.SubmitAsync(page, "#consent-accept");
        var idToken = (await server.TokensAsync(page)).Text("id_token");
        var loaded = page.WaitForRequestAsync(request => request.Url.Contains("/front-channel?", StringComparison.Ordinal));

        await page.GotoAsync(server.Address($"/connect/endsession?id_token_hint={idToken}&post_logout_redirect_uri={Uri.EscapeDataString(server.CallbackUri.Replace("/callback", "/signed-out", StringComparison.Ordinal))}"));

        await Expect(page.Locator("#callback")).ToHaveTextAsync("Signed out of the application");
        var request = new Uri((await loaded).Url);
        Assert.Contains("iss=" + Uri.EscapeDataString(server.Issuer), request.Query, StringComparison.Ordinal);
        Assert.Matches("sid=[0-9a-f-]{36}", request.Query);
    }
}
