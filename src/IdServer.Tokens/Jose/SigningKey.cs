using System.Collections.Concurrent;
using System.Security.Cryptography;
using IdServer.Tokens.Registries;

namespace IdServer.Tokens.Jose;

/// <summary>
/// A private signing key: ES256 (P-256) or RS256 (RSA 2048 bits). Its <c>kid</c> is the RFC 7638 thumbprint, so two different keys never share one.
/// It may sign from <see cref="ActivatesAt"/> on; before that it is only published (requirement 43). Safe for concurrent use.
/// </summary>
public sealed class SigningKey
{
    private const int RsaBits = 2048;

    private readonly byte[] pkcs8;

    // .NET does not promise that an RSA or ECDsa object may be shared between threads, and making one per signature is slow.
    private readonly ConcurrentBag<AsymmetricAlgorithm> instances = [];

    private SigningKey(string algorithm, byte[] pkcs8, DateTimeOffset createdAt, DateTimeOffset activatesAt)
    {
        Algorithm = algorithm;
        this.pkcs8 = pkcs8;
        CreatedAt = createdAt;
        ActivatesAt = activatesAt;
        var instance = NewInstance();
        if (instance is RSA && (algorithm != Algorithms.RS256 || instance.KeySize != RsaBits))
        {
            throw new CryptographicException($"A signing key is ES256, or RS256 with {RsaBits} bits.");
        }

        PublicKey = Jwk.FromKey(instance);
        instances.Add(instance);
    }

    public string KeyId => PublicKey.KeyId;

    /// <summary>The JWS algorithm (RFC 7518 §3.1): <c>ES256</c> or <c>RS256</c>.</summary>
    public string Algorithm { get; }

    public DateTimeOffset CreatedAt { get; }

    public DateTimeOffset ActivatesAt { get; }

    /// <summary>The public half, as it stands in the JWKS.</summary>
    public Jwk PublicKey { get; }

    /// <summary>Bytes of a signature: 64 for ES256 (RFC 7518 §3.4), 256 for RS256 with 2048 bits.</summary>
    public int SignatureSize => Algorithm == Algorithms.ES256 ? 64 : RsaBits / 8;

    /// <summary>Makes a new key.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The algorithm is neither ES256 nor RS256.</exception>
    public static SigningKey Create(string algorithm, DateTimeOffset createdAt, DateTimeOffset activatesAt)
    {
        using AsymmetricAlgorithm key = algorithm switch
        {
            Algorithms.ES256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
            Algorithms.RS256 => RSA.Create(RsaBits),
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "ES256 or RS256."),
        };
        return new SigningKey(algorithm, key.ExportPkcs8PrivateKey(), createdAt, activatesAt);
    }

    /// <summary>Loads a key that <see cref="ExportPkcs8"/> wrote.</summary>
    /// <exception cref="CryptographicException">The bytes are not a private key of that algorithm.</exception>
    public static SigningKey Import(string algorithm, byte[] pkcs8, DateTimeOffset createdAt, DateTimeOffset activatesAt) =>
        new(algorithm, pkcs8, createdAt, activatesAt);

    /// <summary>The private key, unencrypted (RFC 5958). For key stores only.</summary>
    public byte[] ExportPkcs8() => [.. pkcs8];

    internal int Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        if (!instances.TryTake(out var instance))
        {
            instance = NewInstance();
        }

        var written = instance switch
        {
            ECDsa ec => ec.SignData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            RSA rsa => rsa.SignData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => throw new InvalidOperationException("A signing key is ECDsa or RSA."),
        };
        instances.Add(instance);
        return written;
    }

    private AsymmetricAlgorithm NewInstance()
    {
        AsymmetricAlgorithm key = Algorithm == Algorithms.ES256 ? ECDsa.Create() : RSA.Create();
        key.ImportPkcs8PrivateKey(pkcs8, out _);
        return key;
    }
}
