using System.Collections.Concurrent;
using System.Net;
using IdServer.Configuration;

namespace IdServer.Users;

/// <summary>
/// Slows guessing down (requirement 50), alike for accounts that exist and those that do not. Counted are failures
/// per login and source, with growing delays;
/// per source over all logins;
/// per login over all sources that never signed in to it, so that many sources together are slow too.
/// A source that has signed in to a login answers for its own failures there only: a stranger cannot lock its owner out. In memory: a restart forgets.
/// More attempts at once than failures are left wait for one another, first come first served.
/// </summary>
public sealed class SignInBrake
{
    private const int MostKnownSources = 100_000;

    private readonly FailureBudgets<(string Login, IPAddress Source)> byPair;
    private readonly FailureBudgets<IPAddress> bySource;
    private readonly FailureBudgets<string> byLogin;
    private readonly ConcurrentDictionary<(string Login, IPAddress Source), DateTimeOffset> known = new();
    private readonly TimeProvider time;

    public SignInBrake(RateLimitSettings limits, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(limits);
        this.time = time;
        byPair = new(new BudgetRule(limits.SignInFailuresPerAccount, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), ClearedBySuccess: true), time);
        bySource = new(new BudgetRule(limits.SignInFailuresPerSource, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), IsWindow: true), time);
        byLogin = new(new BudgetRule(4 * limits.SignInFailuresPerAccount, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)), time);
    }

    /// <summary>Begins an attempt. Dispose what comes back, whatever happens.</summary>
    /// <param name="login">Normalized.</param>
    public async ValueTask<SignInAttempt> EnterAsync(string login, IPAddress? source, CancellationToken ct)
    {
        var pair = (login, SourceNetwork.Of(source));
        var entered = new List<FailureBudget>(3);
        var attempt = new SignInAttempt(this, pair, entered);
        try
        {
            await EnterAsync(byPair, pair);
            if (!known.ContainsKey(pair))
            {
                await EnterAsync(bySource, pair.Item2);
                await EnterAsync(byLogin, login);
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

    internal void Remember((string Login, IPAddress Source) pair)
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

/// <summary>One attempt to sign in, as the brake counts it. Abandoned unless it is said to have succeeded or failed.</summary>
public sealed class SignInAttempt : IDisposable
{
    private readonly SignInBrake brake;
    private readonly (string Login, IPAddress Source) pair;
    private readonly List<FailureBudget> entered;

    internal SignInAttempt(SignInBrake brake, (string Login, IPAddress Source) pair, List<FailureBudget> entered)
    {
        this.brake = brake;
        this.pair = pair;
        this.entered = entered;
    }

    /// <summary>Set when the attempt must not go on: how long to wait.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>Whether it must not go on only because too many are waiting: that is no refusal of this login or source.</summary>
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
