using IdServer.Protocol.Keys;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Hosting;

public sealed class BackgroundWorkTests
{
    [Fact]
    public async Task What_has_expired_is_removed_while_the_server_runs()
    {
        var clock = new HastyClock();
        await using var server = await RunningServer.StartAsync(new RunningServer { Clock = clock });
        using var browser = server.NewBrowser();
        using var waiting = await browser.AuthorizeAsync();
        Assert.Equal(1, await server.CountRowsAsync());

        clock.Advance(TimeSpan.FromMinutes(31));

        await EventuallyAsync(async () => await server.CountRowsAsync() == 0);
    }

    [Fact]
    [Spec("requirement", "43")]
    public async Task A_signing_key_gets_its_successor_while_the_server_runs()
    {
        var clock = new HastyClock();
        await using var server = await RunningServer.StartAsync(new RunningServer { Clock = clock });
        var ring = server.Provider.GetRequiredService<KeyRing>();
        var signer = ring.SignerFor("ES256").KeyId;

        clock.Advance(TimeSpan.FromDays(91));

        await EventuallyAsync(() => Task.FromResult(ring.Keys.Count == 4));
        Assert.Equal(signer, ring.SignerFor("ES256").KeyId); // announced first
        await EventuallyAsync(async () => // the document is made anew after the ring has changed
        {
            using var response = await server.SendAsync(HttpMethod.Get, ".well-known/jwks.json");
            return (await response.JsonAsync()).GetProperty("keys").GetArrayLength() == 4;
        });
    }

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 600 && !await holds(); i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken); // the work is on a timer of its own: looked at for 30 seconds at most
        }

        Assert.True(await holds());
    }

    // Its time moves only by hand, its timers a thousand times as fast as they were asked to.
    private sealed class HastyClock : TimeProvider
    {
        private readonly ManualClock manual = new();

        public void Advance(TimeSpan by) => manual.Advance(by);

        public override DateTimeOffset GetUtcNow() => manual.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, Hurry(dueTime), Hurry(period));

        private static TimeSpan Hurry(TimeSpan wait) => wait <= TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(Math.Max(1, wait.TotalMilliseconds / 1000));
    }
}
