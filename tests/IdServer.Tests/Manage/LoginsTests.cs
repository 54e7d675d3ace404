using System.Net;
using System.Text.RegularExpressions;
using IdServer.Testing;
using IdServer.Tests.Upstream;
using Xunit;

namespace IdServer.Tests.Manage;

public sealed partial class LoginsTests : IClassFixture<FederatedServer>
{
    private const string Page = "manage/logins";

    private readonly FederatedServer server;

    public LoginsTests(FederatedServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        this.server = server;
        server.Heal();
    }

    [Fact]
    public async Task A_login_is_linked_by_signing_in_at_its_provider_and_unlinked_with_a_button()
    {
        using var ana = await SignInAsync(Declared.User);
        server.Upstream.BePerson("anas-own", "ana@elsewhere.example"); // whatever address it has there

        var linked = await ana.PostAsync(await ana.GoAsync(Page), ("link", "google"));

        Assert.Equal("/manage/logins", linked.Path);
        Assert.Contains("from now on you can sign in with it", linked.Html, StringComparison.Ordinal);
        using var later = new FederatedBrowser(server);
        await later.SignInAsync("google");
        Assert.Contains("ana@example.com", (await later.GoAsync("manage/profile")).Html, StringComparison.Ordinal);

        var unlinked = await ana.PostAsync(await ana.GoAsync(Page), ("unlink", Reference().Match(linked.Html).Groups["value"].Value));
        Assert.Contains("logins-none", unlinked.Html, StringComparison.Ordinal);
    }

    [Fact]
    [Attack("linking another person's login")]
    public async Task A_login_that_belongs_to_another_account_stays_there()
    {
        server.Upstream.BePerson("owned", "owned@gmail.example");
        using var owner = new FederatedBrowser(server);
        await owner.SignInAsync("google");
        using var ana = await SignInAsync(Declared.User);
        var before = await server.PeopleAsync();

        var refused = await ana.PostAsync(await ana.GoAsync(Page), ("link", "google"));

        Assert.Equal("/manage/logins", refused.Path);
        Assert.Contains("belongs to another account", WebUtility.HtmlDecode(refused.Html), StringComparison.Ordinal);
        Assert.Equal(before, await server.PeopleAsync());
    }

    [Fact]
    [Attack("another person's id")]
    public async Task Nobody_unlinks_another_person_s_login_and_nobody_the_last_way_in()
    {
        server.Upstream.BePerson("only-door", "only-door@gmail.example");
        using var owner = new FederatedBrowser(server);
        await owner.SignInAsync("google");
        var page = await owner.GoAsync(Page);
        var reference = Reference().Match(page.Html).Groups["value"].Value;
        Assert.NotEmpty(reference);
        var before = await server.PeopleAsync();
        using var ana = await SignInAsync(Declared.User);
        await ana.PostAsync(await ana.GoAsync(Page), ("unlink", reference));

        var refused = await owner.PostAsync(page, ("unlink", reference));

        Assert.Equal(422, refused.Status);
        Assert.Contains("This is your only way in", refused.Html, StringComparison.Ordinal);
        Assert.Equal(before.Split(", ")[1], (await server.PeopleAsync()).Split(", ")[1]);
    }

    [Fact]
    [Attack("cross-site request forgery")]
    public async Task Another_site_begins_no_linking()
    {
        using var ana = await AccountBrowser.SignedInAsync(server.Running);

        var answer = await ana.ForgeAsync(Page, ("link", "google"));

        Assert.StartsWith("/error?e=", answer.Location, StringComparison.Ordinal);
    }

    private async Task<FederatedBrowser> SignInAsync(string username)
    {
        var browser = new FederatedBrowser(server);
        await browser.PostAsync(await browser.GoAsync("account/login"), ("username", username), ("password", Declared.Password), ("login-submit", "yes"));
        return browser;
    }

    [GeneratedRegex("name=\"unlink\" value=\"(?<value>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Reference();
}
