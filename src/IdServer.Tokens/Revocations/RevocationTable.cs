using System.Buffers.Binary;

namespace IdServer.Tokens.Revocations;

/// <summary>
/// Revoked ids of one kind in open addressing over flat arrays: 20 bytes a slot, 28 with times, at most four fifths of the slots taken; a million ids are some 30 MB and nothing
/// for the garbage collector to walk. Readers take no lock and never wait; writers take turns.
/// </summary>
/// <param name="keepsTimes">Whether <see cref="Holds(Guid, DateTimeOffset)"/> is asked, as of a user: what was issued later lives.</param>
public sealed class RevocationTable(bool keepsTimes = false)
{
    private const int SmallestCapacity = 64;

    private readonly Lock writing = new();
    private Slots slots = new(SmallestCapacity, keepsTimes);
    private int count;

    public int Count => Volatile.Read(ref count);

    /// <summary>Of two revocations of one id the later one counts.</summary>
    /// <param name="expiresAt">Kept in whole seconds, rounded up.</param>
    public void Add(Guid key, DateTimeOffset at, DateTimeOffset expiresAt)
    {
        lock (writing)
        {
            if (slots.IsFull(count))
            {
                Volatile.Write(ref slots, slots.Copied(slots.Capacity + (slots.Capacity / 2), expiredAt: 0, out _));
            }

            if (slots.Put(key, at.ToUnixTimeMilliseconds(), Seconds(expiresAt)))
            {
                Volatile.Write(ref count, count + 1);
            }
        }
    }

    public bool Holds(Guid key)
    {
        var now = Volatile.Read(ref slots);
        return now.IsTaken(now.Find(key));
    }

    /// <summary>Whether an id is revoked for what was issued at that time.</summary>
    public bool Holds(Guid key, DateTimeOffset issuedAt)
    {
        var now = Volatile.Read(ref slots);
        var slot = now.Find(key);
        return now.IsTaken(slot) && issuedAt.ToUnixTimeMilliseconds() <= now.TimeAt(slot);
    }

    /// <summary>Forgets what has expired, and gives its memory back.</summary>
    public void Prune(DateTimeOffset now)
    {
        lock (writing)
        {
            var expiredAt = (uint)Math.Clamp(now.ToUnixTimeSeconds(), 0, uint.MaxValue);
            var alive = slots.CountAfter(expiredAt);
            if (alive < count)
            {
                Volatile.Write(ref slots, slots.Copied(Math.Max(SmallestCapacity, alive + (alive / 2)), expiredAt, out var left));
                Volatile.Write(ref count, left);
            }
        }
    }

    private static uint Seconds(DateTimeOffset time) => (uint)Math.Clamp((time.ToUnixTimeMilliseconds() + 999) / 1000, 1, uint.MaxValue);

    /// <summary>A slot is taken when its expiry is not 0. It is written last and read first, so that a reader who sees it sees the rest; a taken slot stays so until the arrays are replaced.</summary>
    private sealed class Slots(int capacity, bool keepsTimes)
    {
        private readonly Guid[] keys = new Guid[capacity];
        private readonly uint[] expiries = new uint[capacity];
        private readonly long[] times = keepsTimes ? new long[capacity] : [];

        public int Capacity => capacity;

        public bool IsFull(int count) => count >= capacity / 5 * 4;

        public bool IsTaken(int slot) => Volatile.Read(ref expiries[slot]) != 0;

        public long TimeAt(int slot) => Volatile.Read(ref times[slot]);

        /// <summary>The slot of the key, or the free one that ends the search for it.</summary>
        public int Find(Guid key)
        {
            var slot = Home(key);
            while (IsTaken(slot) && keys[slot] != key)
            {
                slot = slot + 1 == capacity ? 0 : slot + 1;
            }

            return slot;
        }

        /// <returns>Whether the key is new.</returns>
        public bool Put(Guid key, long time, uint expiry)
        {
            var slot = Find(key);
            var isNew = !IsTaken(slot);
            keys[slot] = key;
            if (times.Length > 0)
            {
                if (!isNew && times[slot] >= time)
                {
                    return false;
                }

                Volatile.Write(ref times[slot], time);
            }

            Volatile.Write(ref expiries[slot], Math.Max(expiry, expiries[slot]));
            return isNew;
        }

        public int CountAfter(uint expiredAt)
        {
            var alive = 0;
            foreach (var expiry in expiries)
            {
                alive += expiry > expiredAt ? 1 : 0;
            }

            return alive;
        }

        public Slots Copied(int newCapacity, uint expiredAt, out int copied)
        {
            var copy = new Slots(newCapacity, times.Length > 0);
            copied = 0;
            for (var slot = 0; slot < capacity; slot++)
            {
                if (expiries[slot] > expiredAt)
                {
                    copy.Put(keys[slot], times.Length > 0 ? times[slot] : 0, expiries[slot]);
                    copied++;
                }
            }

            return copy;
        }

        // The last eight bytes of a UUIDv7 are random; the multiplication spreads ids that are not.
        private int Home(Guid key)
        {
            Span<byte> bytes = stackalloc byte[16];
            key.TryWriteBytes(bytes);
            var mixed = (BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])) * 0x9E3779B97F4A7C15;
            return (int)Math.BigMul(mixed, (ulong)capacity, out _);
        }
    }
}
