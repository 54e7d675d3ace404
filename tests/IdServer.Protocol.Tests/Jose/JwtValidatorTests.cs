using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using Xunit;
using static IdServer.Protocol.Tests.Jose.CraftedJwt;

namespace IdServer.Protocol.Tests.Jose;

/// <summary>Who may sign what: form, header, key, signature. What the claims must say is in <see cref="JwtClaimRulesTests"/>.</summary>
public sealed class JwtValidatorTests
{
    [Fact]
    public async Task A_good_token_is_believed_and_its_claims_are_read()
    {
        var outcome = await JwtValidator.ValidateAsync(Signed(), Rules, TrustedKeys, Clock);

        Assert.True(outcome.IsValid);
        Assert.Equal("ana", JwtValidator.Text(outcome.Claims, "sub"));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("")]
    [Spec("RFC 8725", "§3.2")]
    public async Task An_unsecured_token_is_refused(string algorithm)
    {
        var header = $$"""{"alg":"{{algorithm}}","kid":"{{Key.KeyId}}","typ":"at+jwt"}""";

        Assert.NotEqual(JwtFault.None, await FaultOfAsync(Content(header, Claims) + "."));
        Assert.Equal(JwtFault.Algorithm, await FaultOfAsync(Signed(header)));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    public async Task A_rule_that_allows_too_much_still_finds_no_key(string algorithm)
    {
        var header = $$"""{"alg":"{{algorithm}}","kid":"{{Key.KeyId}}","typ":"at+jwt"}""";

        Assert.Equal(JwtFault.UnknownKey, await FaultOfAsync(Signed(header), Rules with { Algorithms = ["none", "HS256", "ES256"] }));
    }

    public static TheoryData<string> PublicKeyAsSecret => new(
        Convert.ToBase64String(Pair().ExportSubjectPublicKeyInfo()),
        Convert.ToBase64String(Encoding.ASCII.GetBytes(Pair().ExportSubjectPublicKeyInfoPem())),
        Convert.ToBase64String(Encoding.ASCII.GetBytes(Pair().ExportSubjectPublicKeyInfoPem() + "\n")),
        Convert.ToBase64String(Pair().ExportParameters(false).Q.X!),
        "");

    [Theory]
    [MemberData(nameof(PublicKeyAsSecret))]
    [Spec("RFC 8725", "§2.1")]
    public async Task A_MAC_with_the_public_key_as_secret_is_refused(string secret)
    {
        var header = $$"""{"alg":"HS256","kid":"{{Key.KeyId}}","typ":"at+jwt"}""";
        var mac = HMACSHA256.HashData(Convert.FromBase64String(secret), Encoding.ASCII.GetBytes(Content(header, Claims)));

        Assert.Equal(JwtFault.Algorithm, await FaultOfAsync(With(mac, header)));
    }

    [Theory]
    [InlineData("JWT")]
    [InlineData("logout+jwt")]
    [InlineData("at+jwt ")]
    [InlineData("application/")]
    [InlineData("text/at+jwt")]
    [Spec("RFC 8725", "§3.11")]
    public async Task Another_typ_is_refused(string type) =>
        Assert.Equal(JwtFault.Type, await FaultOfAsync(Signed($$"""{"alg":"ES256","kid":"{{Key.KeyId}}","typ":"{{type}}"}""")));

    [Fact]
    [Spec("RFC 9068", "§4")]
    public async Task An_access_token_without_typ_is_refused() => Assert.Equal(JwtFault.Type, await FaultOfAsync(Signed($$"""{"alg":"ES256","kid":"{{Key.KeyId}}"}""")));

    [Theory]
    [InlineData("at+jwt")]
    [InlineData("AT+JWT")]
    [InlineData("application/at+jwt")]
    [InlineData("Application/At+Jwt")]
    [Spec("RFC 7515", "§4.1.9")]
    public async Task A_typ_is_compared_without_case_and_media_type_prefix(string type) =>
        Assert.Equal(JwtFault.None, await FaultOfAsync(Signed($$"""{"alg":"ES256","kid":"{{Key.KeyId}}","typ":"{{type}}"}""")));

    [Fact]
    [Spec("RFC 7519", "§5.1")]
    public async Task A_token_without_typ_is_a_plain_JWT() =>
        Assert.Equal(JwtFault.None, await FaultOfAsync(Signed($$"""{"alg":"ES256","kid":"{{Key.KeyId}}"}"""), Rules with { Types = ["JWT"] }));

    [Theory]
    [InlineData("RS256")]
    [InlineData("es256")]
    [InlineData("ES384")]
    [InlineData("PS256")]
    [Spec("RFC 8725", "§3.1")]
    public async Task An_algorithm_that_is_not_allowed_is_refused(string algorithm) =>
        Assert.Equal(JwtFault.Algorithm, await FaultOfAsync(Signed($$"""{"alg":"{{algorithm}}","kid":"{{Key.KeyId}}","typ":"at+jwt"}"""), Rules with { Algorithms = ["ES256"] }));

    [Fact]
    [Spec("RFC 8725", "§3.1")]
    public async Task A_key_verifies_its_own_algorithm_only() =>
        Assert.Equal(JwtFault.UnknownKey, await FaultOfAsync(Signed($$"""{"alg":"RS256","kid":"{{Key.KeyId}}","typ":"at+jwt"}""", key: RsaKey)));

    [Theory]
    [InlineData("\"unknown\"")]
    [InlineData("\"\"")]
    [InlineData("\"../../dev/null\"")]
    [InlineData("\"' OR 1=1 --\"")]
    public async Task An_unknown_kid_is_refused(string keyId) =>
        Assert.Equal(JwtFault.UnknownKey, await FaultOfAsync(Signed($$"""{"alg":"ES256","kid":{{keyId}},"typ":"at+jwt"}""")));

    [Fact]
    [Spec("RFC 7515", "appendix A.3")]
    public async Task A_token_without_kid_is_refused_even_where_one_key_would_fit()
    {
        const string Example = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        var keys = JwkSet.Parse(Encoding.UTF8.GetBytes($$"""{"keys":[{{RfcKeys.EcJwk}}]}"""));
        var rules = new JwtRules { Issuer = "joe", Audiences = null, Types = ["JWT"], Algorithms = ["ES256"], DemandUnexpired = false };

        Assert.Equal(JwtFault.UnknownKey, (await JwtValidator.ValidateAsync(Example, rules, keys, Clock)).Fault);
    }

    [Theory]
    [InlineData("ES256", RfcKeys.EcJwk)]
    [InlineData("RS256", RfcKeys.RsaJwk)]
    [Spec("RFC 7515", "appendix A.2")]
    [Spec("RFC 7515", "appendix A.3")]
    public async Task A_token_signed_with_a_key_of_the_RFC_is_verified_by_the_JWK_printed_there(string algorithm, string jwk)
    {
        var key = algorithm == "ES256" ? RfcKeys.EcKey : RfcKeys.RsaKey;

        var token = Signed($$"""{"alg":"{{algorithm}}","kid":"{{key.KeyId}}","typ":"at+jwt"}""", key: key);

        Assert.True((await JwtValidator.ValidateAsync(token, Rules, JwkSet.Parse(Encoding.UTF8.GetBytes($$"""{"keys":[{{jwk}}]}""")), Clock)).IsValid);
    }

    [Fact]
    public async Task A_tampered_payload_is_refused()
    {
        var parts = Signed().Split('.');
        var claims = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Claims.Replace("ana", "eva", StringComparison.Ordinal)));

