using System.Net;
using IdServer.Configuration;
using IdServer.Testing;
using IdServer.Users;
using Xunit;

namespace IdServer.Tests.Users;

[Spec("requirement", "50")]
public sealed class SignInBrakeTests
{
    private const string Login = "ANA";

    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");

    private readonly ManualClock clock = new();
    private readonly SignInBrake brake;

    public SignInBrakeTests() => brake = new SignInBrake(new RateLimitSettings(), clock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Five_failures_are_free_and_the_next_attempt_has_to_wait()
    {
        for (var i = 0; i < 4; i++)
        {
            Assert.Null(await FailAsync(Login, Home));
        }

        Assert.Equal(TimeSpan.FromSeconds(30), await FailAsync(Login, Home));
        Assert.Equal(TimeSpan.FromSeconds(30), await WaitOfAsync(Login, Home));
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(TimeSpan.FromSeconds(1), await WaitOfAsync(Login, Home));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await WaitOfAsync(Login, Home));
    }

    [Fact]
    public async Task The_wait_doubles_up_to_a_quarter_of_an_hour()
    {
        await FailTimesAsync(4, Login, Home);

        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            var wait = (await FailAsync(Login, Home))!.Value;
            waits.Add(wait.TotalSeconds);
            clock.Advance(wait);
        }

