using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IdServer.Testing;

/// <summary>A key pair of a client, and the JWTs it signs: any header, any claims.</summary>
public sealed class ClientKeyPair : IDisposable
{
    private readonly AsymmetricAlgorithm key;

    private ClientKeyPair(string algorithm, string keyId, AsymmetricAlgorithm key)
    {
        Algorithm = algorithm;
        KeyId = keyId;
        this.key = key;
    }

    public string Algorithm { get; }

    public string KeyId { get; }

    /// <summary>The public half with <c>alg</c> and <c>kid</c>, as JSON.</summary>
    public JsonObject PublicKey => Write(secret: false);

    /// <summary>The set a client publishes.</summary>
    public string Jwks => SetOf(PublicKey);

    /// <param name="algorithm">ES256, RS256 or PS256.</param>
    public static ClientKeyPair Create(string algorithm = "ES256", string keyId = "key-1", int rsaBits = 2048) =>
        new(algorithm, keyId, algorithm == "ES256" ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(rsaBits));

    public static string SetOf(params IEnumerable<JsonNode> keys) => new JsonObject { ["keys"] = new JsonArray([.. keys]) }.ToJsonString();

    public static JsonElement ElementOf(string json) => JsonElement.Parse(json);

    /// <summary>A JWT with an HMAC of any key, whatever its header says.</summary>
    public static string Mac(byte[] secret, JsonObject header, JsonObject claims)
    {
        var content = Content(header, claims);
        return content + "." + Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(content)));
    }

    /// <summary>A JWT signed with this key as it signs, whatever the header says; the header has <c>alg</c> and <c>kid</c> unless a test changes it.</summary>
    public string Sign(JsonObject claims, Action<JsonObject>? header = null)
    {
        var head = new JsonObject { ["alg"] = Algorithm, ["kid"] = KeyId };
        header?.Invoke(head);
        var content = Content(head, claims);
        var bytes = Encoding.ASCII.GetBytes(content);
        return content + "." + Base64Url.EncodeToString(key switch
        {
            ECDsa ec => ec.SignData(bytes, HashAlgorithmName.SHA256),
            RSA rsa => rsa.SignData(bytes, HashAlgorithmName.SHA256, Algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
            _ => throw new InvalidOperationException("A key is ECDsa or RSA."),
        });
    }

    /// <summary>The private half too, as nobody should publish it.</summary>
    public JsonObject PrivateKey() => Write(secret: true);

    /// <summary>SubjectPublicKeyInfo in PEM.</summary>
    public string Pem() => key.ExportSubjectPublicKeyInfoPem();

    public void Dispose() => key.Dispose();

    private static string Content(JsonObject header, JsonObject claims) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString())) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()));

    private JsonObject Write(bool secret)
    {
        var json = new JsonObject { ["kid"] = KeyId, ["alg"] = Algorithm };
        if (key is ECDsa ec)
        {
            var parameters = ec.ExportParameters(secret);
            (json["kty"], json["crv"], json["x"], json["y"]) = ("EC", "P-256", Base64Url.EncodeToString(parameters.Q.X), Base64Url.EncodeToString(parameters.Q.Y));
            json["d"] = secret ? Base64Url.EncodeToString(parameters.D) : null;
        }
        else
        {
            var parameters = ((RSA)key).ExportParameters(secret);
            (json["kty"], json["n"], json["e"]) = ("RSA", Base64Url.EncodeToString(parameters.Modulus), Base64Url.EncodeToString(parameters.Exponent));
            json["d"] = secret ? Base64Url.EncodeToString(parameters.D) : null;
        }

        if (!secret)
        {
            json.Remove("d");
        }

        return json;
    }
}
