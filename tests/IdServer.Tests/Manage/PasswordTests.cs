using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Manage;

public sealed class PasswordTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Page = "manage/password";
    private const string Another = "correct horse battery staple gun";

    [Fact]
    [Attack("session riding")]
    public async Task A_new_password_ends_every_other_session_and_token_and_the_cookie_from_before()
    {
        await AddAsync("dana");
        using var here = await AccountBrowser.SignedInAsync(server, "dana");
        var device = (await SessionAsync("dana")).Origin!.DeviceId;
        using var elsewhere = await AccountBrowser.SignedInAsync(server, "dana");
        using var thief = server.NewBrowser();
        thief.Take(here.Browser.Cookies); // copied before the change

        var changed = await here.PostAsync(Page, ("own-password-current", Declared.Password), ("own-password-new", Another));

        Assert.Equal((303, "/manage/security"), (changed.Status, changed.Location));
        Assert.NotNull(device);
        Assert.Equal(device, (await SessionAsync("dana")).Origin!.DeviceId);
        Assert.Contains("Your password is changed.", (await here.GetAsync("manage/security")).Text, StringComparison.Ordinal);
        Assert.Equal(303, (await elsewhere.GetAsync("manage")).Status);
        using var ridden = await thief.Http.GetAsync("manage", TestContext.Current.CancellationToken);
        Assert.Equal(303, (int)ridden.StatusCode);
        using var response = await server.PostAsync("connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.Password), ("username", "dana"), ("password", Another));
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("not the password", Another, "This is not your current password.")]
    [InlineData("", Another, "Enter your current password.")]
    [InlineData(Declared.Password, "short", "at least 10 characters")]
    public async Task A_wrong_current_password_or_a_bad_new_one_changes_nothing(string current, string wanted, string sentence)
    {
        using var browser = await AccountBrowser.SignedInAsync(server, "berta");
        Answer refused = null!;

        await server.WritesNothingAsync(async () => refused = await browser.PostAsync(Page, ("own-password-current", current), ("own-password-new", wanted)));

        Assert.Equal(422, refused.Status);
        Assert.Contains(sentence, refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Another, refused.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await browser.GetAsync("manage")).Status);
    }

    [Fact]
    public async Task Guessing_the_current_password_is_braked_as_on_the_login_page()
    {
        await AddAsync("elsa");
        using var browser = await AccountBrowser.SignedInAsync(server, "elsa");
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await browser.PostAsync(Page, ("own-password-current", $"guess number {attempt}"), ("own-password-new", Another));
        }

        Assert.Equal(429, (await browser.PostAsync(Page, ("own-password-current", Declared.Password), ("own-password-new", Another))).Status);
    }

    [Fact]
    public async Task A_sign_in_of_an_hour_ago_has_to_be_repeated_first()
    {
        var clock = new ManualClock();
        await using var later = await RunningServer.StartAsync(new RunningServer { Clock = clock });
        using var browser = await AccountBrowser.SignedInAsync(later);
        Assert.Null((await browser.GetAsync(Page)).Location);
        var token = AccountBrowser.Token((await browser.GetAsync(Page)).Html);

        clock.Advance(TimeSpan.FromMinutes(16));

        Assert.Equal("/account/login?to=%2Fmanage%2Fpassword", (await browser.GetAsync(Page)).Location);
        Assert.Equal("/account/login?to=%2Fmanage%2Fpassword", (await browser.ForgeAsync(Page, ("anti-forgery", token), ("own-password-current", Declared.Password), ("own-password-new", Another))).Location);
        Assert.Equal(200, (await browser.GetAsync("manage/profile")).Status);
    }

    private async Task<SsoSession> SessionAsync(string username) =>
        Assert.Single(await server.Provider.GetRequiredService<ISessionStore>().ListAsync(await server.SubjectOfAsync(username), TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken));

    private async Task AddAsync(string username) =>
        Assert.Empty((await ((IdServer.Users.Accounts)server.Provider.GetService(typeof(IdServer.Users.Accounts))!).AddAsync(
            new() { Username = username, Email = $"{username}@example.com", Password = Declared.Password }, TestContext.Current.CancellationToken)).Faults);
}
