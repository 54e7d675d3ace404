using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;

namespace IdServer.Testing;

/// <summary>
/// A request object (RFC 9101) as a client writes it: a complete request of <c>app</c> to <see cref="Build.Issuer"/>. Header and members are JSON that a test may
/// change in any way, and it is signed with whatever key.
/// </summary>
public sealed class RequestObject
{
    /// <summary>The keys that <see cref="Jwks"/> publishes.</summary>
    public static readonly SigningKey EllipticKey = SigningKey.Create(Algorithms.ES256, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);

    public static readonly SigningKey RsaKey = SigningKey.Create(Algorithms.RS256, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);

    /// <summary>The <c>jwks</c> of a client that signs with <see cref="EllipticKey"/> and <see cref="RsaKey"/>.</summary>
    public static JsonElement Jwks { get; } = KeySet(EllipticKey, RsaKey);

    public JsonObject Header { get; } = new() { ["alg"] = Algorithms.ES256, ["typ"] = TokenTypes.RequestObjectJwt, ["kid"] = EllipticKey.KeyId };

    public JsonObject Members { get; } = new()
    {
        ["iss"] = "app",
        ["aud"] = Build.Issuer,
        [Parameters.ClientId] = "app",
        [Parameters.ResponseType] = ResponseTypes.Code,
        [Parameters.RedirectUri] = Build.RedirectUri,
        [Parameters.Scope] = "openid profile",
        [Parameters.State] = "state-of-the-object",
        [Parameters.Nonce] = "nonce-of-the-object",
        [Parameters.CodeChallenge] = Build.CodeChallenge,
        [Parameters.CodeChallengeMethod] = "S256",
    };

    public static JsonElement KeySet(params SigningKey[] keys)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("keys");
            foreach (var key in keys)
            {
                key.PublicKey.WriteTo(writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        var published = JsonNode.Parse(stream.ToArray())!;
        foreach (var key in published["keys"]!.AsArray())
        {
            key!.AsObject().Remove("alg"); // the RSA key signs by both of its algorithms
        }

        return JsonSerializer.SerializeToElement(published);
    }

    public RequestObject With(string member, JsonNode? value)
    {
        Members[member] = value;
        return this;
    }

    public RequestObject Without(string member)
    {
        Members.Remove(member);
        return this;
    }

    public RequestObject WithHeader(string member, JsonNode? value)
    {
        Header[member] = value;
        return this;
    }

    /// <summary>Signs with the elliptic key as ES256, or with the RSA key as RS256 or PS256.</summary>
    public string Sign(string algorithm = Algorithms.ES256, SigningKey? key = null)
    {
        key ??= algorithm == Algorithms.ES256 ? EllipticKey : RsaKey;
        Header["alg"] = algorithm;
        Header["kid"] = key.KeyId;
        return SignRaw(Members.ToJsonString(), algorithm, key);
    }

    /// <summary>The same for a payload that no JSON writer makes.</summary>
    public string SignRaw(string payload, string algorithm = Algorithms.ES256, SigningKey? key = null)
    {
        var content = Content(payload);
        return content + "." + Base64Url.EncodeToString(Signature(Encoding.ASCII.GetBytes(content), algorithm, key ?? EllipticKey));
    }

    /// <summary>The header and the members without a signature, and the dot before it left out.</summary>
    public string Content(string? payload = null) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Header.ToJsonString())) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload ?? Members.ToJsonString()));

    private static byte[] Signature(byte[] content, string algorithm, SigningKey key)
    {
        if (algorithm == Algorithms.ES256)
        {
            using var elliptic = ECDsa.Create();
            elliptic.ImportPkcs8PrivateKey(key.ExportPkcs8(), out _);
            return elliptic.SignData(content, HashAlgorithmName.SHA256);
        }

        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(key.ExportPkcs8(), out _);
        return rsa.SignData(content, HashAlgorithmName.SHA256, algorithm == Algorithms.PS256 ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }
}
