using System.Text.Json;
using IdServer.Testing;
using IdServer.Tests.Conformance;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Pages;

/// <summary>A device and a person over HTTP: the endpoint, the pages and the polls together.</summary>
[Spec("RFC 8628", "§3.3"), Spec("requirement", "49")]
public sealed class DevicePageTests : IAsyncLifetime
{
    private readonly SkippingClock clock = new();
    private readonly RunningServer server;

    public DevicePageTests() => server = new RunningServer { Clock = clock };

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_person_enters_the_code_signs_in_allows_and_the_device_has_its_tokens()
    {
        var device = await BeginAsync();
        using var person = new SuiteBrowser(server);
        await AssertErrorAsync(await PollAsync(device), ErrorCodes.AuthorizationPending);

        var login = await EnterAsync(person, device);
        login.AssertLoginPage();
        Assert.Contains("Living room TV", login.Html, StringComparison.Ordinal);
        var confirm = await SignInAsync(person, login);
        AssertAsks(confirm, device);
        var done = await person.PressAsync(confirm, "device-allow");

        AssertDone(done, "Device connected");
        using var tokens = await PollAsync(device);
        Assert.Equal(200, (int)tokens.StatusCode);
        var json = await tokens.JsonAsync();
        Assert.Equal("openid profile offline_access articles.read", json.Text("scope"));
        Assert.NotEmpty(json.Text("refresh_token"));
        using var userInfo = await server.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(json.Text("access_token")));
        Assert.Equal(await server.SubjectOfAsync(Declared.User), (await userInfo.JsonAsync()).Text("sub"));
    }

    [Fact]
    [Spec("RFC 8628", "§3.3.1")]
    public async Task The_complete_address_fills_the_code_in_and_still_asks_twice()
    {
        var device = await BeginAsync();
        using var person = new SuiteBrowser(server);
        await person.BeSignedInAsync();

        var page = await person.OpenAsync(device.Text("verification_uri_complete"));

        Assert.Contains($"value=\"{device.Text("user_code")}\"", page.Html, StringComparison.Ordinal);
        Assert.Contains("must show exactly this code", page.Html, StringComparison.Ordinal);
        AssertAsks(await person.PressAsync(page, "device-continue", ("device-code", device.Text("user_code"))), device);
        await AssertErrorAsync(await PollAsync(device), ErrorCodes.AuthorizationPending);
    }

    [Fact]
    public async Task Opening_the_complete_address_looks_nothing_up_and_writes_nothing()
    {
        var device = await BeginAsync();
        using var person = new SuiteBrowser(server);

        await server.WritesNothingAsync(async () =>
        {
            var known = await person.OpenAsync(device.Text("verification_uri_complete"));
            var unknown = await person.OpenAsync("device?user_code=BBBB-BBBB");
            Assert.Equal((200, 200), (known.Status, unknown.Status));
            Assert.DoesNotContain("script>alert", (await person.OpenAsync("device?user_code=%3Cscript%3Ealert")).Html, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("device-deny")]
    [InlineData("login-cancel")]
    public async Task Who_refuses_on_either_page_lets_the_device_know(string button)
    {
        var device = await BeginAsync();
        using var person = new SuiteBrowser(server);
        var page = await EnterAsync(person, device);

        var done = await person.PressAsync(button == "login-cancel" ? page : await SignInAsync(person, page), button);

        AssertDone(done, "Device not connected");
        await AssertErrorAsync(await PollAsync(device), ErrorCodes.AccessDenied);
    }

    [Fact]
    public async Task A_code_that_was_used_or_has_expired_says_which()
    {
        var used = await BeginAsync();
        using var person = new SuiteBrowser(server);
        await person.BeSignedInAsync();
        await person.PressAsync(await EnterAsync(person, used), "device-allow");
        Assert.Contains("has been used already", (await EnterAsync(person, used)).Html, StringComparison.Ordinal);

        var late = await BeginAsync();
        var confirm = await EnterAsync(person, late);
        clock.Skip(TimeSpan.FromMinutes(10));
        Assert.Contains("This code has expired", (await EnterAsync(person, late)).Html, StringComparison.Ordinal);
        AssertDone(await person.PressAsync(confirm, "device-allow"), "The code has expired");
        await AssertErrorAsync(await PollAsync(late), ErrorCodes.ExpiredToken);
    }

    [Fact]
    public async Task Of_two_people_with_the_same_code_the_second_is_told_that_it_is_used()
    {
        var device = await BeginAsync();
        using var ana = new SuiteBrowser(server);
        await ana.BeSignedInAsync();
        using var berta = new SuiteBrowser(server);
        await berta.BeSignedInAsync("berta");
        var (first, second) = (await EnterAsync(ana, device), await EnterAsync(berta, device));

        AssertDone(await ana.PressAsync(first, "device-allow"), "Device connected");
        AssertDone(await berta.PressAsync(second, "device-allow"), "The code has been used already");

        using var tokens = await PollAsync(device);
        using var userInfo = await server.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer((await tokens.JsonAsync()).Text("access_token")));
        Assert.Equal(await server.SubjectOfAsync("ana"), (await userInfo.JsonAsync()).Text("sub"));
    }

    [Fact]
    public async Task An_answer_to_a_page_that_showed_another_account_is_asked_for_again()
    {
        var device = await BeginAsync();
        using var person = new SuiteBrowser(server);
        await person.BeSignedInAsync();
        var stale = await EnterAsync(person, device);
        await person.BeSignedInAsync("berta");

        var again = await person.PressAsync(stale, "device-allow");

        AssertAsks(again, device);
        Assert.Contains("id=\"device-confirm-account\">berta<", again.Html, StringComparison.Ordinal);
        await AssertErrorAsync(await PollAsync(device), ErrorCodes.AuthorizationPending);
    }

    [Fact]
    public async Task The_confirmation_is_worthless_in_another_browser_and_without_its_form_token()
    {
        var device = await BeginAsync();
        using var attacker = new SuiteBrowser(server);
        await attacker.BeSignedInAsync("berta");
        var confirm = await EnterAsync(attacker, device);
        using var victim = new SuiteBrowser(server);
        await victim.BeSignedInAsync();
        var own = await EnterAsync(victim, await BeginAsync());

        await server.WritesNothingAsync(async () =>
        {
            (await victim.OpenAsync(confirm.Address)).AssertErrorPage(ErrorCodes.InvalidRequest, "opened in another browser");
            var token = SuiteBrowser.HiddenFieldOf(own, "anti-forgery"); // even with a good token of the victim's own
            (await victim.PostAsync(confirm.Address, [new("anti-forgery", token), new("device-allow", "yes")])).AssertErrorPage(ErrorCodes.InvalidRequest, "opened in another browser");
            (await victim.PostAsync(own.Address, [new("device-allow", "yes")])).AssertErrorPage(ErrorCodes.InvalidRequest, "did not come from this page");
        });
        await AssertErrorAsync(await PollAsync(device), ErrorCodes.AuthorizationPending);
    }

    [Fact]
    [Spec("RFC 8628", "§5.1")]
    public async Task Who_guesses_codes_has_to_wait_and_a_code_of_their_own_in_between_changes_nothing()
    {
        using var guesser = new SuiteBrowser(server);
        var own = await BeginAsync();
        for (var i = 0; i < 5; i++)
        {
            var wrong = await GuessAsync(guesser, $"BBBB-BBB{"BCDFG"[i]}");
            Assert.Equal(422, wrong.Status);
            Assert.Contains("No device shows this code", wrong.Html, StringComparison.Ordinal);
            if (i == 3)
            {
                await EnterAsync(guesser, own);
            }
        }

        var refused = await GuessAsync(guesser, own.Text("user_code")); // which is right, and not looked at

        Assert.Equal(429, refused.Status);
        Assert.Contains("Try again in about 30 seconds", refused.Html, StringComparison.Ordinal);
        clock.Skip(TimeSpan.FromSeconds(30));
        (await GuessAsync(guesser, own.Text("user_code"))).AssertLoginPage();
    }

    [Fact]
    [Spec("RFC 8628", "§5.1")]
    public async Task A_fresh_browser_for_each_guess_does_not_help()
    {
        for (var i = 0; i < 20; i++)
        {
            using var fresh = new SuiteBrowser(server);
            Assert.Equal(422, (await GuessAsync(fresh, $"BBBB-BB{"BCDFGHJKLMNPQRSTVWXZ"[i]}B")).Status);
        }

        using var last = new SuiteBrowser(server);
        var refused = await GuessAsync(last, "BBBB-BBBB");

        Assert.Equal(429, refused.Status);
        Assert.Contains("Try again in about 10 minutes", refused.Html, StringComparison.Ordinal);
        clock.Skip(TimeSpan.FromMinutes(10));
        Assert.Equal(422, (await GuessAsync(last, "BBBB-BBBB")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("WDJB")]
    [InlineData("1234-5678")]
    public async Task What_no_code_can_be_is_help_and_no_guess(string typed)
    {
        using var person = new SuiteBrowser(server);
        for (var i = 0; i < 8; i++)
        {
            var page = await GuessAsync(person, typed);
            Assert.Equal(422, page.Status);
            Assert.Contains("A code has 8 letters", page.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_code_of_a_client_that_was_removed_is_unknown()
    {
        var device = await BeginAsync();
        await server.Provider.GetRequiredService<Data.Admin.ClientAdmin>().RemoveAsync(Declared.Tv, TestContext.Current.CancellationToken);
        using var person = new SuiteBrowser(server);

        Assert.Contains("No device shows this code", (await EnterAsync(person, device)).Html, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task Signing_out_ends_what_was_allowed_without_offline_access()
    {
        var device = await BeginAsync("openid");
        using var person = new SuiteBrowser(server);
        await person.BeSignedInAsync();
        await person.PressAsync(await EnterAsync(person, device), "device-allow");
        using var tokens = await PollAsync(device);
        var json = await tokens.JsonAsync();

        await person.PressAsync(await person.OpenAsync("account/logout"), "logout-confirm");

        using var userInfo = await server.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(json.Text("access_token")));
        Assert.Equal(401, (int)userInfo.StatusCode);
    }

    private async Task<JsonElement> BeginAsync(string scope = "openid profile offline_access articles.read")
    {
        using var response = await server.PostAsync("connect/deviceauthorization", null, (Parameters.ClientId, Declared.Tv), (Parameters.Scope, scope));
        Assert.Equal(200, (int)response.StatusCode);
        response.AssertNotStored();
        return await response.JsonAsync();
    }

    private Task<HttpResponseMessage> PollAsync(JsonElement device) => server.PostAsync(
        "connect/token", null, (Parameters.GrantType, GrantTypes.DeviceCode), (Parameters.ClientId, Declared.Tv), (Parameters.DeviceCode, device.Text("device_code")));

    private static Task<Visit> EnterAsync(SuiteBrowser person, JsonElement device) => GuessAsync(person, device.Text("user_code"));

    private static async Task<Visit> GuessAsync(SuiteBrowser person, string code) =>
        await person.PressAsync(await person.OpenAsync("device"), "device-continue", ("device-code", code));

    private static Task<Visit> SignInAsync(SuiteBrowser person, Visit login) =>
        person.PressAsync(login, "login-submit", ("username", Declared.User), ("password", Declared.Password));

    private static void AssertAsks(Visit page, JsonElement device)
    {
        Assert.EndsWith("/device/confirm", page.Path, StringComparison.Ordinal);
        Assert.Contains("Living room TV", page.Html, StringComparison.Ordinal);
        Assert.Contains($">{device.Text("user_code")}<", page.Html, StringComparison.Ordinal);
        Assert.Contains("only if you started it yourself", page.Html, StringComparison.Ordinal);
    }

    private static void AssertDone(Visit page, string heading)
    {
        Assert.EndsWith("/device/done", page.Path, StringComparison.Ordinal);
        Assert.Contains($"<h1 id=\"device-done-heading\">{heading}</h1>", page.Html, StringComparison.Ordinal);
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, string code)
    {
        using (response)
        {
            await response.AssertErrorAsync(400, code);
        }
    }
}
