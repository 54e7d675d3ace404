using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using IdServer.Tokens.Registries;
using Microsoft.IdentityModel.Tokens;

namespace IdServer.Tokens.Jose;

/// <summary>A public key (RFC 7517): EC P-256 for ES256, or RSA of at least 2048 bits for RS256 and PS256. It has no place for private members.</summary>
public sealed class Jwk
{
    // RFC 7518 §6.2.2, §6.3.2, §6.4.1.
    private static readonly string[] PrivateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

    private readonly string[] members;
    private readonly bool anyRsa;
    private readonly AsymmetricAlgorithm publicKey;

    private Jwk(string keyId, string algorithm, bool anyRsa, AsymmetricAlgorithm publicKey, params string[] members)
    {
        KeyId = keyId;
        Algorithm = algorithm;
        this.anyRsa = anyRsa;
        this.publicKey = publicKey;
        this.members = members;
    }

    public string KeyId { get; }

    /// <summary><c>ES256</c>, <c>RS256</c> or <c>PS256</c>.</summary>
    public string Algorithm { get; }

    /// <summary>The certificate of the key (<c>x5c</c>, RFC 7517 §4.7), DER; null when its document has none.</summary>
    public ReadOnlyMemory<byte>? Certificate { get; private init; }

    /// <summary>For the library, which is not loaded before something is to be verified.</summary>
    internal SecurityKey VerificationKey => field ??= publicKey is ECDsa ec ? new ECDsaSecurityKey(ec) { KeyId = KeyId } : new RsaSecurityKey((RSA)publicKey) { KeyId = KeyId };

    /// <summary>The public half of an ECDsa (P-256) or RSA key; the <c>kid</c> is its RFC 7638 thumbprint.</summary>
    /// <param name="algorithm">Of an RSA key; RS256 when it is not said.</param>
    public static Jwk FromKey(AsymmetricAlgorithm key, string? algorithm = null) => key switch
    {
        ECDsa ec => FromEc(null, ec.ExportParameters(false)),
        RSA rsa => FromRsa(null, algorithm ?? Algorithms.RS256, rsa.ExportParameters(false)),
        _ => throw new ArgumentException("Only ECDsa and RSA keys can be published.", nameof(key)),
    };

    /// <summary>The key of a certificate, with the certificate.</summary>
    /// <returns>Null when it is of a kind that is not used here, or too weak.</returns>
    public static Jwk? FromCertificate(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        try
        {
            using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)certificate.GetECDsaPublicKey() ?? certificate.GetRSAPublicKey();
            return key switch
            {
                ECDsa ec => FromEc(null, ec.ExportParameters(false), certificate.RawDataMemory),
                RSA rsa => FromRsa(null, null, rsa.ExportParameters(false), certificate.RawDataMemory),
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>A public key in PEM (RFC 7468 §13). An RSA key is for either of its algorithms.</summary>
    /// <returns>Null when it is none, is too weak, or holds the private half.</returns>
    public static Jwk? FromPem(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        if (pem.Contains("PRIVATE", StringComparison.Ordinal))
        {
            return null;
        }

        foreach (var import in (Func<Jwk>[])[() => FromEc(null, ImportEc(pem)), () => FromRsa(null, null, ImportRsa(pem))])
        {
            try
            {
                return import();
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                // Not a key of this kind.
            }
        }

        return null;

        static ECParameters ImportEc(string pem)
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(pem);
            return key.ExportParameters(false);
        }

        static RSAParameters ImportRsa(string pem)
        {
            using var key = RSA.Create();
            key.ImportFromPem(pem);
            return key.ExportParameters(false);
        }
    }

    /// <summary>Whether the key is for signatures of this algorithm: the one that its <c>alg</c> says (RFC 8725 §3.1), or either of RSA's where its document says none.</summary>
    public bool Verifies(string algorithm) => algorithm == Algorithm || (anyRsa && algorithm is (Algorithms.RS256 or Algorithms.PS256));

    /// <summary>Writes the key as a JWKS entry: public members, <c>use</c>, <c>alg</c>, <c>kid</c>, and its certificate where it has one.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        for (var i = 0; i < members.Length; i += 2)
        {
            writer.WriteString(members[i], members[i + 1]);
        }

        writer.WriteString("use", "sig");
        if (!anyRsa)
        {
            writer.WriteString("alg", Algorithm);
        }

        writer.WriteString("kid", KeyId);
        if (Certificate is { } certificate)
        {
            writer.WriteStartArray("x5c");
            writer.WriteBase64StringValue(certificate.Span);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads one JWKS entry. A key this project does not verify with is null, and RFC 7517 §5 says to ignore it in a document of others.</summary>
    /// <param name="fault">Why it is null: what follows "which".</param>
    internal static Jwk? Read(JsonElement key, out string fault)
    {
        fault = FaultOf(key) ?? "";
        if (fault.Length > 0)
        {
            return null;
        }

        var (keyId, algorithm) = (JwtValidator.Text(key, "kid"), JwtValidator.Text(key, "alg"));
        try
        {
            var jwk = JwtValidator.Text(key, "kty") == "EC"
                ? FromEc(keyId, new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Decode(key, "x"), Y = Decode(key, "y") } })
                : FromRsa(keyId, algorithm, new RSAParameters { Modulus = Decode(key, "n"), Exponent = Decode(key, "e") });
            if ((algorithm ?? jwk.Algorithm) != jwk.Algorithm)
            {
                fault = $"has the alg {algorithm}, which is not for a key of its kty: write {jwk.Algorithm}.";
                return null;
            }

            if (!key.TryGetProperty("x5c", out var chain))
            {
                return jwk;
            }

            if (CertificateIn(chain) is { } certificate && FromCertificate(certificate)?.members.SequenceEqual(jwk.members) == true) // RFC 7517 §4.7
            {
                return new Jwk(jwk.KeyId, jwk.Algorithm, jwk.anyRsa, jwk.publicKey, jwk.members) { Certificate = certificate.RawDataMemory };
            }

            fault = "has an x5c that does not begin with a certificate of this key, its DER in base64.";
        }
        catch (Exception e) when (e is FormatException or CryptographicException or ArgumentException)
        {
            fault = "is broken or too weak: publish an EC key on P-256, or an RSA key of at least 2048 bits.";
        }

        return null;
    }

