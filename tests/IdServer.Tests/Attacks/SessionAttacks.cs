using System.Net;
using IdServer.Data.Users;
using IdServer.Pages.Manage;
using IdServer.Protocol.Users;
using IdServer.Sessions;
using IdServer.Testing;
using IdServer.Tests.Conformance;
using IdServer.Tests.Manage;
using IdServer.Tests.SecondFactors;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>Sessions that outlive what they rest on, and stolen ones that want more than they have.</summary>
public sealed class SessionAttacks : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private RunningServer server = null!;
    private Func<Task> afterThePassword = () => Task.CompletedTask;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Every page that demands a recent sign-in.</summary>
    private static string[] DemandingPages =>
    [
        .. typeof(SignedInPage).Assembly.GetTypes().Where(type => type.IsDefined(typeof(RequiresRecentSignInAttribute), inherit: false)).Select(type => PathOf(type.Name)).Order(StringComparer.Ordinal),
    ];

    public async ValueTask InitializeAsync() => server = await RunningServer.StartAsync(new RunningServer
    {
        Clock = clock,
        Services = services => services.AddSingleton<IPasswordVerifier>(provider => new Interrupted(ActivatorUtilities.CreateInstance<PasswordSignIn>(provider), () => afterThePassword())),
    });

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    [Attack("session riding after a password change")]
    public async Task A_sign_in_with_the_old_password_that_is_under_way_when_it_is_changed_signs_nobody_in()
    {
        using var thief = new AccountBrowser(server);
        afterThePassword = ChangePasswordAsync; // the old one was found right a moment ago

        await SignInAsync(thief);

        Assert.Equal("/account/login?to=%2Fmanage", (await thief.GetAsync("manage")).Location);
        using var silent = await thief.Browser.AuthorizeAsync((Parameters.Prompt, Prompts.None));
        Assert.Contains(ErrorCodes.LoginRequired, silent.Headers.Location!.Query, StringComparison.Ordinal);
    }

    [Fact]
    [Attack("session riding after a password change")]
    public async Task Nor_does_one_that_goes_on_with_a_second_factor()
    {
        var ana = await SecondFactorPerson.GiveAppAsync(server, clock, Declared.User, await server.SubjectOfAsync(Declared.User));
        using var thief = new PageBrowser(server);
        afterThePassword = ChangePasswordAsync;

        var owing = await thief.EnterPasswordAsync(Declared.User);

        Assert.Equal("/account/login", owing.Path); // nothing is owed, since nothing was proved
        Assert.Equal("/account/login", (await thief.PostAsync(owing with { Address = server.Issuer + "/account/second-factor" }, ("second-code", ana.Code), ("second-submit", "yes"))).Path);
    }

    [Fact]
    [Attack("second-factor bypass")]
    public async Task A_code_without_anything_before_it_signs_nobody_in()
    {
        var request = new DefaultHttpContext();

        var outcome = await server.Provider.GetRequiredService<SignIn>().CompleteAsync(request, await server.SubjectOfAsync(Declared.User), [AuthenticationMethods.OneTimePassword], clock.Now, Ct);

        Assert.Equal(SignInOutcome.Refused, outcome);
        Assert.Equal(0, request.Response.Headers.SetCookie.Count);
    }

    [Fact]
    [Attack("second factor of a stolen phone")]
    public async Task Taking_the_app_away_ends_the_other_sessions_in_which_a_code_was_entered()
    {
        using var desk = await AccountBrowser.SignedInAsync(server); // with a password alone, before there was an app
        var ana = await SecondFactorPerson.GiveAppAsync(server, clock, Declared.User, await server.SubjectOfAsync(Declared.User));
        using var thief = await WithTwoFactorsAsync();
        using var owner = await WithTwoFactorsAsync();
        clock.Advance(TimeSpan.FromMinutes(1));

        await owner.PostAsync("manage/second-factor", ("factor-remove", "yes"));
        var again = await SecondFactorPerson.GiveAppAsync(server, clock, Declared.User, ana.Subject); // on the new phone

        Assert.Equal("/account/login?to=%2Fmanage", (await thief.GetAsync("manage")).Location);
        Assert.Equal(200, (await owner.GetAsync("manage")).Status);
        Assert.Equal(200, (await desk.GetAsync("manage")).Status);
        await SignInAsync(thief); // who knows the password besides
        Assert.Equal("/account/second-factor?to=%2Fmanage%2Fsecond-factor", (await PasswordAsync(thief, "manage/second-factor")).Location);
        Assert.NotEqual(ana.Code, again.Code);
    }

    [Fact]
    [Attack("stolen session")]
    public async Task A_stolen_session_of_a_quarter_of_an_hour_ago_changes_and_shows_nothing_that_could_take_the_account_over()
    {
        using var owner = await AccountBrowser.SignedInAsync(server);
        var token = AccountBrowser.Token((await owner.GetAsync("manage/profile")).Html);
        using var thief = new AccountBrowser(server);
        thief.Browser.Take(owner.Browser.Cookies);
        clock.Advance(RequiresRecentSignInAttribute.Lifetime + TimeSpan.FromSeconds(1));

        await server.WritesNothingAsync(async () =>
        {
            foreach (var path in DemandingPages)
            {
                var asks = "/account/login?to=" + WebUtility.UrlEncode("/" + path);
                Assert.Equal((303, asks), await thief.GetAsync(path) is var shown ? (shown.Status, shown.Location) : default);
                var posted = await thief.PostWithAsync(
                    path, token, ("data-download", "yes"), ("email-new", "eve@example.com"), ("own-password-current", Declared.Password), ("own-password-new", "lantern, violet and gravel"), ("factor-code", "000000"), ("link", "google"));
                Assert.Equal((303, asks), (posted.Status, posted.Location));
            }
        });
        Assert.Equal(["account/review", "manage/data", "manage/email", "manage/logins", "manage/passkeys", "manage/password", "manage/second-factor"], DemandingPages);
    }

    [Fact]
    [Attack("consent in another person's name")]
    public async Task An_answer_to_a_consent_page_that_showed_another_account_is_asked_for_again()
    {
        using var browser = new SuiteBrowser(server);
        await browser.BeSignedInAsync();
        var stale = await browser.OpenAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request((Parameters.ClientId, Declared.PublicApp))));
        Assert.Contains("Ana García", stale.Html, StringComparison.Ordinal);
        await browser.BeSignedInAsync("berta");

        var again = await browser.PressAsync(stale, "consent-accept");

        Assert.Equal("/authorize/consent", again.Path);
        Assert.Contains("berta", again.Html, StringComparison.Ordinal);
        Assert.Contains(Parameters.Code, (await browser.PressAsync(again, "consent-accept")).Answer!);
    }

    [Fact]
    [Attack("deletion kept up by a stranger")]
    public async Task Who_has_not_signed_in_altogether_keeps_no_account_from_being_deleted()
    {
        var ana = await SecondFactorPerson.GiveAppAsync(server, clock, Declared.User, await server.SubjectOfAsync(Declared.User));
        var at = await server.Provider.GetRequiredService<AccountDeletion>().ScheduleAsync(Guid.Parse(ana.Subject), IPAddress.Loopback, Ct);
        clock.Advance(TimeSpan.FromMinutes(1));
        using var thief = new PageBrowser(server);

        var owing = await thief.EnterPasswordAsync(Declared.User);
        Assert.Equal(422, (await thief.EnterCodeAsync(owing, ana.WrongCode)).Status);
        using var granted = await server.PostAsync("connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), (Parameters.Username, Declared.User), (Parameters.Password, Declared.Password));
        await granted.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        Assert.Equal(at, await DeletesAtAsync());

        using var owner = new PageBrowser(server);
        Assert.True((await owner.EnterCodeAsync(await owner.EnterPasswordAsync(Declared.User), ana.Code)).IsAtApplication);
        Assert.Null(await DeletesAtAsync());

        async Task<DateTimeOffset?> DeletesAtAsync() => (await server.Provider.GetRequiredService<AccountStates>().FindAsync(Guid.Parse(ana.Subject), Ct))!.DeletesAt;
    }

    [Fact]
    [Attack("code guessing")]
    public async Task Who_tries_recovery_codes_on_many_accounts_soon_has_to_wait_for_all_of_them()
    {
        var (factors, source) = (server.Provider.GetRequiredService<IdServer.Users.SecondFactors>(), IPAddress.Parse("198.51.100.7"));
        var tries = 0;
        while (tries < 1000 && (await TryAsync(source)).RetryAfter is null)
        {
            tries++;
        }

        Assert.InRange(tries, 1, 100);
        Assert.NotNull((await TryAsync(source)).RetryAfter);
        Assert.Null((await TryAsync(IPAddress.Parse("203.0.113.7"))).RetryAfter); // others do not

        ValueTask<CodeOutcome> TryAsync(IPAddress from) => factors.VerifyAsync(Guid.CreateVersion7(clock.Now), "0000-0000-0000-0000", isRecoveryCode: true, from, null, Ct);
    }

    private static string PathOf(string model) => model[..^"Model".Length] switch { "Review" => "account/review", "SecondFactor" => "manage/second-factor", var name => "manage/" + name.ToLowerInvariant() };

    private static Task<Answer> SignInAsync(AccountBrowser browser) => PasswordAsync(browser, null);

    private static async Task<Answer> PasswordAsync(AccountBrowser browser, string? to)
    {
        var answer = await browser.PostAsync(to is null ? "account/login" : "account/login?to=/" + to, ("username", Declared.User), ("password", Declared.Password), ("login-submit", "yes"));
        Assert.Equal(303, answer.Status);
        return answer;
    }

    private async Task<AccountBrowser> WithTwoFactorsAsync()
    {
        var browser = new AccountBrowser(server);
        await browser.Browser.SignInAsync(Declared.User, AuthenticationMethods.Password, AuthenticationMethods.OneTimePassword);
        return browser;
    }

    private async Task ChangePasswordAsync()
    {
        clock.Advance(TimeSpan.FromMilliseconds(5));
        Assert.NotNull((await server.Provider.GetRequiredService<Accounts>().SetPasswordAsync(Declared.User, "lantern, violet and gravel", Ct)).Subject);
        clock.Advance(TimeSpan.FromMilliseconds(5));
    }

    /// <summary>The real one, and something that happens between its answer and what is made of it.</summary>
    private sealed class Interrupted(PasswordSignIn real, Func<Task> then) : IPasswordVerifier
    {
        public async ValueTask<PasswordOutcome> VerifyAsync(string login, string password, IPAddress? source, byte[]? device, CancellationToken ct)
        {
            var outcome = await real.VerifyAsync(login, password, source, device, ct);
            await then();
            return outcome;
        }
    }
}
