using IdServer.Testing;
using IdServer.Users;
using Xunit;

namespace IdServer.Tests.Users;

[Spec("requirement", "50")]
public sealed class FailureBudgetTests
{
    private const int Free = 5;

    private readonly ManualClock clock = new();
    private readonly FailureBudget budget = new(new BudgetRule(Free, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), ClearedBySuccess: true));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_came_first_is_let_in_first_and_each_who_leaves_lets_in_one()
    {
        await FillAsync();
        var waiting = Wait(10);

        for (var let = 0; let < waiting.Length; let++)
        {
            Assert.All(waiting[let..], w => Assert.False(w.IsCompleted));
            Leave(Attempt.Succeeded);
            Assert.Equal(Entry.Entered, (await waiting[let]).Entry);
        }
    }

    [Fact]
    public async Task A_success_that_clears_failures_lets_in_as_many_as_may_enter_now()
    {
        await FailAsync(3);
        Assert.Equal(Entry.Entered, (await EnterAsync()).Entry);
        Assert.Equal(Entry.Entered, (await EnterAsync()).Entry);
        var waiting = Wait(10);

        Leave(Attempt.Succeeded); // one is still under way: four of five failures are left for others

        Assert.All(await Task.WhenAll(waiting[..4]), a => Assert.Equal(Entry.Entered, a.Entry));
        Assert.All(waiting[4..], w => Assert.False(w.IsCompleted));
    }

    [Fact]
    public async Task Nobody_passes_those_who_wait()
    {
        await FillAsync();
        var first = EnterAsync();
        using var leaving = new CancellationTokenSource();
        var second = EnterAsync(leaving.Token);
        var third = EnterAsync();

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        var late = EnterAsync();
        Leave(Attempt.Abandoned);
        await first;
        Assert.False(third.IsCompleted);
        Leave(Attempt.Abandoned);
        await third;
        Assert.False(late.IsCompleted);
        Leave(Attempt.Abandoned);
        await late;
    }

    [Fact]
    public async Task When_the_budget_is_spent_all_who_wait_are_refused_at_once()
    {
        await FillAsync();
        var waiting = Wait(FailureBudget.MostWaiting);

        for (var i = 0; i < Free; i++)
        {
            Assert.All(waiting, w => Assert.False(w.IsCompleted)); // no failure is left until the last of the five is known
            Leave(Attempt.Failed);
        }

        Assert.All(await Task.WhenAll(waiting), a => Assert.Equal(new Admission(Entry.Refused, TimeSpan.FromSeconds(30)), a));
    }

    [Fact]
    public async Task After_the_delay_one_enters_at_a_time()
    {
        await FailAsync(Free);
        clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(Entry.Entered, (await EnterAsync()).Entry);
        var waiting = Wait(2);
        Assert.All(waiting, w => Assert.False(w.IsCompleted));
        Leave(Attempt.Abandoned);
        await waiting[0];
        Assert.False(waiting[1].IsCompleted);
        Leave(Attempt.Failed);

        Assert.Equal(new Admission(Entry.Refused, TimeSpan.FromMinutes(1)), await waiting[1]);
    }

    [Fact]
    public async Task Who_comes_when_too_many_wait_is_sent_away_and_is_no_failure()
    {
        await FillAsync();
        var waiting = Wait(FailureBudget.MostWaiting);

        Assert.Equal(new Admission(Entry.Crowded, TimeSpan.FromSeconds(2)), await EnterAsync());
        for (var i = 0; i < Free + waiting.Length; i++)
        {
            Leave(Attempt.Succeeded);
        }

        Assert.All(await Task.WhenAll(waiting), a => Assert.Equal(Entry.Entered, a.Entry));
        Assert.Equal(Entry.Entered, (await EnterAsync()).Entry);
    }

    [Fact]
    public async Task Whoever_leaves_gives_up_or_comes_at_the_same_moment_nobody_waits_for_ever_and_never_are_more_under_way_than_failures_left()
    {
        var (underWay, most, entered, gaveUp) = (0, 0, 0, 0);

        await Parallel.ForAsync(0, 8, Ct, async (worker, _) =>
        {
            for (var i = 0; i < 2000; i++)
            {
                using var leaving = new CancellationTokenSource();
                var entering = EnterAsync(leaving.Token);
                var another = EnterAsync(CancellationToken.None);
                if ((worker + i) % 3 == 0)
                {
                    await leaving.CancelAsync();
                }

                await CountAsync(entering);
                await CountAsync(another);
            }
        }).WaitAsync(TimeSpan.FromMinutes(1), Ct);

        Assert.InRange(most, 1, Free);
        Assert.Equal(8 * 2000 * 2, entered + gaveUp);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, Free).Select(_ => EnterAsync())), a => Assert.Equal(Entry.Entered, a.Entry)); // no place was lost

        async Task CountAsync(Task<Admission> entering)
        {
            try
            {
                Assert.Equal(Entry.Entered, (await entering).Entry);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref gaveUp);
                return;
            }

            var now = Interlocked.Increment(ref underWay);
            for (var seen = most; now > seen && Interlocked.CompareExchange(ref most, now, seen) != seen; seen = most)
            {
            }

            await Task.Yield();
            Interlocked.Increment(ref entered);
            Interlocked.Decrement(ref underWay);
            Leave(Attempt.Abandoned);
        }
    }

    private Task<Admission> EnterAsync(CancellationToken? ct = null) => budget.EnterAsync(clock.Now, ct ?? Ct).AsTask();

    private Task<Admission>[] Wait(int count) => [.. Enumerable.Range(0, count).Select(_ => EnterAsync())];

    private TimeSpan? Leave(Attempt attempt) => budget.Leave(attempt, clock.Now);

    private async Task FillAsync()
    {
        for (var i = 0; i < Free; i++)
        {
            Assert.Equal(Entry.Entered, (await EnterAsync()).Entry);
        }
    }

    private async Task FailAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            await EnterAsync();
            Leave(Attempt.Failed);
        }
    }
}
