using Xunit;

namespace IdServer.Tests.Manage;

/// <summary>Who gets to see the pages under /manage, and the first of them.</summary>
public sealed class OverviewTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task Who_is_not_signed_in_does_so_first_and_comes_back()
    {
        using var stranger = new AccountBrowser(server);

        var answer = await stranger.GetAsync("manage?section=a");

        Assert.Equal((303, "/account/login?to=%2Fmanage"), (answer.Status, answer.Location));
    }

    [Fact]
    public async Task A_disabled_account_has_no_pages()
    {
        var accounts = (IdServer.Users.Accounts)server.Provider.GetService(typeof(IdServer.Users.Accounts))!;
        await accounts.AddAsync(new() { Username = "dora", Email = "dora@example.com", Password = Declared.Password }, TestContext.Current.CancellationToken);
        using var browser = await AccountBrowser.SignedInAsync(server, "dora");
        Assert.Equal(200, (await browser.GetAsync("manage")).Status);

        await accounts.DisableAsync("dora", TestContext.Current.CancellationToken);

        Assert.Equal(303, (await browser.GetAsync("manage")).Status);
    }

    [Fact]
    public async Task The_overview_says_how_the_account_is()
    {
        using var browser = await AccountBrowser.SignedInAsync(server);

        var page = await browser.GetAsync("manage");

        Assert.Equal(200, page.Status);
        Assert.Contains("Your address is ana@example.com.", page.Text, StringComparison.Ordinal);
        Assert.Contains("You sign in with a password. There is no second factor.", page.Text, StringComparison.Ordinal);
        Assert.Contains("No application has access to your account.", page.Text, StringComparison.Ordinal);
        Assert.Contains("You are signed in on this browser only.", page.Text, StringComparison.Ordinal);
        Assert.Contains("aria-current=\"page\"", page.Html, StringComparison.Ordinal);
    }
}
