using System.Text.RegularExpressions;
using IdServer.Data.Users;
using IdServer.Testing;
using IdServer.Tests.Upstream;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>Logins at other providers whose address, or whose provider, is not what it was.</summary>
public sealed partial class UpstreamAttacks : IClassFixture<FederatedServer>
{
    private const string AnasAddress = "ana@example.com"; // declared as verified

    private readonly FederatedServer server;

    public UpstreamAttacks(FederatedServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        this.server = server;
        server.Heal();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Attack("another address at the provider")]
    public async Task A_login_that_says_another_persons_address_later_is_who_it_was_and_gets_nothing_of_theirs()
    {
        server.Upstream.BePerson("wanderer", "wanderer@gmail.example");
        await SignInAsync();
        var (subject, before) = (await server.Running.SubjectOfAsync("wanderer@gmail.example"), await server.PeopleAsync());

        server.Upstream.BePerson("wanderer", AnasAddress);
        using (var again = new FederatedBrowser(server))
        {
            Assert.True((await again.SignInAsync("google")).IsAtApplication);
            Assert.Contains("wanderer@gmail.example", (await again.GoAsync("manage/profile")).Html, StringComparison.Ordinal);
        }

        Assert.Equal("wanderer@gmail.example", (await server.UserAsync(subject)).Email);
        Assert.Equal(before.Split(", ")[..2], (await server.PeopleAsync()).Split(", ")[..2]);
    }

    [Fact]
    [Attack("another address at the provider")]
    public async Task Who_is_given_the_old_address_of_somebody_else_has_to_prove_the_account()
    {
        server.Upstream.BePerson("leaver", "desk@gmail.example");
        await SignInAsync();
        var before = await server.PeopleAsync();

        server.Upstream.BePerson("joiner", "desk@gmail.example"); // a provider gave the address to somebody new
        using var joiner = new FederatedBrowser(server);

        Assert.Equal("/account/link", (await joiner.SignInAsync("google")).Path);
        Assert.Equal(before, await server.PeopleAsync());
    }

    [Fact]
    [Attack("locking oneself out")]
    public async Task A_login_at_a_provider_that_is_gone_is_no_way_in_and_does_not_let_the_last_one_go()
    {
        server.Upstream.BePerson("hermit", "hermit@gmail.example");
        using var hermit = await SignInAsync();
        var userId = Guid.Parse(await server.Running.SubjectOfAsync("hermit@gmail.example"));
        await using (var scope = server.Running.Provider.CreateAsyncScope())
        {
            var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
            Assert.True((await users.AddLoginAsync((await users.FindByIdAsync(userId.ToString()))!, new UserLoginInfo("https://gone.example", "hermit", "Gone"))).Succeeded);
        }

        var page = await hermit.GoAsync("manage/logins");
        var statuses = new List<int>();
        foreach (var reference in Reference().Matches(page.Html).Select(m => m.Groups["value"].Value))
        {
            statuses.Add((await hermit.PostAsync(page, ("unlink", reference))).Status);
        }

        Assert.Equal([200, 422], statuses.Order());
        Assert.NotEqual("https://gone.example", Assert.Single(await server.Running.Provider.GetRequiredService<LinkedLogins>().ListAsync(userId, Ct)).Issuer);
    }

    private async Task<FederatedBrowser> SignInAsync()
    {
        var browser = new FederatedBrowser(server);
        Assert.True((await browser.SignInAsync("google")).IsAtApplication);
        return browser;
    }

    [GeneratedRegex("name=\"unlink\" value=\"(?<value>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Reference();
}
