using System.Net;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Manage;

public sealed class AppsTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    [Spec("RFC 7009", "§2.1")]
    public async Task Withdrawing_the_access_of_an_application_ends_its_tokens_at_once()
    {
        using var browser = new AccountBrowser(server);
        var tokens = await TokensAsync(browser);
        var page = await browser.GetAsync("manage/apps");
        Assert.Contains("The App", page.Text, StringComparison.Ordinal);
        Assert.Contains("Keep this access while you are away", page.Text, StringComparison.Ordinal); // scopes in the words of the consent page
        Assert.Contains("One application has access to your account.", (await browser.GetAsync("manage")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await UserInfoAsync(tokens.Access));

        var withdrawn = await browser.PostAsync("manage/apps", ("app", Declared.App));

        Assert.Equal((303, "/manage/apps"), (withdrawn.Status, withdrawn.Location));
        Assert.Contains("The access is withdrawn.", (await browser.GetAsync("manage/apps")).Text, StringComparison.Ordinal);
        Assert.Contains("apps-none", (await browser.GetAsync("manage/apps")).Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await UserInfoAsync(tokens.Access));
        using var refreshed = await server.RefreshAsync(tokens.Refresh);
        Assert.Equal(HttpStatusCode.BadRequest, refreshed.StatusCode);
    }

    [Fact]
    [Attack("another person's id")]
    public async Task Nobody_withdraws_what_another_person_allowed()
    {
        using var ana = new AccountBrowser(server);
        var tokens = await TokensAsync(ana);
        using var berta = await AccountBrowser.SignedInAsync(server, "berta");
        Assert.DoesNotContain("The App", (await berta.GetAsync("manage/apps")).Text, StringComparison.Ordinal);

        // Berta's own page has no form to post, her profile's token will do.
        var token = AccountBrowser.Token((await berta.GetAsync("manage/profile")).Html);
        await server.WritesNothingAsync(() => berta.ForgeAsync("manage/apps", ("anti-forgery", token), ("app", Declared.App), ("subject", Declared.User)));

        Assert.Equal(HttpStatusCode.OK, await UserInfoAsync(tokens.Access));
    }

    private async Task<(string Access, string Refresh)> TokensAsync(AccountBrowser browser)
    {
        using var response = await server.RedeemAsync(await browser.Browser.CodeAsync());
        var json = await response.JsonAsync();
        return (json.Text(Parameters.AccessToken), json.Text(Parameters.RefreshToken));
    }

    private async Task<HttpStatusCode> UserInfoAsync(string token)
    {
        using var response = await server.SendAsync(HttpMethod.Get, "connect/userinfo", headers: ("Authorization", $"Bearer {token}"));
        return response.StatusCode;
    }
}
