using System.Security.Cryptography;
using IdServer.Protocol.Keys;

namespace IdServer.Protocol.DPoP;

/// <summary>
/// The key of the nonces: made of the oldest signing key, which every node has. When that one goes, months later, nonces of the last minutes are refused and clients take the new one.
/// </summary>
public sealed class NonceKey(KeyRing keys)
{
    private const int Bytes = 32;

    private volatile Derived? last;

    public byte[] Read()
    {
        var source = keys.Keys[0];
        var known = last;
        if (known is null || known.KeyId != source.KeyId)
        {
            var secret = source.ExportPkcs8();
            known = new Derived(source.KeyId, HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, Bytes, info: "IdServer DPoP nonces"u8.ToArray()));
            CryptographicOperations.ZeroMemory(secret);
            last = known;
        }

        return known.Value;
    }

    private sealed record Derived(string KeyId, byte[] Value);
}
