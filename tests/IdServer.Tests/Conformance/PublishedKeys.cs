using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>A JWKS as a stranger reads it: structurally clean, public, and good for checking signatures. Uses nothing of this server's own code.</summary>
public sealed class PublishedKeys
{
    private static readonly string[] PrivateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

    private readonly Dictionary<string, JsonElement> keys = new(StringComparer.Ordinal);

    public PublishedKeys(JsonElement jwks)
    {
        foreach (var key in jwks.GetProperty("keys").EnumerateArray())
        {
            Assert.DoesNotContain(key.EnumerateObject(), member => PrivateMembers.Contains(member.Name));
            Assert.Equal("sig", key.Text("use"));
            Assert.NotEmpty(key.Text("alg"));
            Assert.True(keys.TryAdd(key.Text("kid"), key), "Two keys have one kid.");
        }

        Assert.NotEmpty(keys);
    }

    public IReadOnlyCollection<string> Ids => keys.Keys;

    /// <summary>Checks the signature with the key that the header names.</summary>
    public (JsonElement Header, JsonElement Claims) Verify(string jwt)
    {
        ArgumentNullException.ThrowIfNull(jwt);
        var parts = jwt.Split('.');
        Assert.Equal(3, parts.Length);
        var header = Json(parts[0]);
        var key = keys[header.Text("kid")];
        Assert.Equal(key.Text("alg"), header.Text("alg"));
        Assert.True(IsSignature(key, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2])), "The signature is wrong.");
        return (header, Json(parts[1]));
    }

    private static bool IsSignature(JsonElement key, byte[] signed, byte[] signature)
    {
        if (key.Text("kty") == "RSA")
        {
            using var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") });
            Assert.True(rsa.KeySize >= 2048);
            return rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, key.Text("alg") == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }

        Assert.Equal("P-256", key.Text("crv"));
        using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = { X = Bytes(key, "x"), Y = Bytes(key, "y") } });
        return ecdsa.VerifyData(signed, signature, HashAlgorithmName.SHA256);
    }

    private static byte[] Bytes(JsonElement key, string member) => Base64Url.DecodeFromChars(key.Text(member));

    private static JsonElement Json(string part) => JsonDocument.Parse(Base64Url.DecodeFromChars(part)).RootElement;
}
