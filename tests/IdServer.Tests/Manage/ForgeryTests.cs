using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Manage;

/// <summary>Another site makes the browser of somebody who is signed in post to every form of the account.</summary>
public sealed class ForgeryTests(RunningServer server) : IClassFixture<RunningServer>
{
    public static TheoryData<string, string, string> Forms => new()
    {
        { "manage/profile", "profile-name", "Somebody Else" },
        { "manage/password", "own-password-new", "a password of the attacker" },
        { "manage/apps", "app", Declared.App },
        { "manage/devices", "others", "yes" },
        { "manage/logins", "unlink", "x" },
        { "manage/email", "email-new", "eve@example.com" },
        { "manage/data", "data-username", Declared.User },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    [Attack("cross-site request forgery")]
    public async Task A_form_that_another_site_posts_changes_nothing(string path, string field, string value)
    {
        using var browser = await AccountBrowser.SignedInAsync(server);
        using var elsewhere = await AccountBrowser.SignedInAsync(server);
        await elsewhere.Browser.CodeAsync();
        Answer answer = null!;

        await server.WritesNothingAsync(async () => answer = await browser.ForgeAsync(path, (field, value)));

        Assert.Equal(303, answer.Status);
        Assert.StartsWith("/error?e=", answer.Location, StringComparison.Ordinal);
    }
}
