using System.Collections.Concurrent;

namespace IdServer.Users;

/// <summary>The budgets of one rule by key, in memory and bounded.</summary>
internal sealed class FailureBudgets<TKey>(BudgetRule rule, TimeProvider time)
    where TKey : notnull
{
    /// <summary>Filling it takes one slow hash per entry, so that it empties itself by time faster than an attacker fills it.</summary>
    public const int Most = 100_000;

    private readonly ConcurrentDictionary<TKey, FailureBudget> budgets = new();

    public int Count => budgets.Count;

    /// <returns>The budget that was entered, or null and why.</returns>
    public async ValueTask<(FailureBudget? Entered, Admission Answer)> EnterAsync(TKey key, CancellationToken ct)
    {
        while (true)
        {
            if (!budgets.TryGetValue(key, out var budget))
            {
                MakeRoom();
                budget = budgets.GetOrAdd(key, _ => new FailureBudget(rule));
            }

            var answer = await budget.EnterAsync(time.GetUtcNow(), ct);
            if (answer.Entry != Entry.Dropped)
            {
                return (answer.Entry == Entry.Entered ? budget : null, answer);
            }
        }
    }

    private void MakeRoom()
    {
        if (budgets.Count < Most)
        {
            return;
        }

        Drop(hard: false);
        if (budgets.Count >= Most)
        {
            Drop(hard: true);
        }
    }

    private void Drop(bool hard)
    {
        var now = time.GetUtcNow();
        foreach (var entry in budgets)
        {
            if (entry.Value.TryDrop(now, hard))
            {
                budgets.TryRemove(entry);
            }
        }
    }
}