        Assert.Equal([30, 60, 120, 240, 480, 900, 900, 900], waits);
    }

    [Fact]
    public async Task A_refused_attempt_does_not_lengthen_the_wait()
    {
        await FailTimesAsync(5, Login, Home);

        for (var i = 0; i < 100; i++)
        {
            Assert.NotNull(await WaitOfAsync(Login, Home));
        }

        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(await WaitOfAsync(Login, Home));
    }

    [Fact]
    public async Task Success_clears_the_failures()
    {
        await FailTimesAsync(4, Login, Home);
        await SucceedAsync(Login, Home);

        await FailTimesAsync(4, Login, Home);

        Assert.Null(await WaitOfAsync(Login, Home));
    }

    [Fact]
    public async Task Failures_are_forgotten_an_hour_after_the_last_one()
    {
        await FailTimesAsync(4, Login, Home);
        clock.Advance(TimeSpan.FromHours(1));

        Assert.Null(await FailAsync(Login, Home));
    }

    [Fact]
    public async Task An_attempt_that_was_not_looked_at_is_no_failure()
    {
        await FailTimesAsync(4, Login, Home);
        using (await brake.EnterAsync(Login, Home, null, Ct))
        {
        }

        Assert.Null(await WaitOfAsync(Login, Home));
    }

    [Fact]
    public async Task Other_accounts_and_other_sources_do_not_wait()
    {
        await FailTimesAsync(5, Login, Home);

        Assert.Null(await WaitOfAsync("BERTA", Home));
        Assert.Null(await WaitOfAsync(Login, IPAddress.Parse("192.0.2.2")));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    public async Task A_source_is_an_IPv4_address_or_an_IPv6_network_of_64_bits(string first, string second, bool same)
    {
        await FailTimesAsync(5, Login, IPAddress.Parse(first));

        Assert.Equal(same, await WaitOfAsync(Login, IPAddress.Parse(second)) is not null);
    }

    [Fact]
    public async Task A_source_that_tries_many_accounts_has_to_wait_for_all_of_them()
    {
        for (var i = 0; i < 50; i++)
        {
            await FailAsync($"PERSON{i}", Home);
        }

        Assert.Equal(TimeSpan.FromMinutes(10), await WaitOfAsync(Login, Home));
        Assert.Null(await WaitOfAsync(Login, IPAddress.Parse("192.0.2.2")));
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(await WaitOfAsync(Login, Home));
    }

    [Fact]
    public async Task Failures_of_a_source_over_all_accounts_count_for_ten_minutes()
    {
        for (var i = 0; i < 49; i++)
        {
            await FailAsync($"PERSON{i}", Home);
        }

        clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Null(await FailAsync(Login, Home));
    }

    [Fact]
    public async Task Who_has_signed_in_from_a_source_is_not_locked_out_by_others_who_guess_from_there()
    {
        await SucceedAsync(Login, Home);
        for (var i = 0; i < 50; i++)
        {
            await FailAsync($"PERSON{i}", Home);
        }

        Assert.Null(await WaitOfAsync(Login, Home));
        Assert.NotNull(await WaitOfAsync("BERTA", Home));
    }

    [Fact]
    public async Task Many_strange_sources_together_are_slow_and_the_owners_usual_source_is_not()
    {
        await SucceedAsync(Login, Home);
        for (var i = 0; i < 20; i++)
        {
            Assert.Null(await WaitOfAsync(Login, Stranger(i)));
            await FailAsync(Login, Stranger(i));
        }

        Assert.Equal(TimeSpan.FromSeconds(30), await WaitOfAsync(Login, Stranger(20)));
        Assert.Null(await WaitOfAsync(Login, Home));
        Assert.Null(await WaitOfAsync("BERTA", Stranger(20)));
    }

    [Fact]
    public async Task No_stranger_ever_makes_another_stranger_wait_longer_than_a_minute()
    {
        for (var i = 0; i < 200; i++)
        {
            if (await FailAsync(Login, Stranger(i)) is { } wait)
            {
                Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromMinutes(1));
                clock.Advance(wait);
            }
        }

        Assert.Null(await WaitOfAsync(Login, Stranger(200)));
    }

    [Fact]
    public async Task Sixty_four_guesses_at_once_get_no_further_than_five()
    {
        var evaluated = 0;
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
        {
            await Task.Yield();
            using var attempt = await brake.EnterAsync(Login, Home, null, Ct);
            if (attempt.RetryAfter is null)
            {
                Interlocked.Increment(ref evaluated);
                await Task.Yield();
                attempt.Fail();
            }
        }));

        Assert.Equal(5, evaluated);
    }

    [Fact]
    public async Task Sixty_four_right_passwords_at_once_all_pass()
    {
        var passed = 0;
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
        {
            await Task.Yield();
            using var attempt = await brake.EnterAsync(Login, Home, null, Ct);
            if (attempt.RetryAfter is null)
            {
                await Task.Yield();
                attempt.Succeed();
                Interlocked.Increment(ref passed);
            }
        }));

        Assert.Equal(64, passed);
    }

    [Fact]
    public async Task Who_waits_for_attempts_under_way_can_leave()
    {
        var underWay = new List<GuessAttempt>();
        for (var i = 0; i < 5; i++)
        {
            underWay.Add(await brake.EnterAsync(Login, Home, null, Ct));
        }

        using var leaving = new CancellationTokenSource();
        var waiting = brake.EnterAsync(Login, Home, null, leaving.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        underWay.ForEach(a => a.Dispose());
        Assert.Null(await WaitOfAsync(Login, Home));
    }

    [Fact]
    public async Task Memory_is_bounded_and_whoever_waits_is_kept()
    {
        var budgets = new FailureBudgets<int>(new BudgetRule(2, TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeSpan.FromHours(2)), clock);
        await FailAsync(0);
        await FailAsync(0);
        for (var key = 1; key <= FailureBudgets<int>.Most; key++)
        {
            await FailAsync(key);
        }

        Assert.InRange(budgets.Count, 2, FailureBudgets<int>.Most);
        Assert.Null((await budgets.EnterAsync(0, Ct)).Entered);

        async Task FailAsync(int key) => (await budgets.EnterAsync(key, Ct)).Entered!.Leave(Attempt.Failed, clock.Now);
    }

    private static IPAddress Stranger(int number) => new([198, 51, (byte)(number / 256), (byte)number]);

    private async Task<TimeSpan?> WaitOfAsync(string login, IPAddress source)
    {
        using var attempt = await brake.EnterAsync(login, source, null, Ct);
        return attempt.RetryAfter;
    }

    private async Task<TimeSpan?> FailAsync(string login, IPAddress source)
    {
        using var attempt = await brake.EnterAsync(login, source, null, Ct);
        Assert.Null(attempt.RetryAfter);
        return attempt.Fail();
    }

    private async Task FailTimesAsync(int times, string login, IPAddress source)
    {
        for (var i = 0; i < times; i++)
        {
            await FailAsync(login, source);
        }
    }

    private async Task SucceedAsync(string login, IPAddress source)
    {
        using var attempt = await brake.EnterAsync(login, source, null, Ct);
        Assert.Null(attempt.RetryAfter);
        attempt.Succeed();
    }
}
