using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace IdServer.Tests.Conformance;

/// <summary>A client's own key pair, with which it signs assertions, request objects and proofs.</summary>
public sealed class SuiteKey
{
    private readonly RSA? rsa;
    private readonly ECDsa? ecdsa;
    private readonly byte[]? secret;

    /// <summary>A secret that client and server share, for HS256.</summary>
    public SuiteKey(string sharedSecret)
    {
        (Algorithm, KeyId, PublicJwk) = ("HS256", "", []);
        secret = Encoding.UTF8.GetBytes(sharedSecret);
    }

    public SuiteKey(string algorithm, string keyId)
    {
        (Algorithm, KeyId) = (algorithm, keyId);
        if (algorithm.StartsWith("ES", StringComparison.Ordinal))
        {
            ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var point = ecdsa.ExportParameters(includePrivateParameters: false).Q;
            PublicJwk = new() { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
        }
        else
        {
            rsa = RSA.Create(2048);
            var numbers = rsa.ExportParameters(includePrivateParameters: false);
            PublicJwk = new() { ["kty"] = "RSA", ["n"] = Base64Url.EncodeToString(numbers.Modulus), ["e"] = Base64Url.EncodeToString(numbers.Exponent) };
        }
    }

    public string Algorithm { get; }

    public string KeyId { get; }

    /// <summary>The members RFC 7638 takes the thumbprint of; <see cref="Jwks"/> adds the rest.</summary>
    public JsonObject PublicJwk { get; }

    public JsonObject Jwks => JwksOf(this);

    public static JsonObject JwksOf(params SuiteKey[] keys) => new()
    {
        ["keys"] = new JsonArray([.. keys.Select(key => new JsonObject(key.PublicJwk.Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))) { ["kid"] = key.KeyId, ["alg"] = key.Algorithm, ["use"] = "sig" })]),
    };

    /// <summary>A JWS in the compact serialization.</summary>
    /// <param name="header">Beside <c>alg</c> and <c>kid</c>.</param>
    public string Sign(JsonObject claims, params (string Name, JsonNode Value)[] header)
    {
        ArgumentNullException.ThrowIfNull(claims);
        var protectedHeader = new JsonObject { ["alg"] = Algorithm };
        if (KeyId.Length > 0)
        {
            protectedHeader["kid"] = KeyId;
        }

        foreach (var (name, value) in header)
        {
            protectedHeader[name] = value;
        }

        var text = $"{Encode(protectedHeader)}.{Encode(claims)}";
        var bytes = Encoding.ASCII.GetBytes(text);
        var signature = secret is not null ? HMACSHA256.HashData(secret, bytes)
            : ecdsa?.SignData(bytes, HashAlgorithmName.SHA256)
            ?? rsa!.SignData(bytes, HashAlgorithmName.SHA256, Algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
