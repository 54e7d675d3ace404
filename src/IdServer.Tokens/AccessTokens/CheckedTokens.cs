using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace IdServer.Tokens.AccessTokens;

/// <summary>
/// Remembers what was read from tokens whose signature has been verified, so that it is not verified again while the token lives. Only what can never change
/// belongs in here: expiry, revocation, the state of client and person are the caller's to check every time. Bounded; safe for concurrent use.
/// </summary>
/// <param name="capacity">Most tokens remembered. The least recently used half makes room.</param>
public sealed class CheckedTokens<T>(int capacity)
    where T : class
{
    private readonly Lock turning = new();
    private Generation current = new([], [], 0);

    /// <summary>Grows with every <see cref="Clear"/>.</summary>
    public int Epoch => Volatile.Read(ref current).Epoch;

    public T? Find(in TokenDigest digest)
    {
        var generation = Volatile.Read(ref current);
        if (generation.Young.TryGetValue(digest, out var known))
        {
            return known;
        }

        if (generation.Old.TryGetValue(digest, out known))
        {
            Remember(digest, known, generation.Epoch); // used again: it shall survive the next turn
        }

        return known;
    }

    /// <param name="epoch">The <see cref="Epoch"/> before the token was checked: what was checked against keys that are gone is not remembered.</param>
    public void Remember(in TokenDigest digest, T value, int epoch)
    {
        var generation = Volatile.Read(ref current);
        if (generation.Epoch == epoch && generation.Young.TryAdd(digest, value) && Interlocked.Increment(ref generation.Count) == (capacity + 1) / 2)
        {
            lock (turning)
            {
                if (ReferenceEquals(current, generation))
                {
                    Volatile.Write(ref current, new Generation([], generation.Young, generation.Epoch));
                }
            }
        }
    }

    /// <summary>Forgets everything: the keys have changed.</summary>
    public void Clear()
    {
        lock (turning)
        {
            Volatile.Write(ref current, new Generation([], [], current.Epoch + 1));
        }
    }

    private sealed class Generation(ConcurrentDictionary<TokenDigest, T> young, ConcurrentDictionary<TokenDigest, T> old, int epoch)
    {
        public int Count;

        public ConcurrentDictionary<TokenDigest, T> Young { get; } = young;

        public ConcurrentDictionary<TokenDigest, T> Old { get; } = old;

        public int Epoch { get; } = epoch;
    }
}

/// <summary>SHA-256 of a token: two different tokens never share one, and no token can be made from it.</summary>
public readonly record struct TokenDigest
{
    private readonly UInt128 high;
    private readonly UInt128 low;

    private TokenDigest(ReadOnlySpan<byte> digest)
    {
        high = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest);
        low = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest[16..]);
    }

    public static TokenDigest Of(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return Of(token.AsSpan());
    }

    public static TokenDigest Of(ReadOnlySpan<char> token)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> bytes = stackalloc byte[4096];
        if (Encoding.UTF8.TryGetBytes(token, bytes, out var length))
        {
            SHA256.HashData(bytes[..length], digest);
        }
        else
        {
            SHA256.HashData(Encoding.UTF8.GetBytes(token.ToString()), digest);
        }

        return new TokenDigest(digest);
    }

    // The digest is evenly spread already.
    public override int GetHashCode() => (int)low;
}
