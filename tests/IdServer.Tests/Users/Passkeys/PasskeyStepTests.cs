using System.Buffers.Text;
using System.Text.Json;
using IdServer.Data;
using IdServer.Testing;
using IdServer.Tests.Upstream;
using IdServer.Tokens.Registries;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Users.Passkeys;

/// <summary>A passkey where something was proved before, or has to be proved again.</summary>
public sealed class PasskeyStepTests(PasskeyServer server) : IClassFixture<PasskeyServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_the_second_factor_after_a_password_and_both_where_it_comes_first()
    {
        var subject = await server.RegisterAsync("careful");
        using var owner = new PasskeyBrowser(server);
        await owner.Browser.SignInAsync("careful");
        var passkey = await owner.AddAsync(server.NewPasskey());
        using var berta = new PasskeyBrowser(server);
        await berta.Browser.SignInAsync("berta");
        var bertas = await berta.AddAsync(server.NewPasskey());
        await DemandSecondFactorAsync(subject);

        using var browser = new PasskeyBrowser(server);
        var page = await PasswordAsync(browser, await browser.AuthorizeAsync(), "careful");
        Assert.Equal("/account/second-factor", page.Path);
        var refused = await browser.SignInAsync(bertas, page);
        Assert.Equal((422, "/account/second-factor"), (refused.Status, refused.Path));
        Assert.Contains("belongs to another account", refused.Html, StringComparison.Ordinal);
        Assert.Equal((subject, "pwd hwk mfa"), await ClaimsAsync(server.Running, await browser.SignInAsync(passkey, refused)));

        using var second = new PasskeyBrowser(server);
        Assert.Equal((subject, "hwk mfa"), await ClaimsAsync(server.Running, await second.SignInAsync(passkey, await second.AuthorizeAsync())));
    }

    [Fact]
    [Spec("OIDC Core", "§3.1.2.1")]
    public async Task A_request_that_wants_credentials_again_or_more_of_them_takes_a_passkey()
    {
        using var person = new PasskeyBrowser(server);
        var subject = await person.Browser.SignInAsync();
        var passkey = await person.AddAsync(server.NewPasskey());

        var again = await person.AuthorizeAsync(("prompt", "login"), ("login_hint", "ana"));
        Assert.Equal("/account/login", again.Path);
        Assert.Equal((subject, "pwd hwk mfa"), await ClaimsAsync(server.Running, await person.SignInAsync(passkey, again)));

        using var modest = new PasskeyBrowser(server);
        await modest.Browser.SignInAsync();
        var more = await modest.AuthorizeAsync(("acr_values", AuthenticationContexts.SeveralFactors));
        Assert.Equal("/account/second-factor", more.Path);
        Assert.Equal((subject, "pwd hwk mfa"), await ClaimsAsync(server.Running, await modest.SignInAsync(passkey, more)));

        using var berta = new PasskeyBrowser(server); // somebody else than the application expects
        var hinted = await berta.AuthorizeAsync(("prompt", "login"));
        Assert.Equal((subject, "hwk mfa"), await ClaimsAsync(server.Running, await berta.SignInAsync(passkey, hinted)));
    }

    [Fact]
    public async Task It_proves_an_account_that_a_login_at_a_provider_is_to_be_linked_with()
    {
        await using var federated = new FederatedServer { Host = "localhost" };
        await federated.InitializeAsync();
        using var owner = new PasskeyBrowser(federated.Running);
        var subject = await owner.Browser.SignInAsync();
        var passkey = await owner.AddAsync(new SoftPasskey(federated.Running.Origin));
        using var berta = new PasskeyBrowser(federated.Running);
        await berta.Browser.SignInAsync("berta");
        var bertas = await berta.AddAsync(new SoftPasskey(federated.Running.Origin));
        federated.Upstream.BePerson("ana-at-google", "ana@example.com");

        using var browser = new PasskeyBrowser(federated.Running);
        var page = await browser.AuthorizeAsync(("idp_hint", "google"));
        Assert.Equal("/account/link", page.Path);
        var before = await federated.PeopleAsync();
        var refused = await browser.SignInAsync(bertas, page);
        Assert.Equal((422, "/account/link"), (refused.Status, refused.Path));
        Assert.Equal(before, await federated.PeopleAsync());

        Assert.Equal((subject, "hwk fed mfa"), await ClaimsAsync(federated.Running, await browser.SignInAsync(passkey, refused)));
        using var later = new PasskeyBrowser(federated.Running);
        Assert.Equal((subject, "fed"), await ClaimsAsync(federated.Running, await later.AuthorizeAsync(("idp_hint", "google"))));
    }

    private static Task<Halt> PasswordAsync(PasskeyBrowser browser, Halt page, string username) =>
        browser.PostAsync(page, ("username", username), ("password", Declared.Password), ("login-submit", "yes"));

    private static async Task<(string Subject, string Amr)> ClaimsAsync(RunningServer running, Halt done)
    {
        Assert.True(done.IsAtApplication, $"{done.Status} {done.Address}");
        using var tokens = await running.RedeemAsync(done.Query("code")!);
        var claims = JsonElement.Parse(Base64Url.DecodeFromChars((await tokens.JsonAsync()).Text("id_token").Split('.')[1]));
        return (claims.Text("sub"), string.Join(' ', claims.GetProperty("amr").EnumerateArray().Select(m => m.GetString())));
    }

    private async Task DemandSecondFactorAsync(string subject)
    {
        await using var scope = server.Running.Provider.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ScopedContext>().Value;
        (await db.Users.SingleAsync(u => u.Id == Guid.Parse(subject), Ct)).TwoFactorEnabled = true;
        await db.SaveChangesAsync(Ct);
    }
}
