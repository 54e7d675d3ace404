using System.Collections.Concurrent;

namespace IdServer.Tokens.Memory;

/// <summary>
/// What was found out lately, so that it is not found out again: tokens whose signature has been verified, clients, people. Bounded; safe for concurrent use; finding
/// takes no lock. It keeps two generations: what is used moves to the young one, and when that is half of the capacity the old one is dropped. So what is used
/// while half as many others are stays, and a walk through all the world does not push it out.
/// </summary>
/// <param name="capacity">Most entries. The least recently used half makes room.</param>
public sealed class RecentlyUsed<TKey, TValue>(int capacity, IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock turning = new();
    private Generation current = new(New(comparer), New(comparer));
    private int epoch;

    /// <summary>Grows with every <see cref="Forget"/> and <see cref="Clear"/>. Read it before looking at what is to be remembered.</summary>
    public int Epoch => Volatile.Read(ref epoch);

    public TValue? Find(TKey key)
    {
        var generation = Volatile.Read(ref current);
        if (generation.Young.TryGetValue(key, out var known))
        {
            return known;
        }

        var before = Epoch;
        if (generation.Old.TryGetValue(key, out known))
        {
            Put(generation, key, known, before, replacing: false); // used again: it shall survive the next turn
        }

        return known;
    }

    /// <summary>In the place of what was remembered under that key.</summary>
    /// <param name="before">The <see cref="Epoch"/> before the value was found out: what may have changed since is not remembered.</param>
    public void Remember(TKey key, TValue value, int before) => Put(Volatile.Read(ref current), key, value, before, replacing: true);

    /// <summary>It has changed.</summary>
    public void Forget(TKey key)
    {
        Interlocked.Increment(ref epoch);
        var generation = Volatile.Read(ref current);
        generation.Young.TryRemove(key, out _);
        generation.Old.TryRemove(key, out _);
    }

    /// <summary>Anything may have changed.</summary>
    public void Clear()
    {
        lock (turning)
        {
            Interlocked.Increment(ref epoch);
            Volatile.Write(ref current, new Generation(New(comparer), New(comparer)));
        }
    }

    private void Put(Generation generation, TKey key, TValue value, int before, bool replacing)
    {
        if (Epoch != before)
        {
            return;
        }

        if (generation.Young.TryAdd(key, value))
        {
            if (Interlocked.Increment(ref generation.Count) == (capacity + 1) / 2)
            {
                Turn(generation);
            }
        }
        else if (replacing)
        {
            generation.Young[key] = value;
        }

        if (Epoch != before) // forgotten while it was written
        {
            generation.Young.TryRemove(key, out _);
        }
    }

    private void Turn(Generation full)
    {
        lock (turning)
        {
            if (ReferenceEquals(current, full))
            {
                Volatile.Write(ref current, new Generation(New(comparer), full.Young));
            }
        }
    }

    private static ConcurrentDictionary<TKey, TValue> New(IEqualityComparer<TKey>? comparer) => new(comparer);

    private sealed class Generation(ConcurrentDictionary<TKey, TValue> young, ConcurrentDictionary<TKey, TValue> old)
    {
        public int Count; // of young; removed ones are still counted

        public ConcurrentDictionary<TKey, TValue> Young { get; } = young;

        public ConcurrentDictionary<TKey, TValue> Old { get; } = old;
    }
}
