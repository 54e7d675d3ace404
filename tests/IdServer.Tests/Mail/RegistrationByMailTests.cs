using System.Text.RegularExpressions;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Testing.Mail;
using IdServer.Tests.Conformance;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Mail;

/// <summary>Registration where the server sends mail: an account is made by its link, and by nobody else.</summary>
public sealed class RegistrationByMailTests : IAsyncLifetime
{
    private const string Address = "nuria@example.com";
    private const string Password = "several words in a row";

    private readonly SmtpListener listener = new();
    private readonly SkippingClock clock = new();
    private RunningServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await RunningServer.StartAsync(new RunningServer { Settings = listener.Settings, Clock = clock });

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task The_link_in_the_mail_makes_the_account_signs_in_and_goes_on_with_the_request()
    {
        using var person = new SuiteBrowser(server);
        var login = await person.OpenAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request((Parameters.Scope, "openid email"))));
        var sent = await RegisterAsync(person, path: login.Address.Replace("/account/login", "/account/register", StringComparison.Ordinal));
        Assert.Contains("id=\"register-sent\"", sent.Html, StringComparison.Ordinal);
        Assert.Null(await FindAsync("nuria"));

        var page = await person.OpenAsync((await listener.TakeAsync(Address, ct: Ct)).Link.AbsoluteUri);
        Assert.DoesNotContain("id=\"verify-password\"", page.Html, StringComparison.Ordinal);
        Assert.Null(await FindAsync("nuria")); // opening it made nothing: mail scanners open links
        var back = await person.PressAsync(page, "verify-submit");

        using var redeemed = await server.RedeemAsync(back.Answer![Parameters.Code]);
        var userInfo = await server.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer((await redeemed.JsonAsync()).Text("access_token")));
        var claims = await userInfo.JsonAsync();
        Assert.Equal((Address, true), (claims.Text("email"), claims.GetProperty("email_verified").GetBoolean()));
        Assert.Equal(410, (await person.OpenAsync(page.Address)).Status);
    }

    [Fact]
    [Attack("pre-hijacking")]
    public async Task In_another_browser_the_link_asks_for_the_password_that_only_who_registered_knows()
    {
        using var attacker = new SuiteBrowser(server);
        using var owner = new SuiteBrowser(server);
        await RegisterAsync(attacker);
        var link = (await listener.TakeAsync(Address, ct: Ct)).Link.AbsoluteUri;

        var page = await owner.OpenAsync(link);
        Assert.Contains("id=\"verify-password\"", page.Html, StringComparison.Ordinal);
        Assert.Equal(422, (await owner.PressAsync(page, "verify-submit")).Status);
        Assert.Equal(422, (await owner.PressAsync(page, "verify-submit", ("verify-password", "another password"))).Status);
        Assert.Null(await FindAsync("nuria"));

        var done = await owner.PressAsync(page, "verify-disown");
        Assert.Contains("id=\"verify-disowned\"", done.Html, StringComparison.Ordinal);
        Assert.Equal(410, (await attacker.OpenAsync(link)).Status);
        Assert.Null(await FindAsync("nuria"));
    }

    [Fact]
    public async Task Who_registered_may_open_the_link_on_another_device_with_the_password()
    {
        using var desk = new SuiteBrowser(server);
        using var phone = new SuiteBrowser(server);
        await RegisterAsync(desk);

        var page = await phone.OpenAsync((await listener.TakeAsync(Address, ct: Ct)).Link.AbsoluteUri);
        var done = await phone.PressAsync(page, "verify-submit", ("verify-password", Password));

        Assert.Equal("/manage", done.Path);
        Assert.Contains("Your e-mail address is confirmed.", done.Html, StringComparison.Ordinal);
        Assert.True((await FindAsync("nuria"))!.EmailVerified);
    }

    [Fact]
    [Attack("account enumeration")]
    public async Task A_taken_address_gets_the_same_page_and_its_owner_a_mail()
    {
        using var stranger = new SuiteBrowser(server);
        using var other = new SuiteBrowser(server);

        var known = await RegisterAsync(stranger, "ana@example.com", "");
        var unknown = await RegisterAsync(other, "nobody@example.com", "");

        Assert.Equal((200, 200), (known.Status, unknown.Status));
        Assert.Equal(Neutral(known.Html), Neutral(unknown.Html));
        Assert.Contains("You already have an account", (await listener.TakeAsync("ana@example.com", ct: Ct)).Subject, StringComparison.Ordinal);
        Assert.Contains("Confirm", (await listener.TakeAsync("nobody@example.com", ct: Ct)).Subject, StringComparison.Ordinal);

        static string Neutral(string html) => Regex.Replace(html, "(ana|nobody)@example.com", "address", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
    }

    [Fact]
    [Attack("pre-hijacking")]
    public async Task An_account_that_only_says_it_has_the_address_loses_it_to_who_proves_it()
    {
        await server.Provider.GetRequiredService<Accounts>().AddAsync(new DeclaredUser { Username = "carla", Email = "carla@example.com", Password = Declared.Password }, Ct);
        var squatter = await FindAsync("carla"); // has never verified carla@example.com
        using var attacker = server.NewBrowser();
        await attacker.SignInAsync("carla");
        using var owner = new SuiteBrowser(server);
        await RegisterAsync(owner, "carla@example.com", "owner");

        await owner.PressAsync(await owner.OpenAsync((await listener.TakeAsync("carla@example.com", ct: Ct)).Link.AbsoluteUri), "verify-submit");

        var mine = await FindAsync("carla@example.com");
        Assert.Equal(("owner", true), (mine!.Username, mine.EmailVerified));
        var left = await FindAsync("carla");
        Assert.Equal((squatter!.Subject, null, false), (left!.Subject, left.Email, left.EmailVerified));
        using var home = await attacker.Http.GetAsync("manage", Ct);
        Assert.Equal(303, (int)home.StatusCode); // the session is over
    }

    [Fact]
    [Attack("mail bombing")]
    public async Task An_address_gets_five_mails_an_hour_whoever_asks()
    {
        using var person = new SuiteBrowser(server);
        for (var i = 0; i < 6; i++)
        {
            Assert.Contains("id=\"register-sent\"", (await RegisterAsync(person, username: "")).Html, StringComparison.Ordinal);
        }

        for (var i = 0; i < 5; i++)
        {
            await listener.TakeAsync(Address, ct: Ct);
        }

        Assert.Equal(5, (await server.Provider.GetRequiredService<Data.Mail.Outbox>().ListAsync(10, Ct)).Count);
    }

    [Fact]
    public async Task The_link_is_good_for_two_hours()
    {
        using var person = new SuiteBrowser(server);
        await RegisterAsync(person);
        var link = (await listener.TakeAsync(Address, ct: Ct)).Link.AbsoluteUri;

        clock.Skip(TimeSpan.FromHours(2));

        var dead = await person.OpenAsync(link);
        Assert.Equal(410, dead.Status);
        Assert.Contains("id=\"verify-dead\"", dead.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_name_that_is_taken_is_said_at_once_and_no_mail_is_sent()
    {
        using var person = new SuiteBrowser(server);

        var page = await RegisterAsync(person, username: "ANA");

        Assert.Equal(422, page.Status);
        Assert.Contains("id=\"register-username-fault\"", page.Html, StringComparison.Ordinal);
        Assert.Empty(await server.Provider.GetRequiredService<Data.Mail.Outbox>().ListAsync(10, Ct));
    }

    private static async Task<Visit> RegisterAsync(SuiteBrowser browser, string address = Address, string username = "nuria", string path = "account/register") =>
        await browser.PressAsync(await browser.OpenAsync(path), "register-submit", ("register-email", address), ("register-username", username), ("register-password", Password));

    private async Task<UserClaims?> FindAsync(string login) =>
        await server.Provider.GetRequiredService<Data.Users.StoredUsers>().FindIdAsync(login, Ct) is { } id ? await server.Provider.GetRequiredService<IUserClaimsSource>().FindAsync(id.ToString(), Ct) : null;
}
