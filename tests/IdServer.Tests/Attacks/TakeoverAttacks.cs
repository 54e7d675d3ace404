using System.Net;
using IdServer.Data.Users;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Tests.Manage;
using IdServer.Tests.Recovery;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>Getting into somebody's account, or keeping a foot in it, by mails, addresses and links.</summary>
public sealed class TakeoverAttacks(ForgottenPassword people) : IClassFixture<ForgottenPassword>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RunningServer Server => people.Server;

    private OneTimeTokens Tokens => Get<OneTimeTokens>();

    [Fact]
    [Attack("pre-hijacking")]
    public async Task Who_had_the_account_first_under_the_owners_address_has_nothing_in_it_once_the_owner_has_proved_the_address()
    {
        var name = await people.AddPersonAsync(isVerified: false);
        var userId = Guid.Parse(await Server.SubjectOfAsync(name));
        using var attacker = await AccountBrowser.SignedInAsync(Server, name);
        var secret = TimeBasedCode.NewSecret();
        Assert.NotNull(await Get<IdServer.Users.SecondFactors>().AddAppAsync(userId, secret, TimeBasedCode.Of(secret, TimeBasedCode.StepAt(TimeProvider.System.GetUtcNow())), IPAddress.Loopback, Ct));
        await LinkAsync(name, new UserLoginInfo("https://provider.example", "the attacker", "Provider"));
        using var code = await attacker.Browser.AuthorizeAsync();
        using var tokens = await Server.RedeemAsync(System.Web.HttpUtility.ParseQueryString(code.Headers.Location!.Query)[Parameters.Code]!); // offline_access
        var refresh = (await tokens.JsonAsync()).Text("refresh_token");
        var change = await Tokens.IssueAsync("address", userId, "attacker@evil.example", TimeSpan.FromDays(1), Ct); // a link in the attacker's mailbox

        using var owner = await people.FollowAsync(await people.LinkAsync(name));
        Assert.Equal("/account/review", (await ForgottenPassword.ResetAsync(owner)).Location);

        Assert.Equal(303, (await attacker.GetAsync("manage")).Status);
        using var refreshed = await Server.PostAsync("connect/token", Wire.Basic(Declared.App), (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, refresh));
        await refreshed.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        Assert.Null(await Tokens.FindAsync(change, "address", Ct));
        Assert.Null(await Get<Authenticators>().FindAsync(userId, Ct));
        Assert.Equal(0, await Get<RecoveryCodes>().LeftAsync(userId, Ct));
        Assert.Empty(await Get<LinkedLogins>().ListAsync(userId, Ct));
        var owned = (await Get<IUserClaimsSource>().FindAsync(userId.ToString(), Ct))!;
        Assert.Equal((ForgottenPassword.AddressOf(name), true), (owned.Email, owned.EmailVerified));
    }

    [Fact]
    [Attack("links opened by scanners")]
    public async Task A_program_that_opens_the_links_of_mails_spends_and_changes_nothing()
    {
        var (name, unverified) = (await people.AddPersonAsync(), await people.AddPersonAsync(isVerified: false));
        var (userId, other) = (Guid.Parse(await Server.SubjectOfAsync(name)), Guid.Parse(await Server.SubjectOfAsync(unverified)));
        await Get<AddressOwners>().SendAsync(other, ForgottenPassword.AddressOf(unverified), null, Ct);
        string[] links =
        [
            await people.LinkAsync(name),
            (await people.Mail.TakeAsync(ForgottenPassword.AddressOf(unverified), ct: Ct)).Link.PathAndQuery[1..],
            $"account/change-address?token={await Tokens.IssueAsync("address", userId, "another@example.com", TimeSpan.FromHours(1), Ct)}",
        ];
        using var signedIn = await AccountBrowser.SignedInAsync(Server, name); // a scanner in the browser itself, too

        await Server.WritesNothingAsync(async () =>
        {
            foreach (var link in links)
            {
                foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
                {
                    using var scanned = await Server.Http.SendAsync(new HttpRequestMessage(method, link), Ct);
                    Assert.InRange((int)scanned.StatusCode, 200, 303);
                    using var prefetched = await signedIn.Browser.Http.SendAsync(new HttpRequestMessage(method, link), Ct);
                    Assert.InRange((int)prefetched.StatusCode, 200, 303);
                }
            }
        });
    }

    [Fact]
    [Attack("another person's link")]
    public async Task A_reset_link_of_the_attacker_that_a_victim_opens_gives_the_attacker_nothing_of_the_victims()
    {
        var (attacker, victim) = (await people.AddPersonAsync(), await people.AddPersonAsync());
        using var browser = await AccountBrowser.SignedInAsync(Server, victim);
        var session = browser.Browser.Cookies["idserver.session"]!.Value;

        await browser.GetAsync(await people.LinkAsync(attacker));
        var page = await browser.GetAsync("account/reset");

        Assert.Contains(attacker, page.Text, StringComparison.Ordinal); // says whose password it sets
        Assert.DoesNotContain(victim, page.Text, StringComparison.Ordinal);
        Assert.Equal(session, browser.Browser.Cookies["idserver.session"]!.Value);
        Assert.Contains(victim, (await browser.GetAsync("manage/profile")).Text, StringComparison.Ordinal);
    }

    [Fact]
    [Attack("change of address against recovery")]
    public async Task Of_a_reset_by_the_old_address_and_the_change_to_another_one_at_once_exactly_one_counts()
    {
        for (var round = 0; round < 8; round++)
        {
            var name = await people.AddPersonAsync();
            var userId = Guid.Parse(await Server.SubjectOfAsync(name));
            var reset = (await Tokens.FindAsync(await Tokens.IssueAsync("reset", userId, ForgottenPassword.AddressOf(name), TimeSpan.FromHours(1), Ct), "reset", Ct))!;
            var change = (await Tokens.FindAsync(await Tokens.IssueAsync("address", userId, $"eve{round}@evil.example", TimeSpan.FromHours(1), Ct), "address", Ct))!;
            var changing = Task.Run(async () => await Get<AddressChange>().ConfirmAsync(change, null, Ct), Ct);
            var resetting = Task.Run(async () => await Get<PasswordResets>().TryAsync(reset, "a hash", Ct) is not null, Ct);

            var (changed, wasReset) = (await changing, await resetting);

            Assert.NotEqual(changed, wasReset);
            Assert.Equal(changed ? $"eve{round}@evil.example" : ForgottenPassword.AddressOf(name), (await Get<IUserClaimsSource>().FindAsync(userId.ToString(), Ct))!.Email);
        }
    }

    [Fact]
    [Attack("change of address against recovery")]
    public async Task A_change_that_an_intruder_has_asked_for_is_over_when_the_owner_resets_the_password()
    {
        var name = await people.AddPersonAsync();
        var userId = Guid.Parse(await Server.SubjectOfAsync(name));
        using var intruder = await AccountBrowser.SignedInAsync(Server, name);
        Assert.Equal("/manage/profile", (await intruder.PostAsync("manage/email", ("email-new", $"{name}@evil.example"))).Location);
        var link = (await people.Mail.TakeAsync($"{name}@evil.example", ct: Ct)).Link.PathAndQuery[1..];
        using var owner = await people.FollowAsync(await people.LinkAsync(name));

        await ForgottenPassword.ResetAsync(owner);

        foreach (var browser in new[] { intruder, owner })
        {
            var token = AccountBrowser.Token((await browser.GetAsync("account/login")).Html + (await browser.GetAsync("manage/profile")).Html);
            await browser.PostWithAsync(link, token, ("change-address-confirm", "yes"));
        }

        Assert.Equal(ForgottenPassword.AddressOf(name), (await Get<IUserClaimsSource>().FindAsync(userId.ToString(), Ct))!.Email);
    }

    [Fact]
    [Attack("letters that look alike")]
    public async Task An_address_with_a_sign_that_becomes_a_letter_of_somebody_elses_is_nobodys_and_gets_no_mail()
    {
        var name = await people.AddPersonAsync();
        var (address, lookalike) = (ForgottenPassword.AddressOf(name + "k"), ForgottenPassword.AddressOf(name + "\u212A")); // the Kelvin sign is a K once it is normalized
        await ChangeAddressAsync(name, address);

        using var browser = new AccountBrowser(Server);
        await browser.PostAsync("account/forgot", ("forgot-login", lookalike));
        var mail = await people.Mail.TakeAsync(address, ct: Ct); // to the owner, as it is stored
        Assert.Contains("/account/reset?token=", mail.Text, StringComparison.Ordinal);

        Assert.False(UserRules.IsEmail(lookalike));
        Assert.Equal(422, (await browser.PostAsync("account/register", ("register-email", lookalike), ("register-password", "several words in a row"), ("register-submit", "yes"))).Status);
        using var stranger = await AccountBrowser.SignedInAsync(Server, await people.AddPersonAsync());
        Assert.Equal(422, (await stranger.PostAsync("manage/email", ("email-new", lookalike))).Status);
    }

    private T Get<T>()
        where T : notnull => Server.Provider.GetRequiredService<T>();

    private async Task ChangeAddressAsync(string name, string address)
    {
        await using var scope = Server.Provider.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var user = (await users.FindByNameAsync(name))!;
        user.Email = address;
        Assert.True((await users.UpdateAsync(user)).Succeeded);
    }

    private async Task LinkAsync(string name, UserLoginInfo login)
    {
        await using var scope = Server.Provider.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        Assert.True((await users.AddLoginAsync((await users.FindByNameAsync(name))!, login)).Succeeded);
    }
}
