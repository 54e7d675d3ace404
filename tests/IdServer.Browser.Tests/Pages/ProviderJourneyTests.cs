using IdServer.Testing;
using IdServer.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>People who come from Google, GitHub and any OpenID Connect provider, in good times and bad.</summary>
public sealed class ProviderJourneyTests : BrowserTests, IClassFixture<PeopleServer>
{
    private readonly PeopleServer server;

    public ProviderJourneyTests(Chromium chromium, PeopleServer server)
        : base(chromium)
    {
        this.server = server;
        (server.Upstream.ChangeIdToken, server.Upstream.SignsWithForeignKey, server.Upstream.Error, server.Upstream.Hangs, server.Upstream.IsBroken) = (_ => { }, false, null, false, false);
    }

    [Fact]
    [Journey("a button for each provider, with its name and mark"), Journey("any OpenID Connect provider"), Journey("first sign-in: role and permission by configuration")]
    public async Task Each_provider_has_a_button_one_gives_its_people_another_role_and_one_makes_no_accounts()
    {
        server.Upstream.BePerson("gala-at-work", "gala@work.example");
        server.Upstream.Person["displayName"] = "Gala at Work";
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address("/account/login"));
        foreach (var (key, name, mark) in new[] { ("google", "Google", "google"), ("github", "GitHub", "github"), ("corporate", "Example Corporation", "openidconnect"), ("members", "Members", "openidconnect") })
        {
            await Expect(page.Locator($"#login-{key}")).ToHaveAccessibleNameAsync($"Sign in with {name}");
            Assert.Contains($"/img/provider-{mark}.svg", await page.Locator($"#login-{key} .mark").EvaluateAsync<string>("e => getComputedStyle(e).backgroundImage + getComputedStyle(e).maskImage"), StringComparison.Ordinal);
            await page.WaitForFunctionAsync($"performance.getEntriesByType('resource').some(e => e.name.includes('/img/provider-{mark}.svg') && e.responseStatus === 200)");
        }

        var before = await server.CountAsync();
        await SignInAtAsync(page, "members");
        await Expect(page.Locator("#login-fault")).ToContainTextAsync("There is no account here for your Members sign-in.");
        Assert.Equal(before, await server.CountAsync());

        await SignInAtAsync(page, "corporate");
        await Expect(page.Locator("#home-heading")).ToHaveTextAsync("Hello, Gala at Work");
        await Expect(page.Locator("#home-email")).ToHaveTextAsync("gala@work.example");
        await Expect(page.Locator("#home-roles")).ToHaveTextAsync("editor");
        Assert.Equal("1/", await server.ReadAsync("""SELECT "EmailConfirmed" || '/' || COALESCE("PasswordHash", '') FROM "AspNetUsers" WHERE "Email" = 'gala@work.example'"""));
    }

    [Fact]
    [Journey("idp_hint"), Journey("sign in with GitHub: private address, avatar, login for a name"), Journey("amr: fed")]
    [Spec("requirement", "11")]
    public async Task An_application_that_names_the_provider_sends_its_person_straight_there()
    {
        server.Upstream.BeGitHubPerson(4712, "octo-iris", name: null, ("old@github.example", false, true), ("iris@github.example", true, true));
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize(("idp_hint", "github")));
        await Expect(page.Locator("h1")).ToHaveTextAsync("Upstream"); // nothing of ours was in between
        await PagesServer.SubmitAsync(page, "#upstream-continue");
        await Expect(page.Locator("#consent-account")).ToContainTextAsync("octo-iris");
        await PagesServer.SubmitAsync(page, "#consent-accept");

        Assert.Equal(("urn:idserver:acr:fed", "fed"), (await server.ClaimsAsync(page)).Proved());
        Assert.Equal("1/octo-iris/https://avatars.example/u/4712", await server.ReadAsync("""SELECT "EmailConfirmed" || '/' || "Name" || '/' || "Picture" FROM "AspNetUsers" WHERE "Email" = 'iris@github.example'"""));
    }

    [Fact]
    [Journey("sign in with Google: hd")]
    public async Task Only_people_of_the_hosted_domain_come_in()
    {
        server.Upstream.BePerson("hosted-olga", "olga@corporation.example");
        var page = await NewPageAsync();
        await page.GotoAsync(server.Address("/account/login"));
        var before = await server.CountAsync();
        await SignInAtAsync(page, "google");
        Assert.Equal("corporation.example", server.Upstream.Request["hd"]);
        await Expect(page.Locator("#login-fault")).ToHaveTextAsync("That Google account does not belong to the organisation that may sign in here. Choose another account.");
        Assert.Equal(before, await server.CountAsync());

        server.Upstream.Person["hd"] = "corporation.example";
        await SignInAtAsync(page, "google");
        await Expect(page.Locator("#home-email")).ToHaveTextAsync("olga@corporation.example");
    }

    [Fact]
    [Journey("a provider that is slow, fails, lies or says no")]
    public async Task Whatever_is_wrong_with_a_provider_the_person_reads_it_and_comes_in_another_way()
    {
        server.Upstream.BePerson("faulty", "faulty@work.example");
        server.Upstream.Person["hd"] = "corporation.example";
        var page = await NewPageAsync();
        await page.GotoAsync(server.Authorize());
        var before = await server.CountAsync();

        server.Upstream.Hangs = true;
        await ReadAsync("slow", "Slow is not answering properly at this moment.");
        server.Upstream.Hangs = false;
        server.Upstream.IsBroken = true;
        await ReadAsync("corporate", "Example Corporation is not answering properly at this moment.");
        server.Upstream.IsBroken = false;
        server.Upstream.ChangeIdToken = claims => claims["nonce"] = "of another sign-in";
        await ReadAsync("google", "What Google answered could not be verified, so nobody was signed in.");
        server.Upstream.ChangeIdToken = _ => { };
        server.Upstream.SignsWithForeignKey = true;
        await ReadAsync("google", "What Google answered could not be verified, so nobody was signed in.");
        server.Upstream.SignsWithForeignKey = false;
        server.Upstream.Error = "access_denied";
        await ReadAsync("google", "You did not sign in with Google.");
        server.Upstream.Error = null;
        server.Upstream.BePerson("faulty", "faulty@work.example", verified: false);
        await ReadAsync("corporate", "Example Corporation does not name a verified e-mail address of yours.");
        Assert.Equal(before, await server.CountAsync());

        await PagesServer.SignInAsync(page);
        await PagesServer.SubmitAsync(page, "#consent-accept");
        Assert.Equal(await server.Running.SubjectOfAsync(Declared.User), (await server.ClaimsAsync(page)).Text("sub"));

        async Task ReadAsync(string provider, string sentence)
        {
            await SignInAtAsync(page, provider);
            await Expect(page.Locator("#login-fault")).ToContainTextAsync(sentence);
            await Expect(page.Locator("#username")).ToBeFocusedAsync();
            await Expect(page.Locator(".client-name")).ToHaveTextAsync(ApplicationSite.ClientName); // the request still waits
        }
    }

    private static async Task SignInAtAsync(IPage page, string provider)
    {
        await PagesServer.SubmitAsync(page, $"#login-{provider}");
        await PagesServer.SubmitAsync(page, "#upstream-continue");
    }
}
