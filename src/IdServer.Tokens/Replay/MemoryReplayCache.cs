using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace IdServer.Tokens.Replay;

/// <summary>
/// Of one process. Holds at most a million unexpired keys; beyond that it answers false, because a use that cannot be remembered cannot be known to be the first.
/// </summary>
public sealed class MemoryReplayCache(TimeProvider time) : IReplayCache
{
    private const int MostKeys = 1_000_000;

    private static readonly TimeSpan PruneEvery = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, DateTimeOffset> expiries = [];
    private DateTimeOffset prunedAt;

    /// <summary>How many are remembered, expired ones included until they are pruned.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return expiries.Count;
            }
        }
    }

    public ValueTask<bool> TryAddAsync(string key, DateTimeOffset expiresAt, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(key);
        var digest = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key))); // 128 bits: a collision costs whoever sought it one refusal
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (expiries.TryGetValue(digest, out var known) && known > now)
            {
                return new(false);
            }

            if (now - prunedAt >= PruneEvery)
            {
                Prune(now);
            }

            if (expiries.Count >= MostKeys)
            {
                return new(false);
            }

            expiries[digest] = expiresAt;
            return new(true);
        }
    }

    private void Prune(DateTimeOffset now)
    {
        prunedAt = now;
        foreach (var (digest, expiresAt) in expiries)
        {
            if (expiresAt <= now)
            {
                expiries.Remove(digest); // removing while enumerating is allowed
            }
        }
    }
}
