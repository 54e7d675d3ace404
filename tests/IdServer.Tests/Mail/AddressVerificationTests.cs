using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Testing.Mail;
using IdServer.Tests.Conformance;
using IdServer.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Mail;

/// <summary>Accounts that have an address and have not proved it: made by an application, by the configuration, or before there was mail. Carla has one.</summary>
public sealed class AddressVerificationTests : IAsyncLifetime
{
    private const string Address = "carla@example.com";

    private readonly SmtpListener listener = new();
    private RunningServer server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.StartAsync(new RunningServer { Settings = listener.Settings });
        Assert.NotNull((await server.Provider.GetRequiredService<Accounts>().AddAsync(new DeclaredUser { Username = "carla", Email = Address, Password = Declared.Password }, Ct)).Subject);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_signed_in_asks_for_the_mail_and_confirms_and_tokens_say_so_from_then_on()
    {
        using var carla = new SuiteBrowser(server);
        await carla.BeSignedInAsync("carla");
        Assert.Contains("id=\"unverified-address\"", (await carla.OpenAsync("")).Html, StringComparison.Ordinal);
        Assert.Contains("id=\"unverified-address\"", (await carla.OpenAsync("manage")).Html, StringComparison.Ordinal);
        Assert.False(await IsVerifiedAsync());

        var sent = await carla.PressAsync(await carla.OpenAsync("account/verify"), "verify-send");
        Assert.Contains("id=\"verify-sent\"", sent.Html, StringComparison.Ordinal);
        var page = await carla.OpenAsync((await listener.TakeAsync(Address, ct: Ct)).Link.AbsoluteUri);
        Assert.False(await IsVerifiedAsync());
        var done = await carla.PressAsync(page, "verify-submit");

        Assert.Equal("/manage", done.Path);
        Assert.Contains("Your e-mail address is confirmed.", done.Html, StringComparison.Ordinal);
        Assert.True(await IsVerifiedAsync());
        Assert.DoesNotContain("id=\"unverified-address\"", (await carla.OpenAsync("")).Html, StringComparison.Ordinal);
        Assert.Equal(410, (await carla.OpenAsync(page.Address)).Status);
        Assert.Equal("/", (await carla.OpenAsync("account/verify")).Path); // nothing left to do
    }

    [Fact]
    [Attack("pre-hijacking")]
    public async Task The_owner_of_the_address_who_does_not_know_the_account_can_only_take_the_address_from_it()
    {
        using var attacker = new SuiteBrowser(server);
        await attacker.BeSignedInAsync("carla");
        await attacker.PressAsync(await attacker.OpenAsync("account/verify"), "verify-send");
        using var owner = new SuiteBrowser(server);

        var page = await owner.OpenAsync((await listener.TakeAsync(Address, ct: Ct)).Link.AbsoluteUri);
        Assert.Equal(422, (await owner.PressAsync(page, "verify-submit", ("verify-password", "not the password"))).Status);
        Assert.False(await IsVerifiedAsync());
        var asked = await owner.PressAsync(page, "verify-disown"); // the account may be theirs after all: an application made it
        Assert.Contains("id=\"verify-disowning\"", asked.Html, StringComparison.Ordinal);
        Assert.Equal(Address, (await FindAsync("carla"))!.Email);
        Assert.Contains("id=\"verify-forgot\"", (await owner.OpenAsync(page.Address)).Html, StringComparison.Ordinal);
        var done = await owner.PressAsync(asked, "verify-release");

        Assert.Contains("id=\"verify-disowned\"", done.Html, StringComparison.Ordinal);
        Assert.Null((await FindAsync("carla"))!.Email);
        Assert.Equal("/account/login", (await attacker.OpenAsync("manage")).Path); // the session named the address
        await attacker.BeSignedInAsync("carla");
        Assert.DoesNotContain("id=\"home-email\"", (await attacker.OpenAsync("")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_opens_the_link_elsewhere_confirms_with_the_password_and_is_signed_in()
    {
        using var carla = new SuiteBrowser(server);
        await carla.BeSignedInAsync("carla");
        await carla.PressAsync(await carla.OpenAsync("account/verify"), "verify-send");
        using var phone = new SuiteBrowser(server);

        var done = await phone.PressAsync(await phone.OpenAsync((await listener.TakeAsync(Address, ct: Ct)).Link.AbsoluteUri), "verify-submit", ("verify-password", Declared.Password));

        Assert.Equal("/manage", done.Path);
        Assert.True(await IsVerifiedAsync());
    }

    [Fact]
    public async Task Three_mails_an_hour_are_enough_and_only_the_newest_link_is_good()
    {
        using var carla = new SuiteBrowser(server);
        await carla.BeSignedInAsync("carla");
        var page = await carla.OpenAsync("account/verify");
        var links = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            await carla.PressAsync(page, "verify-send");
            links.Add((await listener.TakeAsync(Address, ct: Ct)).Link.AbsoluteUri);
        }

        Assert.Equal(429, (await carla.PressAsync(page, "verify-send")).Status);
        Assert.Equal((410, 410, 200), ((await carla.OpenAsync(links[0])).Status, (await carla.OpenAsync(links[1])).Status, (await carla.OpenAsync(links[2])).Status));
    }

    [Fact]
    public async Task A_link_to_an_address_the_account_no_longer_has_is_dead()
    {
        using var carla = new SuiteBrowser(server);
        await carla.BeSignedInAsync("carla");
        await carla.PressAsync(await carla.OpenAsync("account/verify"), "verify-send");
        var link = (await listener.TakeAsync(Address, ct: Ct)).Link.AbsoluteUri;
        await using (var scope = server.Provider.CreateAsyncScope())
        {
            var users = scope.ServiceProvider.GetRequiredService<Microsoft.AspNetCore.Identity.UserManager<Data.Users.User>>();
            var user = (await users.FindByNameAsync("carla"))!;
            user.Email = "another@example.com";
            Assert.True((await users.UpdateAsync(user)).Succeeded);
        }

        Assert.Equal(410, (await carla.OpenAsync(link)).Status);
    }

    [Fact]
    public async Task Without_a_link_and_without_a_session_there_is_nothing_to_see()
    {
        using var stranger = new SuiteBrowser(server);

        Assert.Equal("/", (await stranger.OpenAsync("account/verify")).Path);
        Assert.Equal(410, (await stranger.OpenAsync("account/verify?token=not-one-of-ours")).Status);
        Assert.Equal(404, (await stranger.OpenAsync("mailbox")).Status); // Development only
    }

    private async Task<bool> IsVerifiedAsync() => (await FindAsync("carla"))!.EmailVerified;

    private async Task<UserClaims?> FindAsync(string login) =>
        await server.Provider.GetRequiredService<Data.Users.StoredUsers>().FindIdAsync(login, Ct) is { } id ? await server.Provider.GetRequiredService<IUserClaimsSource>().FindAsync(id.ToString(), Ct) : null;
}
