using System.Net;
using IdServer.Data.Mail;
using IdServer.Data.Users;
using IdServer.Localization;
using IdServer.Mail;
using IdServer.Protocol.Users;
using IdServer.Sessions;
using IdServer.Testing;
using IdServer.Tests.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Xunit;

namespace IdServer.Tests.Sessions;

public sealed class DevicesTests : IAsyncLifetime
{
    private UsersOnDisk users = null!;
    private Devices devices = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        users = await UsersOnDisk.StartAsync();
        var settings = UsersOnDisk.Settings();
        var mailer = new Mailer(users.Get<Outbox>(), new MailWriter(new Texts(), settings), settings, new HostingEnvironment { EnvironmentName = Environments.Development });
        devices = new Devices(new DeviceCookie(new CookieNames(Build.Options())), users.Get<KnownDevices>(), new AccountNotices(mailer, users.Get<IUserClaimsSource>()), users.Clock);
    }

    public ValueTask DisposeAsync() => users.DisposeAsync();

    [Fact]
    public async Task A_browser_that_somebody_signed_in_with_is_their_device_for_400_days()
    {
        var ana = Guid.Parse(await users.AddAsync());
        var first = Browser(null);
        var remembered = await devices.RememberAsync(first, ana, Ct);
        var set = Assert.Single(first.Response.Headers.SetCookie)!;

        var found = await devices.FindAsync(Browser(set), ana, Ct);

        Assert.Equal((remembered.Id, "Firefox, Linux", "192.0.2.1"), (found!.Id, found.Name, found.Address));
        Assert.StartsWith("__Host-idserver.device=", set, StringComparison.Ordinal);
        Assert.Contains("max-age=34560000; path=/; secure; samesite=lax; httponly", set, StringComparison.OrdinalIgnoreCase);
        Assert.Null(await devices.FindAsync(Browser(null), ana, Ct));
    }

    [Fact]
    public async Task The_next_sign_in_keeps_the_secret_and_renews_its_cookie()
    {
        var ana = Guid.Parse(await users.AddAsync());
        var first = Browser(null);
        await devices.RememberAsync(first, ana, Ct);
        var set = Assert.Single(first.Response.Headers.SetCookie)!;
        var second = Browser(set);

        Assert.False((await devices.RememberAsync(second, ana, Ct)).IsNew);

        Assert.Equal(set, Assert.Single(second.Response.Headers.SetCookie));
    }

    [Fact]
    [Attack("planted device cookie")]
    public async Task The_first_sign_in_of_a_person_on_a_browser_gives_it_a_new_secret()
    {
        var (ana, mallory) = (Guid.Parse(await users.AddAsync()), Guid.Parse(await users.AddAsync("mallory")));
        var first = Browser(null);
        await devices.RememberAsync(first, mallory, Ct);
        var planted = Assert.Single(first.Response.Headers.SetCookie)!;
        var second = Browser(planted);

        await devices.RememberAsync(second, ana, Ct);

        var kept = Assert.Single(second.Response.Headers.SetCookie)!;
        Assert.Null(await devices.FindAsync(Browser(planted), ana, Ct));
        Assert.NotNull(await devices.FindAsync(Browser(kept), ana, Ct));
        Assert.NotNull(await devices.FindAsync(Browser(kept), mallory, Ct));
    }

    [Fact]
    public async Task A_new_device_of_a_known_account_is_told_to_its_owner_and_the_first_one_ever_is_not()
    {
        var ana = Guid.Parse(await users.AddAsync());
        await users.ChangeRowAsync("ana", user => user.EmailConfirmed = true);
        var first = Browser(null);
        await devices.RememberAsync(first, ana, Ct);
        await devices.RememberAsync(Browser(first.Response.Headers.SetCookie), ana, Ct);
        Assert.Empty(await users.Get<Outbox>().ReadAsync(10, Ct));

        await devices.RememberAsync(Browser(null, userAgent: null), ana, Ct);

        var mail = Assert.Single(await users.Get<Outbox>().ReadAsync(10, Ct));
        Assert.Equal(("NewDevice", (Guid?)ana), (mail.Kind, mail.UserId));
        Assert.Equal("ana@example.com", mail.Content!.To);
        Assert.Contains("Device: unknown\nFrom: 192.0.2.1\n", mail.Content.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_without_a_verified_address_is_told_nothing()
    {
        var ana = Guid.Parse(await users.AddAsync());

        await devices.RememberAsync(Browser(null), ana, Ct);
        await devices.RememberAsync(Browser(null), ana, Ct);

        Assert.Empty(await users.Get<Outbox>().ReadAsync(10, Ct));
    }

    private static DefaultHttpContext Browser(string? set, string? userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0")
    {
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse("192.0.2.1") } };
        context.Request.Headers.UserAgent = userAgent;
        context.Request.Headers.Cookie = set?.Split(';')[0];
        return context;
    }
}
