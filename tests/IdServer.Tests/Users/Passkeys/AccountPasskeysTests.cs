using IdServer.Data;
using IdServer.Data.Users;
using IdServer.Protocol.Events;
using IdServer.Testing;
using IdServer.Tests.Upstream;
using IdServer.Users.Passkeys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Users.Passkeys;

/// <summary>The page <c>/manage/passkeys</c> over HTTP: what may be added, by whom, and what stays.</summary>
public sealed class AccountPasskeysTests(PasskeyServer server) : IClassFixture<PasskeyServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Forgeries => ["wrong origin", "wrong relying party", "in a frame", "user not verified", "another challenge", "not JSON", "too long"];

    [Theory]
    [MemberData(nameof(Forgeries))]
    [Spec("WebAuthn", "§7.1")]
    public async Task What_was_not_made_here_and_now_is_not_added(string forgery)
    {
        using var owner = new PasskeyBrowser(server);
        await owner.Browser.SignInAsync();
        var page = await owner.GoAsync("manage/passkeys");
        var (options, state) = (PasskeyBrowser.OptionsOf(page), PasskeyBrowser.StateOf(page));
        var passkey = server.NewPasskey();

        var answer = forgery switch
        {
            "wrong origin" => (passkey with { Origin = "https://evil.example" }).Make(options),
            "wrong relying party" => (passkey with { RelyingPartyId = "evil.example" }).Make(options),
            "in a frame" => (passkey with { IsFramed = true }).Make(options),
            "user not verified" => (passkey with { VerifiesUser = false }).Make(options),
            "another challenge" => (passkey with { Challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }).Make(options),
            "not JSON" => "[",
            _ => passkey.Make(options) + new string(' ', 20_000),
        };
        var before = await PasskeysAsync();
        var refused = await owner.PostAsync(page, (PasskeyAnswer.CredentialField, answer), (PasskeyAnswer.StateField, state));

        Assert.Equal(422, refused.Status);
        Assert.Contains("was not added", refused.Html, StringComparison.Ordinal);
        Assert.Equal(before, await PasskeysAsync());
    }

    [Fact]
    [Attack("passkey planted in another account")]
    public async Task What_was_asked_for_one_account_is_added_to_no_other_and_no_id_twice()
    {
        using var browser = new PasskeyBrowser(server);
        await browser.Browser.SignInAsync();
        var page = await browser.GoAsync("manage/passkeys");
        await browser.Browser.SignInAsync("berta"); // the same browser, somebody else
        var planted = server.NewPasskey();
        var bertas = await browser.GoAsync("manage/passkeys");
        var before = await PasskeysAsync();
        var refused = await browser.PostAsync(bertas, (PasskeyAnswer.CredentialField, planted.Make(PasskeyBrowser.OptionsOf(page))), (PasskeyAnswer.StateField, PasskeyBrowser.StateOf(page)));
        Assert.Equal(422, refused.Status);

        var own = await browser.AddAsync(server.NewPasskey());
        bertas = await browser.GoAsync("manage/passkeys");
        refused = await browser.PostAsync(bertas, (PasskeyAnswer.CredentialField, own.Make(PasskeyBrowser.OptionsOf(bertas))), (PasskeyAnswer.StateField, PasskeyBrowser.StateOf(bertas)));
        Assert.Equal(422, refused.Status);
        Assert.Equal(before + 1, await PasskeysAsync());
    }

    [Fact]
    public async Task A_passkey_is_named_after_the_browser_renamed_trimmed_and_removed_by_its_owner_alone()
    {
        await server.RegisterAsync("keeper");
        using var owner = new PasskeyBrowser(server);
        await owner.Browser.SignInAsync("keeper");
        owner.Browser.Http.DefaultRequestHeaders.UserAgent.ParseAdd("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36");
        var passkey = await owner.AddAsync(server.NewPasskey());
        var list = Assert.Single(await ListAsync("keeper"));
        Assert.Equal(("Chrome, Linux", false, null), (list.Name, list.IsSynced, list.LastUsedAt));
        await server.AssertAuditedAsync(EventKind.PasskeyAdded, "Chrome, Linux");

        using var stranger = new PasskeyBrowser(server);
        await stranger.Browser.SignInAsync("berta");
        var theirs = await stranger.GoAsync("manage/passkeys");
        await stranger.PostAsync(theirs, ("passkey", list.Id), ("passkey-name", "stolen"), ("passkey-rename", "yes"));
        await stranger.PostAsync(theirs, ("passkey", list.Id), ("passkey-remove", "yes"));
        Assert.Equal(list, Assert.Single(await ListAsync("keeper")));

        var page = await owner.GoAsync("manage/passkeys");
        Assert.Contains("Never used", page.Html, StringComparison.Ordinal);
        await owner.PostAsync(page, ("passkey", list.Id), ("passkey-name", "  " + new string('n', 70) + "\t"), ("passkey-rename", "yes"), ("passkey-remove", "yes"));
        Assert.Equal(new string('n', AccountPasskeys.LongestName), Assert.Single(await ListAsync("keeper")).Name);

        using var other = new PasskeyBrowser(server);
        Assert.Equal("/", (await other.SignInAsync(passkey)).Path);
        Assert.Equal(server.Clock.Now, Assert.Single(await ListAsync("keeper")).LastUsedAt);

        Assert.Contains("The passkey was removed", (await owner.PostAsync(page, ("passkey", list.Id), ("passkey-remove", "yes"))).Html, StringComparison.Ordinal);
        Assert.Empty(await ListAsync("keeper"));
        await server.AssertAuditedAsync(EventKind.PasskeyRemoved, "nnn");
        using var later = new PasskeyBrowser(server);
        Assert.Equal(422, (await later.SignInAsync(passkey)).Status);
    }

    [Fact]
    public async Task The_last_way_in_stays_even_when_two_are_removed_at_once()
    {
        var subject = await server.RegisterAsync("lonely");
        using var owner = new PasskeyBrowser(server);
        await owner.Browser.SignInAsync("lonely");
        await owner.AddAsync(server.NewPasskey());
        await owner.AddAsync(server.NewPasskey());
        await ChangeAsync(subject, user => user.PasswordHash = null);
        var ids = (await ListAsync("lonely")).Select(p => p.Id).ToArray();
        var page = await owner.GoAsync("manage/passkeys");

        await Task.WhenAll(ids.Select(id => owner.PostAsync(page, ("passkey", id), ("passkey-remove", "yes"))));
        var left = Assert.Single(await ListAsync("lonely"));
        var refused = await owner.PostAsync(page, ("passkey", left.Id), ("passkey-remove", "yes"));

        Assert.Equal(422, refused.Status);
        Assert.Contains("only way into your account", refused.Html, StringComparison.Ordinal);
        Assert.Single(await ListAsync("lonely"));
    }

    [Fact]
    public async Task An_account_has_twenty_passkeys_at_most_even_when_two_come_at_once()
    {
        await server.RegisterAsync("collector");
        using var owner = new PasskeyBrowser(server);
        await owner.Browser.SignInAsync("collector");
        for (var i = 1; i < AccountPasskeys.Most; i++)
        {
            await owner.AddAsync(server.NewPasskey());
        }

        Halt[] pages = [await owner.GoAsync("manage/passkeys"), await owner.GoAsync("manage/passkeys"), await owner.GoAsync("manage/passkeys")];
        await Task.WhenAll(pages.Select(page => owner.PostAsync(page, (PasskeyAnswer.CredentialField, server.NewPasskey().Make(PasskeyBrowser.OptionsOf(page))), (PasskeyAnswer.StateField, PasskeyBrowser.StateOf(page)))));

        Assert.Equal(AccountPasskeys.Most, (await ListAsync("collector")).Count);
        Assert.DoesNotContain("passkey-add", (await owner.GoAsync("manage/passkeys")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_old_sign_in_has_to_be_renewed_before_passkeys_are_shown_or_changed()
    {
        await using var own = new PasskeyServer();
        await own.InitializeAsync();
        using var owner = new PasskeyBrowser(own);
        await owner.Browser.SignInAsync();
        var page = await owner.GoAsync("manage/passkeys");
        own.Clock.Advance(TimeSpan.FromMinutes(16));

        Assert.Equal("/account/login", (await owner.GoAsync("manage/passkeys")).Path);
        Assert.Equal("/account/login", (await owner.PostAsync(page, ("passkey", "AAAA"), ("passkey-remove", "yes"))).Path);
    }

    private async Task<IReadOnlyList<Passkey>> ListAsync(string username) =>
        await server.Running.Provider.GetRequiredService<AccountPasskeys>().ListAsync(Guid.Parse(await server.Running.SubjectOfAsync(username)), Ct);

    private async Task<int> PasskeysAsync()
    {
        await using var scope = server.Running.Provider.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ScopedContext>().Value.UserPasskeys.CountAsync(Ct);
    }

    private async Task ChangeAsync(string subject, Action<User> change)
    {
        await using var scope = server.Running.Provider.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ScopedContext>().Value;
        change(await db.Users.SingleAsync(u => u.Id == Guid.Parse(subject), Ct));
        await db.SaveChangesAsync(Ct);
    }
}