        Assert.Equal(JwtFault.Signature, await FaultOfAsync($"{parts[0]}.{claims}.{parts[2]}"));
    }

    [Fact]
    public async Task A_tampered_header_is_refused()
    {
        var parts = Signed().Split('.');
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Header.Replace("{", "{ ", StringComparison.Ordinal)));

        Assert.Equal(JwtFault.Signature, await FaultOfAsync($"{header}.{parts[1]}.{parts[2]}"));
    }

    [Fact]
    public async Task Every_tampered_byte_of_a_signature_is_noticed()
    {
        var good = Base64Url.DecodeFromChars(Signed().Split('.')[2]);
        for (var i = 0; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= 1;
            Assert.Equal(JwtFault.Signature, await FaultOfAsync(With(bad)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)] // r = s = 0 verified everywhere in CVE-2022-21449
    [InlineData(65)]
    [InlineData(256)]
    public async Task A_signature_of_zeros_is_refused(int length) => Assert.Equal(JwtFault.Signature, await FaultOfAsync(With(new byte[length])));

    [Fact]
    [Spec("RFC 7518", "§3.4")]
    public async Task A_signature_in_ASN1_form_is_refused()
    {
        var signature = Pair().SignData(Encoding.ASCII.GetBytes(Content(Header, Claims)), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

        Assert.Equal(JwtFault.Signature, await FaultOfAsync(With(signature)));
    }

    [Fact]
    public async Task A_token_of_another_key_with_our_kid_is_refused() =>
        Assert.Equal(JwtFault.Signature, await FaultOfAsync(Signed(key: SigningKey.Create("ES256", Clock.Now, Clock.Now))));

    [Theory]
    [InlineData("jwk")]
    [InlineData("jku")]
    [InlineData("x5c")]
    [InlineData("x5u")]
    [Spec("RFC 8725", "§3.10")]
    public async Task A_key_that_the_token_brings_along_is_not_used(string member)
    {
        var attacker = SigningKey.Create("ES256", Clock.Now, Clock.Now);
        var x = attacker.PublicKey.KeyId;
        var header = $$"""{"alg":"ES256","kid":"{{Key.KeyId}}","typ":"at+jwt","{{member}}":"{{x}}"}""";

        Assert.NotEqual(JwtFault.None, await FaultOfAsync(Signed(header, key: attacker)));
    }

    [Theory]
    [InlineData("""["exp"]""")]
    [InlineData("""["b64"],"b64":false""")]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [Spec("RFC 7515", "§4.1.11")]
    public async Task An_extension_that_must_be_understood_is_refused(string crit) =>
        Assert.Equal(JwtFault.Malformed, await FaultOfAsync(Signed($$"""{"alg":"ES256","kid":"{{Key.KeyId}}","typ":"at+jwt","crit":{{crit}}}""")));

    private static ECDsa Pair()
    {
        var pair = ECDsa.Create();
        pair.ImportPkcs8PrivateKey(Key.ExportPkcs8(), out _);
        return pair;
    }
}
