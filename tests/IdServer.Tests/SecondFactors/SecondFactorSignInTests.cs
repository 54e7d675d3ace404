using System.Text.Json;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.SecondFactors;

/// <summary>Signing in with a code, and being asked for one in between.</summary>
public sealed class SecondFactorSignInTests : IAsyncLifetime
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
    [Spec("RFC 8176", "§2"), Spec("requirement", "11")]
    public async Task A_password_and_a_code_sign_in_and_the_ID_token_says_so()
    {
        using var browser = new PageBrowser(server);
        var page = await browser.EnterPasswordAsync("cora");
        Assert.Contains("autocomplete=\"one-time-code\"", page.Html, StringComparison.Ordinal);
        Assert.Contains("inputmode=\"numeric\"", page.Html, StringComparison.Ordinal);

        var claims = await IdTokenAsync(await browser.EnterCodeAsync(page, $" {cora.Code[..3]} {cora.Code[3..]}"));

        Assert.Equal(("pwd otp mfa", AuthenticationContexts.SeveralFactors), (AmrOf(claims), claims.Text("acr")));
    }

    [Fact]
    public async Task A_recovery_code_signs_in_once_and_its_owner_can_see_how_many_are_left()
    {
        using var browser = new PageBrowser(server);
        var claims = await IdTokenAsync(await browser.EnterRecoveryCodeAsync(await browser.EnterPasswordAsync("cora"), cora.RecoveryCodes[0].ToLowerInvariant()));
        Assert.Equal("pwd otp mfa", AmrOf(claims));
        Assert.Contains("9 of 10", (await browser.GoAsync("manage/second-factor")).Text, StringComparison.Ordinal);

        using var again = new PageBrowser(server);
        var refused = await again.EnterRecoveryCodeAsync(await again.EnterPasswordAsync("cora"), cora.RecoveryCodes[0]);

        Assert.Equal((422, "/account/second-factor"), (refused.Status, refused.Path));
        Assert.Contains("used already", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_remembered_device_is_not_asked_for_30_days_and_pretends_nothing()
    {
        using var browser = await RememberedAsync();

        var claims = await IdTokenAsync(await browser.EnterPasswordAsync("cora"));
        Assert.Equal(("pwd", AuthenticationContexts.Password), (AmrOf(claims), claims.Text("acr")));

        await SignOutAsync(browser);
        clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal("/account/second-factor", (await browser.EnterPasswordAsync("cora")).Path);
    }

    [Fact]
    public async Task Trust_in_a_device_ends_with_the_password_and_with_the_app()
    {
        using var browser = await RememberedAsync();
        Assert.NotNull((await server.Provider.GetRequiredService<Accounts>().SetPasswordAsync("cora", Declared.Password + " again", Ct)).Subject);
        Assert.NotNull((await server.Provider.GetRequiredService<Accounts>().SetPasswordAsync("cora", Declared.Password, Ct)).Subject);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("/account/second-factor", (await browser.EnterPasswordAsync("cora")).Path);

        using var other = await RememberedAsync();
        await server.Provider.GetRequiredService<IdServer.Users.SecondFactors>().RemoveAppAsync(Guid.Parse(cora.Subject), here: null, source: null, Ct);
        await SecondFactorPerson.GiveAppAsync(server, clock, "cora", cora.Subject);
        Assert.Equal("/account/second-factor", (await other.EnterPasswordAsync("cora")).Path);
    }

    [Fact]
    [Spec("requirement", "17")]
    public async Task Cancelling_tells_the_application_access_denied_and_nothing_is_left_of_the_sign_in()
    {
        using var browser = new PageBrowser(server);
        var page = await browser.EnterPasswordAsync("cora");

        var denied = await browser.PostAsync(page, ("second-cancel", "yes"));

        Assert.Equal(ErrorCodes.AccessDenied, denied.Query(Parameters.Error));
        Assert.Equal("/account/login", (await browser.GoAsync("account/second-factor")).Path);
    }

    [Fact]
    public async Task Who_takes_longer_than_10_minutes_begins_again_and_the_request_still_waits()
    {
        using var browser = new PageBrowser(server);
        var page = await browser.EnterPasswordAsync("cora");
        clock.Advance(TimeSpan.FromMinutes(10));

        var login = await browser.EnterCodeAsync(page, cora.Code);
        Assert.Equal("/account/login", login.Path);

        var again = await browser.PostAsync(login, ("username", "cora"), ("password", Declared.Password));
        Assert.True((await browser.EnterCodeAsync(again, cora.Code)).IsAtApplication);
    }

    [Fact]
    public async Task Nothing_typed_is_said_without_counting_as_an_attempt()
    {
        using var browser = new PageBrowser(server);
        var page = await browser.EnterPasswordAsync("cora");
        for (var i = 0; i < 8; i++)
        {
            page = await browser.EnterCodeAsync(page, " ");
            Assert.Contains("Enter the code that your app shows.", page.Text, StringComparison.Ordinal);
        }

        Assert.True((await browser.EnterCodeAsync(page, cora.Code)).IsAtApplication);
    }

    [Fact]
    [Spec("requirement", "11")]
    public async Task Step_up_asks_for_the_code_alone_and_keeps_session_and_auth_time()
    {
        using var browser = await RememberedAsync();
        var before = await IdTokenAsync(await browser.EnterPasswordAsync("cora"));
        clock.Advance(TimeSpan.FromMinutes(5));

        var page = await browser.AuthorizeAsync((Parameters.AcrValues, AuthenticationContexts.SeveralFactors));
        Assert.Equal("/account/second-factor", page.Path);
        var after = await IdTokenAsync(await browser.EnterCodeAsync(page, cora.Code));

        Assert.Equal((AuthenticationContexts.SeveralFactors, before.Text("sid")), (after.Text("acr"), after.Text("sid")));
        Assert.Equal(before.GetProperty("auth_time").GetInt64(), after.GetProperty("auth_time").GetInt64());
        Assert.True((await browser.AuthorizeAsync((Parameters.AcrValues, AuthenticationContexts.SeveralFactors), (Parameters.Prompt, "none"))).IsAtApplication);
    }

    [Theory]
    [Spec("requirement", "6")]
    [InlineData(Parameters.MaxAge, "60")]
    [InlineData(Parameters.Prompt, "login")]
    public async Task A_fresh_sign_in_that_is_wanted_asks_for_the_password_alone(string name, string value)
    {
        using var browser = new PageBrowser(server);
        await browser.EnterCodeAsync(await browser.EnterPasswordAsync("cora"), cora.Code);
        clock.Advance(TimeSpan.FromMinutes(5));

        var claims = await IdTokenAsync(await browser.EnterPasswordAsync("cora", (name, value), (Parameters.AcrValues, AuthenticationContexts.SeveralFactors)));

        Assert.Equal((AuthenticationContexts.SeveralFactors, clock.Now.ToUnixTimeSeconds()), (claims.Text("acr"), claims.GetProperty("auth_time").GetInt64()));
    }

    [Fact]
    [Spec("requirement", "11")]
    public async Task Who_has_no_second_factor_is_told_to_the_application_that_demands_one()
    {
        using var browser = new PageBrowser(server);

        var refused = await browser.EnterPasswordAsync(Declared.User, (Parameters.Claims, """{"id_token":{"acr":{"essential":true,"value":"urn:idserver:acr:mfa"}}}"""));

        Assert.Equal(ErrorCodes.UnmetAuthenticationRequirements, refused.Query(Parameters.Error));
    }

    [Fact]
    [Spec("RFC 8628", "§3.3")]
    public async Task A_device_is_confirmed_after_the_code()
    {
        using var asked = await server.PostAsync("connect/deviceauthorization", null, (Parameters.ClientId, Declared.Tv), (Parameters.Scope, "openid profile"));
        using var browser = new PageBrowser(server);
        var shown = await browser.GoAsync((await asked.JsonAsync()).Text("verification_uri_complete"));
        var login = await browser.PostAsync(shown, ("device-code", (await asked.JsonAsync()).Text("user_code")), ("device-continue", "yes"));

        var page = await browser.PostAsync(login, ("username", "cora"), ("password", Declared.Password));

        Assert.Equal("/device/confirm", (await browser.EnterCodeAsync(page, cora.Code)).Path);
    }

    /// <summary>A browser that was remembered, and in which nobody is signed in any more.</summary>
    private async Task<PageBrowser> RememberedAsync()
    {
        var browser = new PageBrowser(server);
        Assert.True((await browser.EnterCodeAsync(await browser.EnterPasswordAsync("cora"), cora.Code, ("second-remember", "yes"))).IsAtApplication);
        await SignOutAsync(browser);
        clock.Advance(TimeSpan.FromMinutes(1));
        return browser;
    }

    private static async Task SignOutAsync(PageBrowser browser) =>
        Assert.Equal("/account/signed-out", (await browser.PostAsync(await browser.GoAsync("account/logout"), ("logout-confirm", "yes"))).Path);

    private static string AmrOf(JsonElement claims) => string.Join(' ', claims.GetProperty("amr").EnumerateArray().Select(method => method.GetString()));

    private async Task<JsonElement> IdTokenAsync(Arrival arrival)
    {
        Assert.True(arrival.IsAtApplication, $"{arrival.Status} {arrival.Address} {arrival.Text}");
        using var response = await server.RedeemAsync(arrival.Query(Parameters.Code)!);
        using var claims = JsonDocument.Parse(WebEncoders.Base64UrlDecode((await response.JsonAsync()).Text(Parameters.IdToken).Split('.')[1]));
        return claims.RootElement.Clone();
    }
}
