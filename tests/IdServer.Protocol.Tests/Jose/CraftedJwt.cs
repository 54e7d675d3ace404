using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using IdServer.Testing;
using IdServer.Tokens.Jose;

namespace IdServer.Protocol.Tests.Jose;

/// <summary>Builds compact JWTs byte by byte, so that a test can make what <see cref="JwtSigner"/> never would.</summary>
internal static class CraftedJwt
{
    public const string Audience = Build.ApiIdentifier;

    public static readonly ManualClock Clock = new();

    public static readonly SigningKey Key = SigningKey.Create("ES256", Clock.Now, Clock.Now);

    public static readonly SigningKey RsaKey = SigningKey.Create("RS256", Clock.Now, Clock.Now);

    public static readonly JwkSet TrustedKeys = new([Key.PublicKey, RsaKey.PublicKey]);

    public static readonly JwtRules Rules = new() { Issuer = Build.Issuer, Audiences = [Audience], Types = ["at+jwt"], Algorithms = ["ES256", "RS256"] };

    public static string Header => $$"""{"alg":"ES256","kid":"{{Key.KeyId}}","typ":"at+jwt"}""";

    public static long Now => Clock.Now.ToUnixTimeSeconds();

    public static string Claims => $$"""{"iss":"{{Build.Issuer}}","aud":"{{Audience}}","exp":{{Now + 60}},"sub":"ana"}""";

    /// <summary>Signs header and claims as they stand, with the ES256 key unless told otherwise.</summary>
    public static string Signed(string? header = null, string? claims = null, SigningKey? key = null)
    {
        var content = Content(header ?? Header, claims ?? Claims);
        using AsymmetricAlgorithm pair = (key ?? Key).Algorithm == "ES256" ? ECDsa.Create() : RSA.Create();
        pair.ImportPkcs8PrivateKey((key ?? Key).ExportPkcs8(), out _);
        return content + "." + Base64Url.EncodeToString(pair switch
        {
            ECDsa ec => ec.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256),
            _ => ((RSA)pair).SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        });
    }

    /// <summary>Header and claims with any bytes as signature.</summary>
    public static string With(byte[] signature, string? header = null, string? claims = null) =>
        Content(header ?? Header, claims ?? Claims) + "." + Base64Url.EncodeToString(signature);

    public static string Content(string header, string claims) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header)) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims));

    public static async Task<JwtFault> FaultOfAsync(string token, JwtRules? rules = null) => (await JwtValidator.ValidateAsync(token, rules ?? Rules, TrustedKeys, Clock)).Fault;
}
