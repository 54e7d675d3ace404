using System.Net;
using IdServer.Configuration;
using IdServer.Testing;
using IdServer.Users;
using Xunit;

namespace IdServer.Tests.Users;

[Spec("requirement", "50")]
public sealed class KnownDeviceLaneTests
{
    private const string Login = "ANA";

    private static readonly IPAddress Cafe = IPAddress.Parse("192.0.2.1");

    private readonly ManualClock clock = new();
    private readonly Guid laptop = Device(1);
    private readonly GuessBrake brake;

    public KnownDeviceLaneTests() => brake = new SignInBrake(new RateLimitSettings(), clock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Strangers_who_have_locked_every_lane_of_theirs_do_not_keep_the_owner_out()
    {
        await FailAsync(5, Cafe); // this account from this source
        for (var i = 0; i < 25; i++)
        {
            await FailAsync(1, new IPAddress([198, 51, 100, (byte)i])); // this account from everywhere
        }

        for (var i = 0; i < 45; i++)
        {
            using var other = await brake.EnterAsync($"PERSON{i}", Cafe, null, Ct); // this source at all accounts
            other.Fail();
        }

        Assert.NotNull(await WaitOfAsync(Cafe));
        Assert.NotNull(await WaitOfAsync(IPAddress.Parse("203.0.113.1")));
        Assert.Null(await WaitOfAsync(Cafe, laptop));
    }

    [Fact]
    public async Task A_known_device_has_five_failures_and_then_waits_wherever_it_is()
    {
        await FailAsync(5, Cafe, laptop);

        Assert.Equal(TimeSpan.FromSeconds(30), await WaitOfAsync(Cafe, laptop));
        Assert.Equal(TimeSpan.FromSeconds(30), await WaitOfAsync(IPAddress.Parse("203.0.113.1"), laptop));
        Assert.Null(await WaitOfAsync(Cafe, Device(2)));
        Assert.Null(await WaitOfAsync(Cafe));
    }

    [Fact]
    public async Task Failures_of_a_known_device_are_no_strangers_failures()
    {
        for (var i = 0; i < 30; i++)
        {
            await FailAsync(4, Cafe, Device(i));
        }

        Assert.Null(await WaitOfAsync(Cafe));
    }

    [Fact]
    public async Task Sixty_guesses_at_once_from_a_known_device_are_five()
    {
        var looked = 0;
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ =>
        {
            await Task.Yield();
            using var attempt = await brake.EnterAsync(Login, Cafe, laptop, Ct);
            if (attempt.RetryAfter is null)
            {
                Interlocked.Increment(ref looked);
                await Task.Yield();
                attempt.Fail();
            }
        }));

        Assert.Equal(5, looked);
    }

    [Fact]
    public async Task Codes_and_passwords_are_counted_apart()
    {
        var codes = new CodeBrake(new RateLimitSettings(), clock);
        await FailAsync(5, Cafe);

        using var attempt = await codes.EnterAsync(Login, Cafe, null, Ct);

        Assert.Null(attempt.RetryAfter);
    }

    [Fact]
    public async Task Who_guesses_codes_from_many_places_soon_gets_four_an_hour()
    {
        var codes = new CodeBrake(new RateLimitSettings(), clock);
        var (guesses, from, until) = (0, 0, clock.Now + TimeSpan.FromHours(24));
        while (clock.Now < until)
        {
            using var attempt = await codes.EnterAsync(Login, new IPAddress([198, 51, (byte)(from / 256), (byte)from++]), null, Ct);
            Assert.Null(attempt.RetryAfter);
            guesses++;
            clock.Advance(attempt.Fail() ?? TimeSpan.Zero);
        }

        Assert.InRange(guesses, 100, 125); // of a million codes, three of which are right
    }

    private static Guid Device(int number) => new(number, 0, 0, new byte[8]);

    private async Task<TimeSpan?> WaitOfAsync(IPAddress source, Guid? device = null)
    {
        using var attempt = await brake.EnterAsync(Login, source, device, Ct);
        return attempt.RetryAfter;
    }

    private async Task FailAsync(int times, IPAddress source, Guid? device = null)
    {
        for (var i = 0; i < times; i++)
        {
            using var attempt = await brake.EnterAsync(Login, source, device, Ct);
            attempt.Fail();
        }
    }
}
