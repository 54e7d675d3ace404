using System.Net;
using IdServer.Data.Users;
using IdServer.Sessions;
using IdServer.Testing;
using IdServer.Tests.Users;
using Microsoft.AspNetCore.Http;
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
        devices = new Devices(new DeviceCookie(new CookieNames(Build.Options())), users.Get<KnownDevices>());
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

    private static DefaultHttpContext Browser(string? set)
    {
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse("192.0.2.1") } };
        context.Request.Headers.UserAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
        context.Request.Headers.Cookie = set?.Split(';')[0];
        return context;
    }
}
