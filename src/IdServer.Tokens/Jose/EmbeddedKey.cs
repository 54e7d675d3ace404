using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using IdServer.Tokens.Registries;

namespace IdServer.Tokens.Jose;

/// <summary>
/// A public key that stands in the header of what it signed (<c>jwk</c>, RFC 7515 §4.1.3): EC P-256, or RSA of 2048 to 4096 bits. It proves who signed nothing but that
/// the holder of this key did. Used once and disposed.
/// </summary>
internal sealed class EmbeddedKey : IDisposable
{
    private const int CoordinateBytes = 32;
    private const int LeastModulusBytes = 256;

    // Whoever writes the key chooses what verifying costs: no longer modulus, no longer exponent than any honest key has.
    private const int MostModulusBytes = 512;
    private const int MostExponentBytes = 4;

    private static readonly string[] PrivateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]; // RFC 7518 §6.2.2, §6.3.2, §6.4.1

    private readonly AsymmetricAlgorithm key;

    private EmbeddedKey(AsymmetricAlgorithm key, string thumbprint)
    {
        this.key = key;
        Thumbprint = thumbprint;
    }

    /// <summary>RFC 7638.</summary>
    public string Thumbprint { get; }

    /// <returns>Null for another kind of key, one that is out of bounds, and one that shows its private half.</returns>
    public static EmbeddedKey? Read(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object || PrivateMembers.Any(member => jwk.TryGetProperty(member, out _)))
        {
            return null;
        }

        try
        {
            return JwtValidator.Text(jwk, "kty") switch
            {
                "EC" when JwtValidator.Text(jwk, "crv") == "P-256" => ReadEc(Bytes(jwk, "x"), Bytes(jwk, "y")),
                "RSA" => ReadRsa(Bytes(jwk, "n"), Bytes(jwk, "e")),
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            return null; // a point that is not on the curve, an even modulus
        }
    }

    /// <summary>Whether the signature is this key's, by an algorithm that fits it.</summary>
    public bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => (algorithm, key) switch
    {
        (Algorithms.ES256, ECDsa ec) => ec.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
        (Algorithms.RS256, RSA rsa) => rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        (Algorithms.PS256, RSA rsa) => rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        _ => false,
    };

    public void Dispose() => key.Dispose();

    private static EmbeddedKey? ReadEc(byte[]? x, byte[]? y) => x is { Length: CoordinateBytes } && y is { Length: CoordinateBytes } // RFC 7518 §6.2.1.2
        ? new(
            ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } }),
            JwkThumbprint.OfEc(Base64Url.EncodeToString(x), Base64Url.EncodeToString(y)))
        : null;

    private static EmbeddedKey? ReadRsa(byte[]? n, byte[]? e) => n is { Length: >= LeastModulusBytes and <= MostModulusBytes } && n[0] != 0 && e is { Length: > 0 and <= MostExponentBytes } && e[0] != 0
        ? new(RSA.Create(new RSAParameters { Modulus = n, Exponent = e }), JwkThumbprint.OfRsa(Base64Url.EncodeToString(n), Base64Url.EncodeToString(e)))
        : null;

    private static byte[]? Bytes(JsonElement jwk, string member) =>
        JwtValidator.Text(jwk, member) is { } text && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
