using System.Net;
using IdServer.Data.Users;
using IdServer.Testing;
using IdServer.Tests.Upstream;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.SecondFactors;

/// <summary>Somebody has learned the password, and does not get past the second factor.</summary>
public sealed class SecondFactorAttackTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private RunningServer server = null!;
    private SecondFactorPerson cora = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.StartAsync(new RunningServer { Clock = clock });
        cora = await SecondFactorPerson.AddAsync(server, clock, "cora");
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    [Attack("guessing a one-time code")]
    [Spec("requirement", "50")]
    public async Task Guessing_codes_stops_after_five_whatever_the_browser_and_whatever_kind_of_code()
    {
        for (var guess = 0; guess < 5; guess++)
        {
            using var browser = new PageBrowser(server);
            var page = await browser.EnterPasswordAsync("cora");
            page = guess % 2 == 0 ? await browser.EnterCodeAsync(page, cora.WrongCode) : await browser.EnterRecoveryCodeAsync(page, "AAAA-BBBB-CCCC-DDDD");
            Assert.Equal(guess < 4 ? 422 : 429, page.Status);
        }

        using var next = new PageBrowser(server);
        var waiting = await next.EnterPasswordAsync("cora");
        var used = await cora.UsedAsync();
        Assert.Equal(429, (await next.EnterCodeAsync(waiting, cora.Code)).Status);
        Assert.Equal(429, (await next.EnterRecoveryCodeAsync(waiting, cora.RecoveryCodes[0])).Status);
        Assert.Equal(used, await cora.UsedAsync());
        Assert.DoesNotContain(next.Browser.Cookies, cookie => cookie.Name.EndsWith("session", StringComparison.Ordinal));
    }

    [Fact]
    [Attack("guessing a one-time code")]
    [Spec("requirement", "50")]
    public async Task A_stranger_who_guesses_does_not_lock_the_owner_out_of_a_device_they_use()
    {
        using var own = new PageBrowser(server);
        await own.EnterCodeAsync(await own.EnterPasswordAsync("cora"), cora.Code);
        await own.PostAsync(await own.GoAsync("account/logout"), ("logout-confirm", "yes"));
        clock.Advance(TimeSpan.FromMinutes(1));
        using var stranger = new PageBrowser(server);
        var page = await stranger.EnterPasswordAsync("cora");
        while (page.Status != 429)
        {
            page = await stranger.EnterCodeAsync(page, cora.WrongCode);
        }

        Assert.True((await own.EnterCodeAsync(await own.EnterPasswordAsync("cora"), cora.Code)).IsAtApplication);
    }

    [Fact]
    [Attack("replay of a one-time code")]
    [Spec("RFC 6238", "§5.2")]
    public async Task A_code_that_was_watched_is_worth_nothing()
    {
        var code = cora.Code;
        using var own = new PageBrowser(server);
        Assert.True((await own.EnterCodeAsync(await own.EnterPasswordAsync("cora"), code)).IsAtApplication);

        using var thief = new PageBrowser(server);
        var refused = await thief.EnterCodeAsync(await thief.EnterPasswordAsync("cora"), code);

        Assert.Equal((422, "/account/second-factor"), (refused.Status, refused.Path));
    }

    [Fact]
    [Attack("pending sign-in of another browser")]
    public async Task A_pending_sign_in_is_nothing_in_another_browser_be_it_with_the_right_code()
    {
        using var browser = new PageBrowser(server);
        await browser.EnterPasswordAsync("cora");
        using var other = new PageBrowser(server);
        await other.GoAsync("account/login"); // has a cookie of its own
        var stolen = new CookieCollection { browser.Browser.Cookies.Single(cookie => cookie.Name.EndsWith("pending", StringComparison.Ordinal)) };
        other.Browser.Take(stolen);

        Assert.Equal("/account/login", (await other.GoAsync("account/second-factor")).Path);
    }

    [Fact]
    [Attack("second factor of another person")]
    public async Task Ones_own_code_completes_nobody_elses_sign_in()
    {
        var mallory = await SecondFactorPerson.AddAsync(server, clock, "mallory");
        using var browser = new PageBrowser(server);
        await browser.EnterCodeAsync(await browser.EnterPasswordAsync("mallory"), mallory.Code);
        clock.Advance(TimeSpan.FromMinutes(1));
        var page = await browser.EnterPasswordAsync("cora", (Parameters.Prompt, "login"));

        Assert.Equal(422, (await browser.EnterCodeAsync(page, mallory.Code)).Status);
        Assert.Equal(422, (await browser.EnterRecoveryCodeAsync(page, mallory.RecoveryCodes[0])).Status);
        Assert.True((await browser.EnterCodeAsync(page, cora.Code)).IsAtApplication);
    }

    [Fact]
    [Attack("remembered device of another account")]
    public async Task A_device_that_one_person_trusts_is_trusted_for_that_person_only()
    {
        var mallory = await SecondFactorPerson.AddAsync(server, clock, "mallory");
        using var browser = new PageBrowser(server);
        Assert.True((await browser.EnterCodeAsync(await browser.EnterPasswordAsync("mallory"), mallory.Code, ("second-remember", "yes"))).IsAtApplication);

        Assert.Equal("/account/second-factor", (await browser.EnterPasswordAsync("cora", (Parameters.Prompt, "login"))).Path);
    }

    [Fact]
    [Attack("second-factor bypass through the password grant")]
    public async Task The_password_grant_refuses_and_says_why_to_who_knows_the_password_only()
    {
        var rows = await server.CountRowsAsync();
        using var right = await AskAsync(Declared.Password);
        using var wrong = await AskAsync("not the password");

        await right.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        await wrong.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        Assert.Contains("second factor", (await right.JsonAsync()).Text(Parameters.ErrorDescription), StringComparison.Ordinal);
        Assert.DoesNotContain("second factor", (await wrong.JsonAsync()).Text(Parameters.ErrorDescription), StringComparison.Ordinal);
        Assert.Equal(rows, await server.CountRowsAsync());

        Task<HttpResponseMessage> AskAsync(string password) => server.PostAsync(
            "connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), (Parameters.Username, "cora"), (Parameters.Password, password));
    }

    [Fact]
    [Attack("second-factor bypass through federation")]
    public async Task A_sign_in_at_a_provider_owes_the_second_factor_too()
    {
        await using var federated = new FederatedServer();
        await federated.InitializeAsync();
        federated.Upstream.BePerson("google-mfa", "mfa@gmail.example");
        using (var first = new FederatedBrowser(federated))
        {
            Assert.True((await first.SignInAsync("google")).IsAtApplication);
        }

        var apps = federated.Running.Provider.GetRequiredService<Authenticators>();
        var secret = TimeBasedCode.NewSecret();
        var subject = await federated.Running.SubjectOfAsync("mfa@gmail.example");
        Assert.True(await apps.TryAddAsync(Guid.Parse(subject), secret, TimeBasedCode.Of(secret, TimeBasedCode.StepAt(TimeProvider.System.GetUtcNow())), Ct));

        using var browser = new FederatedBrowser(federated);
        var page = await browser.SignInAsync("google");
        Assert.Equal("/account/second-factor", page.Path);
        Assert.DoesNotContain(browser.Cookies, cookie => cookie.Name.EndsWith("session", StringComparison.Ordinal));
        Assert.True((await browser.PostAsync(page, ("second-code", TimeBasedCode.Of(secret, TimeBasedCode.StepAt(TimeProvider.System.GetUtcNow()) + 1)))).IsAtApplication);
    }

    [Fact]
    [Attack("second factor taken away")]
    public async Task The_page_that_takes_the_factor_away_asks_for_it_and_believes_no_device_and_no_other_site()
    {
        using var browser = new PageBrowser(server);
        await browser.EnterCodeAsync(await browser.EnterPasswordAsync("cora"), cora.Code, ("second-remember", "yes"));
        var page = await browser.GoAsync("manage/second-factor");
        Assert.Equal("/manage/second-factor", page.Path);
        await browser.PostAsync(await browser.GoAsync("account/logout"), ("logout-confirm", "yes"));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await browser.EnterPasswordAsync("cora")).IsAtApplication); // the device is trusted

        Assert.Equal("/account/second-factor", (await browser.PostAsync(page, ("factor-remove", "yes"))).Path);
        Assert.Equal("/account/second-factor", (await browser.GoAsync("manage/second-factor")).Path);
        Assert.NotNull(await AppAsync());

        var back = await browser.EnterCodeAsync(await browser.GoAsync("manage/second-factor"), cora.Code);
        Assert.Equal("/manage/second-factor", back.Path);
        Assert.Equal("/error", (await browser.PostAsync(back with { Html = "" }, ("factor-remove", "yes"))).Path); // as another site's form comes
        Assert.NotNull(await AppAsync());

        await browser.PostAsync(back, ("factor-remove", "yes"));
        Assert.Null(await AppAsync());
    }

    private ValueTask<DateTimeOffset?> AppAsync() => server.Provider.GetRequiredService<Authenticators>().FindAsync(Guid.Parse(cora.Subject), Ct);
}
