namespace IdServer.Users;

/// <summary>How many failures are free, and what follows.</summary>
/// <param name="Free">Failures without a delay.</param>
/// <param name="Delay">After the last free failure, and doubled after each further one.</param>
/// <param name="LongestDelay">Where the doubling ends.</param>
/// <param name="Memory">When failures are forgotten: this long after the last one, or after the first one for a <paramref name="IsWindow"/>.</param>
/// <param name="ClearedBySuccess">Whether one success forgets them all.</param>
internal sealed record BudgetRule(int Free, TimeSpan Delay, TimeSpan LongestDelay, TimeSpan Memory, bool IsWindow = false, bool ClearedBySuccess = false);

/// <summary>
/// The failures of one account, source or pair of them. Attempts under way count as failures until they are known not to be: what exceeds the budget only
/// because of those waits for them, so that parallel guesses get no further than sequential ones and parallel successes are not refused.
/// </summary>
internal sealed class FailureBudget(BudgetRule rule)
{
    private readonly Lock gate = new();
    private int failures;
    private int underWay;
    private DateTimeOffset countedFrom;
    private DateTimeOffset refusedUntil;
    private TaskCompletionSource? settled;
    private bool dropped;

    /// <summary>Begins an attempt, which ends with <see cref="Leave"/> if this returns <see cref="Entry.Entered"/>.</summary>
    public async ValueTask<(Entry Entry, TimeSpan RetryAfter)> EnterAsync(TimeProvider time, CancellationToken ct)
    {
        while (true)
        {
            Task another;
            lock (gate)
            {
                var now = time.GetUtcNow();
                if (dropped)
                {
                    return (Entry.Dropped, default);
                }

                if (refusedUntil > now)
                {
                    return (Entry.Refused, refusedUntil - now);
                }

                if (failures > 0 && countedFrom + rule.Memory <= now)
                {
                    failures = 0;
                }

                if (underWay == 0 || failures + underWay < rule.Free)
                {
                    underWay++;
                    return (Entry.Entered, default);
                }

                another = (settled ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await another.WaitAsync(ct);
        }
    }

    /// <returns>How long the next attempt will be refused; null when it will not.</returns>
    public TimeSpan? Leave(Attempt attempt, DateTimeOffset now)
    {
        lock (gate)
        {
            underWay--;
            settled?.SetResult();
            settled = null;
            if (attempt == Attempt.Succeeded && rule.ClearedBySuccess)
            {
                failures = 0;
                refusedUntil = default;
            }

            if (attempt == Attempt.Failed)
            {
                failures++;
                countedFrom = rule.IsWindow && failures > 1 ? countedFrom : now;
                if (failures >= rule.Free)
                {
                    var doublings = Math.Min(failures - rule.Free, 30);
                    var delay = rule.Delay * Math.Pow(2, doublings);
                    refusedUntil = now + (delay < rule.LongestDelay ? delay : rule.LongestDelay);
                }
            }

            return refusedUntil > now ? refusedUntil - now : null;
        }
    }

    /// <summary>Gives the budget up if nothing would be lost with it.</summary>
    /// <param name="hard">Also when failures would be forgotten, as long as it refuses nothing now.</param>
    public bool TryDrop(DateTimeOffset now, bool hard)
    {
        lock (gate)
        {
            dropped |= underWay == 0 && refusedUntil <= now && (hard || failures == 0 || countedFrom + rule.Memory <= now);
            return dropped;
        }
    }
}

/// <summary>Whether an attempt may go on.</summary>
internal enum Entry
{
    Entered,
    Refused,

    /// <summary>The budget was given up meanwhile: take the new one.</summary>
    Dropped,
}

/// <summary>How an attempt ended.</summary>
internal enum Attempt
{
    /// <summary>It was not looked at, or nobody waits for it: neither success nor failure.</summary>
    Abandoned,
    Failed,
    Succeeded,
}
