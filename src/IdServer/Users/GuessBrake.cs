using System.Collections.Concurrent;
using System.Net;
using IdServer.Configuration;

namespace IdServer.Users;

/// <summary>
/// Slows guessing down (requirement 50), alike for accounts that exist and those that do not. Counted are failures
/// per account and source, with growing delays;
/// per source over all accounts;
/// per account over all sources that never signed in to it, so that many sources together are slow too;
/// and per known device of an account, apart from all of those: a device that has signed in to an account before answers for its own failures only, wherever it is,
/// and a source that has for its own there, so that a stranger cannot lock the owner out. In memory: a restart forgets.
/// More attempts at once than failures are left wait for one another, first come first served.
/// </summary>
public abstract class GuessBrake
{
    private const int MostKnownSources = 100_000;

    private readonly FailureBudgets<(string Account, IPAddress Source)> byPair;
    private readonly FailureBudgets<IPAddress> bySource;
    private readonly FailureBudgets<string> byAccount;
    private readonly FailureBudgets<Guid> byDevice;
    private readonly ConcurrentDictionary<(string Account, IPAddress Source), DateTimeOffset> known = new();
    private readonly TimeProvider time;

    /// <param name="perAccount">Failures that are free for an account from one source, and from a known device.</param>
    /// <param name="perSource">Failures that are free for a source over all accounts.</param>
    /// <param name="longestOfStrangers">How long strangers make one another wait at most, for an account.</param>
    private protected GuessBrake(int perAccount, int perSource, TimeSpan longestOfStrangers, TimeProvider time)
    {
        this.time = time;
        var (delay, longest, hour) = (TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1));
        byPair = new(new BudgetRule(perAccount, delay, longest, hour, ClearedBySuccess: true), time);
        bySource = new(new BudgetRule(perSource, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), IsWindow: true), time);
        byAccount = new(new BudgetRule(4 * perAccount, delay, longestOfStrangers, hour), time);
        byDevice = new(new BudgetRule(perAccount, delay, longest, hour, ClearedBySuccess: true), time);
    }

    /// <summary>Begins an attempt. Dispose what comes back, whatever happens.</summary>
    /// <param name="account">What is guessed for: always written in the same way.</param>
    /// <param name="device">The row of <see cref="Data.Users.KnownDevices"/> that says that this device has signed in to this account; null for a stranger.</param>
    public async ValueTask<GuessAttempt> EnterAsync(string account, IPAddress? source, Guid? device, CancellationToken ct)
    {
        var pair = (account, SourceNetwork.Of(source));
        var entered = new List<FailureBudget>(3);
        var attempt = new GuessAttempt(this, pair, entered);
        try
        {
            if (device is { } lane)
            {
                await EnterAsync(byDevice, lane);
                return attempt;
            }

            await EnterAsync(byPair, pair);
            if (!known.ContainsKey(pair))
            {
                await EnterAsync(bySource, pair.Item2);
                await EnterAsync(byAccount, account);
            }

            return attempt;
        }
        catch (OperationCanceledException)
        {
            attempt.Dispose();
            throw;
        }

        async ValueTask EnterAsync<TKey>(FailureBudgets<TKey> budgets, TKey key)
            where TKey : notnull
        {
            if (attempt.RetryAfter is not null)
            {
                return;
            }

            var (budget, answer) = await budgets.EnterAsync(key, ct);
            if (budget is null)
            {
                attempt.Refuse(answer);
            }
            else
            {
                entered.Add(budget);
            }
        }
    }

    internal DateTimeOffset Now => time.GetUtcNow();

    internal void Remember((string Account, IPAddress Source) pair)
    {
        if (known.Count >= MostKnownSources)
        {
            var median = known.Values.Order().ElementAt(known.Count / 2);
            foreach (var entry in known.Where(e => e.Value <= median))
            {
                known.TryRemove(entry);
            }
        }

        known[pair] = Now;
    }
}

/// <summary>For passwords.</summary>
public sealed class SignInBrake(RateLimitSettings limits, TimeProvider time)
    : GuessBrake(limits.SignInFailuresPerAccount, limits.SignInFailuresPerSource, TimeSpan.FromMinutes(1), time);

/// <summary>
/// For the codes of second factors, counted apart from passwords. Who gets as far as a code knows the password, so strangers slow one another down more: a code is
/// short, and an owner who is on no known device of theirs is rare.
/// </summary>
public sealed class CodeBrake(RateLimitSettings limits, TimeProvider time)
    : GuessBrake(limits.CodeFailuresPerAccount, limits.SignInFailuresPerSource, TimeSpan.FromMinutes(15), time);

/// <summary>One guess, as the brake counts it. Abandoned unless it is said to have succeeded or failed.</summary>
public sealed class GuessAttempt : IDisposable
{
    private readonly GuessBrake brake;
    private readonly (string Account, IPAddress Source) pair;
    private readonly List<FailureBudget> entered;

    internal GuessAttempt(GuessBrake brake, (string Account, IPAddress Source) pair, List<FailureBudget> entered)
    {
        this.brake = brake;
        this.pair = pair;
        this.entered = entered;
    }

    /// <summary>Set when the attempt must not go on: how long to wait.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>Whether it must not go on only because too many are waiting: that is no refusal of this account or source.</summary>
    public bool IsCrowdedOut { get; private set; }

    public void Succeed()
    {
        brake.Remember(pair);
        Leave(Attempt.Succeeded);
    }

    /// <returns>How long the next attempt will be refused; null when it will not.</returns>
    public TimeSpan? Fail() => Leave(Attempt.Failed);

    public void Dispose() => Leave(Attempt.Abandoned);

    internal void Refuse(Admission answer) => (RetryAfter, IsCrowdedOut) = (answer.RetryAfter, answer.Entry == Entry.Crowded);

    private TimeSpan? Leave(Attempt attempt)
    {
        TimeSpan? longest = null;
        foreach (var budget in entered)
        {
            if (budget.Leave(attempt, brake.Now) is { } wait && (longest is null || wait > longest))
            {
                longest = wait;
            }
        }

        entered.Clear();
        return longest;
    }
}
