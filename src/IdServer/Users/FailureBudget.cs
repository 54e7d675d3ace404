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
/// Who waits is let in in the order of arrival, as many as may enter; when the budget is spent, all are refused at once.
/// </summary>
internal sealed class FailureBudget(BudgetRule rule)
{
    /// <summary>Who comes when so many wait is sent away.</summary>
    public const int MostWaiting = 64;

    private static readonly TimeSpan CrowdPause = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly LinkedList<TaskCompletionSource<Admission>> waiting = new(); // empty whenever nothing is under way, since only a leaver lets in
    private int failures;
    private int underWay;
    private DateTimeOffset countedFrom;
    private DateTimeOffset refusedUntil;
    private bool dropped;

    private bool HasRoom => underWay == 0 || failures + underWay < rule.Free;

    /// <summary>Begins an attempt, which ends with <see cref="Leave"/> if this returns <see cref="Entry.Entered"/>.</summary>
    public ValueTask<Admission> EnterAsync(DateTimeOffset now, CancellationToken ct)
    {
        LinkedListNode<TaskCompletionSource<Admission>> place;
        lock (gate)
        {
            if (dropped)
            {
                return new(new Admission(Entry.Dropped));
            }

            if (refusedUntil > now)
            {
                return new(new Admission(Entry.Refused, refusedUntil - now));
            }

            Forget(now);
            if (waiting.Count == 0 && HasRoom)
            {
                underWay++;
                return new(new Admission(Entry.Entered));
            }

            if (waiting.Count == MostWaiting)
            {
                return new(new Admission(Entry.Crowded, CrowdPause));
            }

            place = waiting.AddLast(new TaskCompletionSource<Admission>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        return WaitAsync(place, ct);
    }

    /// <returns>How long the next attempt will be refused; null when it will not.</returns>
    public TimeSpan? Leave(Attempt attempt, DateTimeOffset now)
    {
        lock (gate)
        {
            underWay--;
            Count(attempt, now);
            TimeSpan? refused = refusedUntil > now ? refusedUntil - now : null;
            Forget(now);
            while (waiting.First is { } first && (refused is not null || HasRoom))
            {
                waiting.RemoveFirst();
                underWay += refused is null ? 1 : 0;
                first.Value.SetResult(refused is { } wait ? new Admission(Entry.Refused, wait) : new Admission(Entry.Entered));
            }

            return refused;
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

    private void Count(Attempt attempt, DateTimeOffset now)
    {
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
    }

    private void Forget(DateTimeOffset now)
    {
        if (failures > 0 && countedFrom + rule.Memory <= now)
        {
            failures = 0;
        }
    }

    private async ValueTask<Admission> WaitAsync(LinkedListNode<TaskCompletionSource<Admission>> place, CancellationToken ct)
    {
        using (ct.UnsafeRegister((_, ct) => GiveUp(place, ct), null))
        {
            return await place.Value.Task;
        }
    }

    // Who was let in already has entered and leaves as everybody does, so that no place is lost.
    private void GiveUp(LinkedListNode<TaskCompletionSource<Admission>> place, CancellationToken ct)
    {
        lock (gate)
        {
            if (place.List is null)
            {
                return;
            }

            waiting.Remove(place);
        }

        place.Value.SetCanceled(ct);
    }
}

/// <summary>The answer to an attempt.</summary>
/// <param name="RetryAfter">How long to wait before another one, unless it entered.</param>
internal readonly record struct Admission(Entry Entry, TimeSpan RetryAfter = default);

/// <summary>Whether an attempt may go on.</summary>
internal enum Entry
{
    Entered,
    Refused,

    /// <summary>Too many are waiting already.</summary>
    Crowded,

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
