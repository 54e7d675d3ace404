using IdServer.Tokens.Jose;

namespace IdServer.Protocol.Keys;

/// <summary>The signing keys of one moment, immutable.</summary>
internal sealed class KeySnapshot
{
    private readonly SigningKey[] keys;

    public KeySnapshot(IEnumerable<SigningKey> keys)
    {
        this.keys = [.. keys.OrderBy(k => k.ActivatesAt).ThenBy(k => k.CreatedAt).ThenBy(k => k.KeyId, StringComparer.Ordinal)];
        PublicKeys = new JwkSet(this.keys.Select(k => k.PublicKey));
    }

    public JwkSet PublicKeys { get; }

    /// <summary>In the order in which they sign.</summary>
    public IReadOnlyList<SigningKey> Keys => keys;

    /// <summary>The key that signs at that time.</summary>
    public SigningKey? Active(string algorithm, DateTimeOffset now)
    {
        SigningKey? earliest = null;
        for (var i = keys.Length - 1; i >= 0; i--)
        {
            if (keys[i].Algorithm != algorithm)
            {
                continue;
            }

            if (keys[i].ActivatesAt <= now)
            {
                return keys[i];
            }

            earliest = keys[i];
        }

        return earliest; // made by a node whose clock is a little ahead: there is no other
    }

    /// <summary>The last key of an algorithm, active or upcoming.</summary>
    public SigningKey? Newest(string algorithm) => Array.FindLast(keys, k => k.Algorithm == algorithm);

    /// <summary>The keys whose successor has signed since before that time.</summary>
    public IEnumerable<SigningKey> Spent(DateTimeOffset before) =>
        keys.Where((key, i) => Array.Find(keys[(i + 1)..], k => k.Algorithm == key.Algorithm) is { } successor && successor.ActivatesAt <= before);

    public bool HoldsSameKeysAs(KeySnapshot other) => keys.Select(k => k.KeyId).SequenceEqual(other.keys.Select(k => k.KeyId), StringComparer.Ordinal);
}