    private static string? FaultOf(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object)
        {
            return "is not an object.";
        }

        if (PrivateMembers.Any(member => key.TryGetProperty(member, out _)))
        {
            return "holds private members: publish the public half only, and make a new key, because this one has been shown.";
        }

        if (JwtValidator.Text(key, "kty") is not ("EC" or "RSA") || (JwtValidator.Text(key, "kty") == "EC" && JwtValidator.Text(key, "crv") != "P-256"))
        {
            return "is of a kind that is not used here: publish an EC key on P-256 (ES256), or an RSA key (RS256, PS256).";
        }

        if (key.TryGetProperty("use", out _) && JwtValidator.Text(key, "use") != "sig")
        {
            return "has another use than sig: leave it out, nothing is encrypted here.";
        }

        if (key.TryGetProperty("key_ops", out var operations) && !(operations.ValueKind == JsonValueKind.Array && operations.EnumerateArray().Any(o => o.ValueKind == JsonValueKind.String && o.ValueEquals("verify"))))
        {
            return "has key_ops without verify: leave it out.";
        }

        return key.TryGetProperty("alg", out _) && (JwtValidator.Text(key, "alg") is not { } algorithm || !Algorithms.Asymmetric.Contains(algorithm))
            ? "has an alg that is not used here: write ES256, RS256 or PS256."
            : null;
    }

    private static X509Certificate2? CertificateIn(JsonElement chain) =>
        chain.ValueKind == JsonValueKind.Array && chain.GetArrayLength() > 0 && chain[0].ValueKind == JsonValueKind.String && chain[0].TryGetBytesFromBase64(out var der) ? X509CertificateLoader.LoadCertificate(der) : null;

    private static byte[] Decode(JsonElement key, string member) => Base64Url.DecodeFromChars(JwtValidator.Text(key, member) ?? throw new FormatException($"{member} is missing."));

    private static Jwk FromEc(string? keyId, ECParameters parameters, ReadOnlyMemory<byte>? certificate = null)
    {
        if (parameters.Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
        {
            throw new CryptographicException("Elliptic keys on another curve than P-256 are refused."); // RFC 7518 §3.4
        }

        var x = Base64Url.EncodeToString(parameters.Q.X!);
        var y = Base64Url.EncodeToString(parameters.Q.Y!);
        return new Jwk(
            keyId ?? JwkThumbprint.OfEc(x, y),
            Algorithms.ES256,
            false,
            ECDsa.Create(parameters),
            "kty", "EC", "crv", "P-256", "x", x, "y", y)
        {
            Certificate = certificate,
        };
    }

    private static Jwk FromRsa(string? keyId, string? algorithm, RSAParameters parameters, ReadOnlyMemory<byte>? certificate = null)
    {
        if (parameters is not { Modulus.Length: >= 256, Exponent.Length: > 0 })
        {
            throw new CryptographicException("RSA keys under 2048 bits are refused."); // RFC 7518 §3.3
        }

        var n = Base64Url.EncodeToString(parameters.Modulus);
        var e = Base64Url.EncodeToString(parameters.Exponent);
        return new Jwk(
            keyId ?? JwkThumbprint.OfRsa(n, e),
            algorithm == Algorithms.PS256 ? algorithm : Algorithms.RS256,
            algorithm is null,
            RSA.Create(parameters),
            "kty", "RSA", "n", n, "e", e)
        {
            Certificate = certificate,
        };
    }
}
