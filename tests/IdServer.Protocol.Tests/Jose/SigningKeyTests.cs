using System.Security.Cryptography;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using Xunit;

namespace IdServer.Protocol.Tests.Jose;

public sealed class SigningKeyTests
{
    private static readonly DateTimeOffset Now = new ManualClock().Now;

    [Theory]
    [InlineData("HS256")]
    [InlineData("none")]
    [InlineData("PS256")]
    [InlineData("es256")]
    public void Only_ES256_and_RS256_keys_are_made(string algorithm) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SigningKey.Create(algorithm, Now, Now));

    [Fact]
    public void Two_keys_never_share_a_kid() =>
        Assert.NotEqual(SigningKey.Create("ES256", Now, Now).KeyId, SigningKey.Create("ES256", Now, Now).KeyId);

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task An_imported_key_signs_what_the_exported_one_is_verified_with(string algorithm)
    {
        var key = algorithm == "ES256" ? CraftedJwt.Key : CraftedJwt.RsaKey;
        var imported = SigningKey.Import(algorithm, key.ExportPkcs8(), Now, Now + TimeSpan.FromDays(1));

        var token = JwtSigner.Sign(imported, "at+jwt", 0, (w, _) =>
        {
            w.WriteString("iss", Build.Issuer);
            w.WriteString("aud", CraftedJwt.Audience);
            w.WriteNumber("exp", CraftedJwt.Now + 60);
        });

        Assert.Equal(key.KeyId, imported.KeyId);
        Assert.Equal(Now + TimeSpan.FromDays(1), imported.ActivatesAt);
        Assert.Equal(JwtFault.None, await CraftedJwt.FaultOfAsync(token));
    }

    [Fact]
    public void The_exported_key_is_a_copy()
    {
        var key = SigningKey.Create("ES256", Now, Now);
        Array.Clear(key.ExportPkcs8());

        Assert.Contains(key.ExportPkcs8(), b => b != 0);
    }

    public static TheoryData<string, string> ForeignKeys => new()
    {
        { "ES256", "rsa2048" },
        { "RS256", "p256" },
        { "ES256", "p384" },
        { "RS256", "rsa1024" },
        { "RS256", "rsa3072" },
        { "PS256", "rsa2048" },
        { "ES256", "garbage" },
        { "ES256", "empty" },
    };

    [Theory]
    [MemberData(nameof(ForeignKeys))]
    [Spec("RFC 7518", "§3.1")]
    public void Bytes_that_are_no_key_of_that_algorithm_are_refused(string algorithm, string key) =>
        Assert.ThrowsAny<CryptographicException>(() => SigningKey.Import(algorithm, Pkcs8(key), Now, Now));

    private static byte[] Pkcs8(string key)
    {
        switch (key)
        {
            case "garbage": return [0x30, 0x82, 1, 2, 3];
            case "empty": return [];
        }

        using AsymmetricAlgorithm pair = key switch
        {
            "p256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
            "p384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            _ => RSA.Create(int.Parse(key.AsSpan(3), System.Globalization.CultureInfo.InvariantCulture)),
        };
        return pair.ExportPkcs8PrivateKey();
    }
}
