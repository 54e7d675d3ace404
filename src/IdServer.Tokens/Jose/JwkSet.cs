using System.Collections.Frozen;
using System.Text.Json;

namespace IdServer.Tokens.Jose;

/// <summary>An immutable set of public keys (RFC 7517 §5), looked up by <c>kid</c>.</summary>
public sealed class JwkSet
{
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
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array
            ? new JwkSet(keys.EnumerateArray().Select(Jwk.Read).OfType<Jwk>())
            : throw new JsonException("A JWK set is a JSON object with an array \"keys\".");
    }

    public Jwk? Find(string? keyId) => keyId is not null && byKeyId.TryGetValue(keyId, out var key) ? key : null;
}
