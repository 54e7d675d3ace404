using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using IdServer.Protocol.Events;
using IdServer.Testing;
using IdServer.Tests.Upstream;
using IdServer.Users.Passkeys;
using Xunit;

namespace IdServer.Tests.Users.Passkeys;

/// <summary>Sign-in by passkey over HTTP: what a good one proves, and everything that is refused.</summary>
public sealed class PasskeySignInTests(PasskeyServer server) : IClassFixture<PasskeyServer>
{
    [Fact]
    [Spec("WebAuthn", "§7.2")]
    public async Task A_passkey_signs_in_without_a_user_name_and_says_what_it_proved()
    {
        using var owner = new PasskeyBrowser(server);
        var subject = await owner.Browser.SignInAsync();
        var passkey = await owner.AddAsync(server.NewPasskey() with { Counter = 1 });
        var synced = await owner.AddAsync(server.NewPasskey() with { IsSynced = true });

        passkey.Counter = 2;
        Assert.Equal((subject, "hwk mfa"), await ClaimsAsync(passkey));
        Assert.Equal((subject, "swk mfa"), await ClaimsAsync(synced));
    }

    public static TheoryData<string> Attacks =>
    [
        "wrong origin", "wrong relying party", "in a frame", "user not verified", "altered signature", "another challenge", "another key", "unknown id", "no user handle", "handle of another account", "handle of nobody", "not JSON", "empty",
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    [Spec("WebAuthn", "§7.2")]
    [Attack("forged passkey")]
    public async Task An_answer_that_is_not_the_passkey_s_signs_nobody_in(string attack)
    {
        using var owner = new PasskeyBrowser(server);
        await owner.Browser.SignInAsync();
        var passkey = await owner.AddAsync(server.NewPasskey());
        var berta = Encoding.UTF8.GetBytes(await server.Running.SubjectOfAsync("berta"));
        using var attacker = new PasskeyBrowser(server);
        var page = await attacker.GoAsync("account/login");
        var (options, state) = await attacker.ChallengeAsync();

        var answer = attack switch
        {
            "wrong origin" => (passkey with { Origin = "http://localhost.evil.example" }).Answer(options),
            "wrong relying party" => (passkey with { RelyingPartyId = "evil.example" }).Answer(options),
            "in a frame" => (passkey with { IsFramed = true }).Answer(options),
            "user not verified" => (passkey with { VerifiesUser = false }).Answer(options),
            "altered signature" => (passkey with { SpoilsSignature = true }).Answer(options),
            "another challenge" => (passkey with { Challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }).Answer(options),
            "another key" => (passkey with { Key = server.NewPasskey().Key }).Answer(options),
            "unknown id" => (passkey with { Id = server.NewPasskey().Id }).Answer(options),
            "no user handle" => (passkey with { UserHandle = null }).Answer(options),
            "handle of another account" => (passkey with { UserHandle = berta }).Answer(options),
            "handle of nobody" => (passkey with { UserHandle = "nobody"u8.ToArray() }).Answer(options),
            "not JSON" => "<passkey/>",
            _ => "{}",
        };
        var refused = await attacker.PostAsync(page, (PasskeyAnswer.CredentialField, answer), (PasskeyAnswer.StateField, state));

        AssertRefused(refused, "This passkey opens no account here");
        Assert.Equal("/", (await attacker.SignInAsync(passkey)).Path); // and the honest one still does
    }

    [Fact]
    [Attack("replayed passkey answer")]
    public async Task An_answer_is_good_once_for_one_browser_and_for_five_minutes()
    {
        using var owner = new PasskeyBrowser(server);
        await owner.Browser.SignInAsync();
        var passkey = await owner.AddAsync(server.NewPasskey());

        using var person = new PasskeyBrowser(server);
        var page = await person.GoAsync("account/login");
        var (options, state) = await person.ChallengeAsync();
        (string, string)[] answer = [(PasskeyAnswer.CredentialField, passkey.Answer(options)), (PasskeyAnswer.StateField, state)];

        using var thief = new PasskeyBrowser(server); // has read what another browser sends
        AssertRefused(await thief.PostAsync(await thief.GoAsync("account/login"), answer), "open for too long");
        Assert.Equal("/", (await person.PostAsync(page, answer)).Path);
        AssertRefused(await thief.PostAsync(await thief.GoAsync("account/login"), answer), "open for too long");

        using var again = new PasskeyBrowser(server);
        page = await again.GoAsync("account/login");
        (options, state) = await again.ChallengeAsync();
        answer = [(PasskeyAnswer.CredentialField, passkey.Answer(options)), (PasskeyAnswer.StateField, state)];
        server.Clock.Advance(Ceremonies.Lifetime);
        AssertRefused(await again.PostAsync(page, answer), "open for too long");

        (options, state) = await again.ChallengeAsync(); // spent by a failure as well
        AssertRefused(await again.PostAsync(page, (PasskeyAnswer.CredentialField, "{}"), (PasskeyAnswer.StateField, state)), "opens no account");
        AssertRefused(await again.PostAsync(page, (PasskeyAnswer.CredentialField, passkey.Answer(options)), (PasskeyAnswer.StateField, state)), "open for too long");
        AssertRefused(await again.PostAsync(page, (PasskeyAnswer.CredentialField, passkey.Answer(options)), (PasskeyAnswer.StateField, state[..^4] + "AAAA")), "open for too long");
        AssertRefused(await again.PostAsync(page, (PasskeyAnswer.CredentialField, passkey.Answer(options))), "open for too long");
    }

    [Fact]
    [Spec("WebAuthn", "§6.1.1")]
    [Attack("cloned authenticator")]
    public async Task A_counter_that_does_not_grow_is_a_copy()
    {
        using var owner = new PasskeyBrowser(server);
        var subject = await server.RegisterAsync("copied");
        await owner.Browser.SignInAsync("copied");
        var passkey = await owner.AddAsync(server.NewPasskey() with { Counter = 7 });
        using var browser = new PasskeyBrowser(server);
        passkey.Counter = 8;
        Assert.Equal("/", (await browser.SignInAsync(passkey)).Path);

        using var copy = new PasskeyBrowser(server);
        AssertRefused(await copy.SignInAsync(passkey with { Counter = 8 }), "opens no account");
        AssertRefused(await copy.SignInAsync(passkey with { Counter = 0 }), "opens no account");
        await server.AssertAuditedAsync(EventKind.SignInFailed, "sign", subject); // the person reads it under /manage/activity
    }

    [Fact]
    [Attack("state of another ceremony")]
    public async Task What_was_asked_to_add_a_passkey_signs_nobody_in_and_the_other_way_round()
    {
        using var owner = new PasskeyBrowser(server);
        await owner.Browser.SignInAsync();
        var passkey = await owner.AddAsync(server.NewPasskey());
        var manage = await owner.GoAsync("manage/passkeys");

        using var other = new PasskeyBrowser(server);
        AssertRefused(await other.SignInAsync(passkey, state: PasskeyBrowser.StateOf(manage)), "open for too long");

        var (_, state) = await owner.ChallengeAsync();
        var refused = await owner.PostAsync(manage, (PasskeyAnswer.CredentialField, server.NewPasskey().Make(PasskeyBrowser.OptionsOf(manage))), (PasskeyAnswer.StateField, state));
        Assert.Equal(422, refused.Status);
    }

    [Fact]
    public async Task A_disabled_or_removed_account_s_passkey_answers_like_an_unknown_one()
    {
        var subject = await server.RegisterAsync("gone");
        using var owner = new PasskeyBrowser(server);
        await owner.Browser.SignInAsync("gone");
        var passkey = await owner.AddAsync(server.NewPasskey());
        using var browser = new PasskeyBrowser(server);

        await server.DisableAsync("gone");
        AssertRefused(await browser.SignInAsync(passkey), "opens no account here");
        await server.RemoveAsync(subject);
        AssertRefused(await browser.SignInAsync(passkey), "opens no account here");
    }

    [Fact]
    [Spec("requirement", "50")]
    public async Task Wrong_answers_from_one_source_are_slowed_down()
    {
        await using var own = new PasskeyServer { Settings = new Dictionary<string, string?> { ["IdServer:RateLimits:SignInFailuresPerSource"] = "3" } };
        await own.InitializeAsync();
        using var attacker = new PasskeyBrowser(own);
        var stranger = own.NewPasskey() with { UserHandle = [1, 2, 3] };
        for (var i = 0; i < 3; i++)
        {
            AssertRefused(await attacker.SignInAsync(stranger), "opens no account");
        }

        var refused = await attacker.SignInAsync(stranger);
        Assert.Equal(429, refused.Status);
        Assert.Contains("Too many attempts", refused.Html, StringComparison.Ordinal);

        own.Clock.Advance(TimeSpan.FromMinutes(11));
        AssertRefused(await attacker.SignInAsync(stranger), "opens no account");
    }

    [Fact]
    public async Task A_challenge_is_for_our_own_pages_and_costs_no_row()
    {
        using var browser = new PasskeyBrowser(server);
        await server.Running.WritesNothingAsync(async () => await browser.ChallengeAsync());
        using var foreign = await server.Running.SendAsync(HttpMethod.Post, "account/passkey/challenge", headers: ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        Assert.False(foreign.Headers.Contains("Set-Cookie"));
        using var get = await server.Running.SendAsync(HttpMethod.Get, "account/passkey/challenge");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Fact]
    public async Task Where_the_issuer_is_an_address_no_page_offers_passkeys()
    {
        await using var numbered = await RunningServer.StartAsync();
        using var browser = numbered.NewBrowser();
        Assert.DoesNotContain("passkeys.js", await browser.Http.GetStringAsync("account/login", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var challenge = await numbered.SendAsync(HttpMethod.Post, "account/passkey/challenge");
        Assert.Equal(HttpStatusCode.NotFound, challenge.StatusCode);
    }

    private static void AssertRefused(Halt page, string sentence)
    {
        Assert.Equal((422, "/account/login"), (page.Status, page.Path));
        Assert.Contains(sentence, WebUtility.HtmlDecode(page.Html), StringComparison.Ordinal);
    }

    private async Task<(string Subject, string Amr)> ClaimsAsync(SoftPasskey passkey)
    {
        using var browser = new PasskeyBrowser(server);
        var done = await browser.SignInAsync(passkey, await browser.AuthorizeAsync());
        using var tokens = await server.Running.RedeemAsync(done.Query("code")!);
        var claims = JsonElement.Parse(Base64Url.DecodeFromChars((await tokens.JsonAsync()).Text("id_token").Split('.')[1]));
        return (claims.Text("sub"), string.Join(' ', claims.GetProperty("amr").EnumerateArray().Select(m => m.GetString())));
    }
}
