using IdServer.Data.Users;
using IdServer.Testing;
using IdServer.Tests.Manage;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Recovery;

/// <summary>Somebody was sent here by an application and has forgotten the password: the request waits, in that browser.</summary>
public sealed class ResetForApplicationTests(ForgottenPassword people) : IClassFixture<ForgottenPassword>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RunningServer Server => people.Server;

    [Fact]
    public async Task The_link_leads_back_to_the_application_past_what_opens_the_account()
    {
        var name = await people.AddPersonAsync();
        using var browser = new AccountBrowser(Server);
        var request = await AuthorizeAsync(browser);
        var link = await AskAsync(browser, name, request);

        Assert.Equal("/account/reset" + request, (await browser.GetAsync(link)).Location);
        var reset = await browser.PostAsync("account/reset" + request, ("reset-password", ForgottenPassword.Another));

        Assert.Equal("/account/review" + request, reset.Location);
        var review = await browser.GetAsync("account/review" + request);
        Assert.Contains("The App", review.Text, StringComparison.Ordinal);
        Assert.Contains($"id=\"review-continue\" href=\"/connect/authorize{request}\"", review.Text, StringComparison.Ordinal);
        Assert.Equal("/account/review" + request, (await browser.PostAsync("account/review" + request, ("review-drop", "yes"))).Location); // nothing to drop: the way on stays
        Assert.StartsWith($"{Declared.RedirectUri}?code=", (await browser.GetAsync("connect/authorize" + request)).Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_a_second_factor_proves_it_and_comes_back_as_well()
    {
        var name = await people.AddPersonAsync();
        var (id, secret) = (Guid.Parse(await Server.SubjectOfAsync(name)), TimeBasedCode.NewSecret());
        var step = TimeBasedCode.StepAt(TimeProvider.System.GetUtcNow());
        Assert.True(await Server.Provider.GetRequiredService<Authenticators>().TryAddAsync(id, secret, TimeBasedCode.Of(secret, step - 1), Ct));
        using var browser = new AccountBrowser(Server);
        var request = await AuthorizeAsync(browser);
        await browser.GetAsync(await AskAsync(browser, name, request));

        var second = (await browser.PostAsync("account/reset" + request, ("reset-password", ForgottenPassword.Another))).Location;
        Assert.Equal($"/account/second-factor{request}&to=%2Faccount%2Freview", second);
        var done = await browser.PostAsync(second![1..], ("second-code", TimeBasedCode.Of(secret, step)));

        Assert.Equal("/account/review" + request, done.Location);
    }

    [Fact]
    [Attack("login CSRF")]
    public async Task In_another_browser_the_link_signs_in_and_says_nothing_of_the_request()
    {
        var name = await people.AddPersonAsync();
        using var browser = new AccountBrowser(Server);
        var link = await AskAsync(browser, name, await AuthorizeAsync(browser));
        using var other = new AccountBrowser(Server);

        Assert.Equal("/account/reset", (await other.GetAsync(link)).Location);

        Assert.Equal("/account/review", (await ForgottenPassword.ResetAsync(other)).Location);
        Assert.Contains("id=\"review-done\"", (await other.GetAsync("account/review")).Html, StringComparison.Ordinal);
    }

    [Fact]
    [Attack("login CSRF")]
    public async Task A_request_of_another_browser_or_of_nobody_does_not_get_into_the_mail()
    {
        var name = await people.AddPersonAsync();
        using var other = new AccountBrowser(Server);
        var foreign = await AuthorizeAsync(other);
        using var browser = new AccountBrowser(Server);

        Assert.DoesNotContain("interaction", await AskAsync(browser, name, foreign), StringComparison.Ordinal);
        Assert.DoesNotContain("interaction", await AskAsync(browser, name, $"?interaction={Guid.Empty}"), StringComparison.Ordinal);
    }

    private static async Task<string> AuthorizeAsync(AccountBrowser browser)
    {
        using var response = await browser.Browser.AuthorizeAsync();
        Assert.StartsWith("/account/login?interaction=", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        return response.Headers.Location.OriginalString["/account/login".Length..];
    }

    /// <returns>The path with the query of the link in the mail.</returns>
    private async Task<string> AskAsync(AccountBrowser browser, string name, string request)
    {
        Assert.Equal($"/account/forgot{request}&sent=yes", (await browser.PostAsync("account/forgot" + request, ("forgot-login", name))).Location);
        return (await people.Mail.TakeAsync(ForgottenPassword.AddressOf(name), "password", Ct)).Link.PathAndQuery[1..];
    }
}
