using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace IdServer.Tokens.Jose;

/// <summary>An immutable set of public keys (RFC 7517 §5), looked up by <c>kid</c>.</summary>
public sealed class JwkSet
{
    private const int MostHandedIn = 20;

    private readonly FrozenDictionary<string, Jwk> byKeyId;

    public JwkSet(IEnumerable<Jwk> keys)
    {
        Keys = [.. keys];
        byKeyId = Keys.DistinctBy(k => k.KeyId, StringComparer.Ordinal).ToFrozenDictionary(k => k.KeyId, StringComparer.Ordinal);
    }

    public IReadOnlyList<Jwk> Keys { get; }

    /// <summary>Reads a JWK set document. Keys that cannot be used here are left out.</summary>
    /// <exception cref="JsonException">The text is not a JSON object with an array <c>keys</c>.</exception>
    public static JwkSet Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return Read(document.RootElement);
    }

    /// <inheritdoc cref="Parse"/>
    public static JwkSet Read(JsonElement document) => new(Entries(document).Select(key => Jwk.Read(key, out _)).OfType<Jwk>());

    /// <summary>What is wrong with a set that somebody hands in and can still correct: each a sentence that continues the name of the member it stands in.</summary>
    public static IEnumerable<string> Faults(JsonElement document)
    {
        JsonElement[] entries;
        try
        {
            entries = [.. Entries(document)];
        }
        catch (JsonException)
        {
            return ["is not a JWK set: write an object with an array \"keys\" (RFC 7517)."];
        }

        if (entries.Length is 0 or > MostHandedIn)
        {
            return [$"holds {entries.Length} keys: write 1 to {MostHandedIn}."];
        }

        var faults = new List<string>();
        var keyIds = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < entries.Length; i++)
        {
            if (Jwk.Read(entries[i], out var fault) is not { } key)
            {
                faults.Add($"holds a key (number {i + 1}), which {fault}");
            }
            else if (!keyIds.Add(key.KeyId))
            {
                faults.Add($"holds a key (number {i + 1}), which has the kid of another one: give each its own.");
            }
        }

        return faults;
    }

    /// <summary>The keys that a signature of this algorithm may be of.</summary>
    /// <param name="keyId">Null when the signer does not say which.</param>
    public IReadOnlyList<Jwk> Candidates(string? keyId, string algorithm) => [.. Keys.Where(key => (keyId is null || key.KeyId == keyId) && key.Verifies(algorithm))];

    /// <summary>Whether one of the keys stands there with this certificate (<c>x5c</c>).</summary>
    public bool HasCertificate(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Keys.Any(key => key.Certificate is { } known && known.Span.SequenceEqual(certificate.RawDataMemory.Span));
    }

    public Jwk? Find(string? keyId) => keyId is not null && byKeyId.TryGetValue(keyId, out var key) ? key : null;

    private static JsonElement.ArrayEnumerator Entries(JsonElement document) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array
            ? keys.EnumerateArray()
            : throw new JsonException("A JWK set is a JSON object with an array \"keys\".");
}
