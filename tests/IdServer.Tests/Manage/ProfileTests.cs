using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Manage;

public sealed class ProfileTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Page = "manage/profile";

    [Fact]
    [Spec("OIDC Core", "§5.1")]
    public async Task What_is_saved_shows_at_userinfo_at_once_and_what_is_emptied_is_gone()
    {
        using var browser = await AccountBrowser.SignedInAsync(server);
        var token = await TokenAsync(browser);
        Assert.Equal("Ana García", (await UserInfoAsync(token)).Text("name"));

        var saved = await browser.PostAsync(
            Page,
            ("profile-name", " Ana Luz García Ruiz "),
            ("profile-given-name", ""),
            ("profile-birthdate", "1990"),
            ("profile-zoneinfo", "Europe/Madrid"),
            ("profile-locale", "es-ES"),
            ("profile-website", "https://ana.example/"));

        Assert.Equal((303, "/manage/profile"), (saved.Status, saved.Location));
        var claims = await UserInfoAsync(token);
        Assert.Equal(
            ("Ana Luz García Ruiz", "1990", "Europe/Madrid", "es-ES", "https://ana.example/", "ana@example.com"),
            (claims.Text("name"), claims.Text("birthdate"), claims.Text("zoneinfo"), claims.Text("locale"), claims.Text("website"), claims.Text("email")));
        Assert.False(claims.TryGetProperty("given_name", out _));
        Assert.Contains("Your profile is saved.", (await browser.GetAsync(Page)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Your profile is saved.", (await browser.GetAsync(Page)).Text, StringComparison.Ordinal); // once
    }

    [Fact]
    public async Task Wrong_values_are_refused_with_a_sentence_each_and_nothing_is_written()
    {
        using var browser = await AccountBrowser.SignedInAsync(server, "berta");
        Answer refused = null!;

        await server.WritesNothingAsync(async () => refused = await browser.PostAsync(
            Page,
            ("profile-name", new string('x', 201)),
            ("profile-birthdate", "28.2.1990"),
            ("profile-picture", "javascript:alert(1)"),
            ("profile-zoneinfo", "Middle/Earth"),
            ("profile-phone-number", "call me"),
            ("profile-website", "https://berta.example/")));

        Assert.Equal(422, refused.Status);
        Assert.Contains("Your profile is not saved yet.", refused.Text, StringComparison.Ordinal);
        Assert.Equal(5, refused.Html.Split("class=\"fault\"").Length - 1);
        Assert.Contains("value=\"https://berta.example/\"", refused.Html, StringComparison.Ordinal); // what was typed is not lost
    }

    [Fact]
    public async Task Another_telephone_number_is_not_verified_and_nothing_else_can_be_claimed()
    {
        var accounts = (IdServer.Users.Accounts)server.Provider.GetService(typeof(IdServer.Users.Accounts))!;
        await accounts.AddAsync(new() { Username = "carla", Email = "carla@example.com", Password = Declared.Password, PhoneNumber = "+34 600 000 000", PhoneNumberVerified = true }, TestContext.Current.CancellationToken);
        using var browser = await AccountBrowser.SignedInAsync(server, "carla");

        await browser.PostAsync(Page, ("profile-phone-number", "+34 600 000 000"), ("profile-email", "eve@example.com"), ("profile-username", "root"), ("profile-email-verified", "true"), ("profile-roles", "admin"));
        var same = await ClaimsAsync("carla");
        Assert.Equal(("carla", "carla@example.com", false, true), (same.Username, same.Email, same.EmailVerified, same.PhoneNumberVerified));
        Assert.Equal(["usuario"], same.Roles);

        await browser.PostAsync(Page, ("profile-phone-number", "+34 600 000 001"));
        Assert.False((await ClaimsAsync("carla")).PhoneNumberVerified);
    }

    private async Task<IdServer.Protocol.Users.UserClaims> ClaimsAsync(string username) =>
        (await ((IdServer.Protocol.Users.IUserClaimsSource)server.Provider.GetService(typeof(IdServer.Protocol.Users.IUserClaimsSource))!).FindAsync(await server.SubjectOfAsync(username), TestContext.Current.CancellationToken))!;

    private async Task<string> TokenAsync(AccountBrowser browser)
    {
        using var response = await server.RedeemAsync(await browser.Browser.CodeAsync());
        return (await response.JsonAsync()).Text(Parameters.AccessToken);
    }

    private async Task<System.Text.Json.JsonElement> UserInfoAsync(string token)
    {
        using var response = await server.SendAsync(HttpMethod.Get, "connect/userinfo", headers: ("Authorization", $"Bearer {token}"));
        return await response.JsonAsync();
    }
}
