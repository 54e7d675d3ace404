using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace IdServer.Testing;

/// <summary>A client that holds a key and makes DPoP proofs (RFC 9449 §4.2), good ones unless a test bends them.</summary>
public sealed class ProofSigner
{
    private readonly AsymmetricAlgorithm key;

    /// <param name="algorithm">ES256, PS256 or RS256; ES384 for a key that nobody accepts.</param>
    public ProofSigner(string algorithm = "ES256")
    {
        Algorithm = algorithm;
        key = algorithm switch
        {
            "ES256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
            "ES384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            _ => RSA.Create(2048),
        };
        Jwk = MembersOf(key, includePrivate: false);
        var canonical = new JsonObject(Jwk.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        Thumbprint = Encode(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToJsonString())));
    }

    public string Algorithm { get; }

    /// <summary>The public members.</summary>
    public JsonObject Jwk { get; }

    /// <summary>RFC 7638.</summary>
    public string Thumbprint { get; }

    /// <summary>The key with its private half, as no proof may show it.</summary>
    public JsonObject PrivateJwk => MembersOf(key, includePrivate: true);

    /// <summary>A proof for this request, except for what <paramref name="header"/> and <paramref name="claims"/> change.</summary>
    public string Make(string method, string uri, DateTimeOffset now, string? accessToken = null, string? nonce = null, Action<JsonObject>? header = null, Action<JsonObject>? claims = null)
    {
        var head = new JsonObject { ["typ"] = "dpop+jwt", ["alg"] = Algorithm, ["jwk"] = Jwk.DeepClone() };
        var body = new JsonObject { ["jti"] = Guid.CreateVersion7(now).ToString(), ["htm"] = method, ["htu"] = uri, ["iat"] = now.ToUnixTimeSeconds() };
        if (accessToken is not null)
        {
            body["ath"] = Encode(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)));
        }

        if (nonce is not null)
        {
            body["nonce"] = nonce;
        }

        header?.Invoke(head);
        claims?.Invoke(body);
        return MakeOf(head.ToJsonString(), body.ToJsonString());
    }

    /// <summary>A signed JWT of any text.</summary>
    public string MakeOf(string header, string claims)
    {
        var signed = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{Encode(Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    private byte[] Sign(byte[] data) => (Algorithm, key) switch
    {
        ("PS256", RSA rsa) => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        (_, RSA rsa) => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        ("ES384", ECDsa ec) => ec.SignData(data, HashAlgorithmName.SHA384),
        _ => ((ECDsa)key).SignData(data, HashAlgorithmName.SHA256),
    };

    private static JsonObject MembersOf(AsymmetricAlgorithm key, bool includePrivate)
    {
        if (key is RSA rsa)
        {
            var p = rsa.ExportParameters(includePrivate);
            return With(new() { ["kty"] = "RSA", ["n"] = Encode(p.Modulus), ["e"] = Encode(p.Exponent) }, includePrivate ? p.D : null);
        }

        var ec = ((ECDsa)key).ExportParameters(includePrivate);
        return With(new() { ["kty"] = "EC", ["crv"] = ec.Q.X!.Length == 32 ? "P-256" : "P-384", ["x"] = Encode(ec.Q.X), ["y"] = Encode(ec.Q.Y) }, ec.D);
    }

    private static JsonObject With(JsonObject members, byte[]? secret)
    {
        if (secret is not null)
        {
            members["d"] = Encode(secret);
        }

        return members;
    }
}
