using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using IdServer.Tokens.Registries;
using Microsoft.IdentityModel.Tokens;

namespace IdServer.Tokens.Jose;

/// <summary>A public key (RFC 7517): EC P-256 for ES256 or RSA of at least 2048 bits for RS256. It has no place for private members.</summary>
public sealed class Jwk
{
    private readonly string[] members;

    private Jwk(string keyId, string algorithm, SecurityKey verificationKey, params string[] members)
    {
        KeyId = keyId;
        Algorithm = algorithm;
        VerificationKey = verificationKey;
        verificationKey.KeyId = keyId;
        this.members = members;
    }

    public string KeyId { get; }

    /// <summary><c>ES256</c> or <c>RS256</c>. A key verifies signatures of this algorithm only (RFC 8725 §3.1).</summary>
    public string Algorithm { get; }

    internal SecurityKey VerificationKey { get; }

    /// <summary>The public half of an ECDsa (P-256) or RSA key; the <c>kid</c> is its RFC 7638 thumbprint.</summary>
    public static Jwk FromKey(AsymmetricAlgorithm key) => key switch
    {
        ECDsa ec => FromEc(null, ec.ExportParameters(false)),
        RSA rsa => FromRsa(null, rsa.ExportParameters(false)),
        _ => throw new ArgumentException("Only ECDsa and RSA keys can be published.", nameof(key)),
    };

    /// <summary>Writes the key as a JWKS entry: public members, <c>use</c>, <c>alg</c>, <c>kid</c>.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        for (var i = 0; i < members.Length; i += 2)
        {
            writer.WriteString(members[i], members[i + 1]);
        }

        writer.WriteString("use", "sig");
        writer.WriteString("alg", Algorithm);
        writer.WriteString("kid", KeyId);
        writer.WriteEndObject();
    }

    /// <summary>Reads one JWKS entry; null for keys this project cannot verify with (another curve, <c>use: enc</c>, a short modulus), which RFC 7517 §5 says to ignore.</summary>
    internal static Jwk? Read(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object || JwtValidator.Text(key, "use") is not (null or "sig"))
        {
            return null;
        }

        try
        {
            var jwk = JwtValidator.Text(key, "kty") switch
            {
                "EC" when JwtValidator.Text(key, "crv") == "P-256" && JwtValidator.Text(key, "x") is { } x && JwtValidator.Text(key, "y") is { } y =>
                    FromEc(JwtValidator.Text(key, "kid"), new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Base64Url.DecodeFromChars(x), Y = Base64Url.DecodeFromChars(y) } }),
                "RSA" when JwtValidator.Text(key, "n") is { } n && JwtValidator.Text(key, "e") is { } e =>
                    FromRsa(JwtValidator.Text(key, "kid"), new RSAParameters { Modulus = Base64Url.DecodeFromChars(n), Exponent = Base64Url.DecodeFromChars(e) }),
                _ => null,
            };
            return jwk is not null && (JwtValidator.Text(key, "alg") ?? jwk.Algorithm) == jwk.Algorithm ? jwk : null;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }

    private static Jwk FromEc(string? keyId, ECParameters parameters)
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
            new ECDsaSecurityKey(ECDsa.Create(parameters)),
            "kty", "EC", "crv", "P-256", "x", x, "y", y);
    }

    private static Jwk FromRsa(string? keyId, RSAParameters parameters)
    {
        if (parameters is not { Modulus.Length: >= 256, Exponent.Length: > 0 })
        {
            throw new CryptographicException("RSA keys under 2048 bits are refused."); // RFC 7518 §3.3
        }

        var n = Base64Url.EncodeToString(parameters.Modulus);
        var e = Base64Url.EncodeToString(parameters.Exponent);
        return new Jwk(
            keyId ?? JwkThumbprint.OfRsa(n, e),
            Algorithms.RS256,
            new RsaSecurityKey(RSA.Create(parameters)),
            "kty", "RSA", "n", n, "e", e);
    }
}
