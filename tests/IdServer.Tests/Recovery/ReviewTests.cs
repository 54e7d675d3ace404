using IdServer.Data.Users;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Tests.Manage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Recovery;

/// <summary>The page after a reset: everything that opens the account, and the end of what its owner does not know.</summary>
public sealed class ReviewTests(ForgottenPassword people) : IClassFixture<ForgottenPassword>
{
    private const string Review = "account/review";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RunningServer Server => people.Server;

    [Fact]
    public async Task Everything_that_opens_the_account_is_there_with_its_date_and_nothing_is_chosen()
    {
        var name = await people.AddPersonAsync();
        await BelongAsync(name);
        using var browser = await ResetAsync(name);

        var page = await browser.GetAsync(Review);

        Assert.Equal(200, page.Status);
        foreach (var kind in new[] { "Passkey:", "Login:https://accounts.example 1", "Device:", "App:app" })
        {
            Assert.Contains($"value=\"{kind}", page.Text, StringComparison.Ordinal);
        }

        Assert.Contains("My phone", page.Text, StringComparison.Ordinal);
        Assert.Contains("you, now", page.Text, StringComparison.Ordinal); // this session, which cannot be chosen
        Assert.DoesNotContain("value=\"Session:", page.Text, StringComparison.Ordinal); // the others ended with the password
        Assert.DoesNotContain(" checked", page.Html, StringComparison.Ordinal);
        Assert.True(page.Html.Split("<time datetime=").Length >= 6, page.Html);
    }

    [Fact]
    public async Task What_is_not_known_goes_in_one_go_and_the_rest_stays()
    {
        var name = await people.AddPersonAsync();
        await BelongAsync(name);
        using var browser = await ResetAsync(name);
        var unknown = Ids((await browser.GetAsync(Review)).Text).Where(id => !id.StartsWith("App:", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3, unknown.Length);

        var dropped = await browser.PostAsync(Review, [.. unknown.Select(id => ("review-unknown", id)), ("review-drop", "yes")]);

        Assert.Equal((303, "/manage"), (dropped.Status, dropped.Location));
        Assert.Contains("removed from your account", (await browser.GetAsync("manage")).Text, StringComparison.Ordinal);
        Assert.Equal(["App:app"], Ids((await browser.GetAsync(Review)).Text));
        Assert.Contains("passkey", (await people.Mail.TakeAsync(ForgottenPassword.AddressOf(name), "passkey", Ct)).Subject, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Other_sessions_and_applications_end_here_too()
    {
        var name = await people.AddPersonAsync();
        await BelongAsync(name);
        using var browser = await AccountBrowser.SignedInAsync(Server, name);
        using var elsewhere = await AccountBrowser.SignedInAsync(Server, name);
        var unknown = Ids((await browser.GetAsync(Review)).Text).Where(id => id.StartsWith("Session:", StringComparison.Ordinal) || id.StartsWith("App:", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, unknown.Length);

        await browser.PostAsync(Review, [.. unknown.Select(id => ("review-unknown", id)), ("review-drop", "yes")]);

        Assert.Equal(303, (await elsewhere.GetAsync("manage")).Status);
        Assert.Null(await Server.Provider.GetRequiredService<IConsentStore>().FindAsync(await Server.SubjectOfAsync(name), "app", Ct));
        Assert.Equal(200, (await browser.GetAsync("manage")).Status);
    }

    [Fact]
    [Attack("somebody else's things")]
    public async Task What_is_somebody_elses_or_this_session_is_never_taken_away()
    {
        var victim = await people.AddPersonAsync();
        await BelongAsync(victim);
        using var owner = await AccountBrowser.SignedInAsync(Server, victim);
        var theirs = Ids((await owner.GetAsync(Review)).Text);
        var session = (await Server.Provider.GetRequiredService<ISessionStore>().ListAsync(await Server.SubjectOfAsync(victim), TimeProvider.System.GetUtcNow(), Ct)).Single();
        using var attacker = await AccountBrowser.SignedInAsync(Server, await people.AddPersonAsync());

        await attacker.PostAsync(Review, [.. theirs.Select(id => ("review-unknown", id)), ("review-unknown", $"Session:{session.Id}"), ("review-drop", "yes")]);
        await owner.PostAsync(Review, ("review-unknown", $"Session:{session.Id}"), ("review-drop", "yes"));

        Assert.Equal(theirs, Ids((await owner.GetAsync(Review)).Text));
    }

    [Fact]
    public async Task The_last_way_in_stays_and_the_page_says_so()
    {
        var name = await people.AddPersonAsync();
        await BelongAsync(name);
        using var browser = await AccountBrowser.SignedInAsync(Server, name);
        await using (var scope = Server.Provider.CreateAsyncScope())
        {
            var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
            Assert.True((await users.RemovePasswordAsync((await users.FindByNameAsync(name))!)).Succeeded);
        }

        var passkey = Ids((await browser.GetAsync(Review)).Text).Single(id => id.StartsWith("Passkey:", StringComparison.Ordinal));
        var refused = await browser.PostAsync(Review, ("review-unknown", passkey), ("review-drop", "yes"));

        Assert.Equal((303, "/account/review"), (refused.Status, refused.Location));
        var page = await browser.GetAsync(Review);
        Assert.Contains("the only way into your account", page.Text, StringComparison.Ordinal);
        Assert.Contains(passkey, Ids(page.Text));
    }

    [Fact]
    public async Task Nobody_sees_it_who_is_not_signed_in()
    {
        using var browser = new AccountBrowser(Server);

        Assert.Equal("/account/login?to=%2Faccount%2Freview", (await browser.GetAsync(Review)).Location);
        Assert.StartsWith("/error?e=", (await browser.ForgeAsync(Review, ("review-unknown", "App:app"))).Location, StringComparison.Ordinal);
    }

    private async Task<AccountBrowser> ResetAsync(string name)
    {
        var browser = await people.FollowAsync(await people.LinkAsync(name));
        Assert.Equal("/account/review", (await ForgottenPassword.ResetAsync(browser)).Location);
        return browser;
    }

    // A passkey, a login at a provider, a device and an application.
    private async Task BelongAsync(string name)
    {
        await using var scope = Server.Provider.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var user = (await users.FindByNameAsync(name))!;
        var now = TimeProvider.System.GetUtcNow();
        Assert.True((await users.AddLoginAsync(user, new UserLoginInfo("https://accounts.example", "1 " + name, "Example"))).Succeeded);
        Assert.True((await users.AddOrUpdatePasskeyAsync(user, new UserPasskeyInfo(user.Id.ToByteArray(), [1], now, 0, null, true, false, false, [], []) { Name = "My phone" })).Succeeded);
        await Server.Provider.GetRequiredService<KnownDevices>().RememberAsync(null, user.Id.ToByteArray(), user.Id, "Firefox, Linux", "192.0.2.1", TimeSpan.FromDays(1), Ct);
        await Server.Provider.GetRequiredService<IConsentStore>().RememberAsync(user.Id.ToString(), Declared.App, ["openid"], [], now, Ct);
    }

    private static string[] Ids(string html) => [.. html.Split("name=\"review-unknown\" value=\"").Skip(1).Select(part => part.Split('"')[0])];
}
