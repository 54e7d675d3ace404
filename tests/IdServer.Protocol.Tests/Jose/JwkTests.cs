using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using Xunit;

namespace IdServer.Protocol.Tests.Jose;

public sealed class JwkTests
{
    private const string RfcModulus =
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    private const string RfcX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    private const string RfcY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    [Fact]
    [Spec("RFC 7638", "§3.1")]
    public void A_key_without_kid_is_named_by_its_thumbprint() =>
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", Only($$"""{"kty":"RSA","n":"{{RfcModulus}}","e":"AQAB","alg":"RS256"}""").KeyId);

    [Fact]
    [Spec("RFC 7638", "§3.2")]
    public void The_thumbprint_of_an_elliptic_key_covers_crv_kty_x_and_y() => // the key of RFC 7515 A.3.1; the digest was computed with another program
        Assert.Equal("oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U", Only($$"""{"y":"{{RfcY}}","x":"{{RfcX}}","use":"sig","kty":"EC","crv":"P-256"}""").KeyId);

    [Fact]
    public void A_kid_is_kept() => Assert.Equal("2011-04-29", Only($$"""{"kty":"RSA","n":"{{RfcModulus}}","e":"AQAB","kid":"2011-04-29"}""").KeyId);

    [Theory]
    [InlineData("ES256", "kty crv x y use alg kid")]
    [InlineData("RS256", "kty n e use alg kid")]
    [Spec("requirement", "43")]
    public void A_published_key_has_public_members_only(string algorithm, string members)
    {
        var key = algorithm == "ES256" ? CraftedJwt.Key : CraftedJwt.RsaKey;

        var json = JsonOf(key.PublicKey);

        Assert.Equal(members.Split(' '), json.EnumerateObject().Select(m => m.Name));
        Assert.Equal((algorithm, "sig", key.KeyId), (json.GetProperty("alg").GetString(), json.GetProperty("use").GetString(), json.GetProperty("kid").GetString()));
    }

    [Theory]
    [InlineData("", "RS256 PS256")]
    [InlineData(",\"alg\":\"RS256\"", "RS256")]
    [InlineData(",\"alg\":\"PS256\"", "PS256")]
    [Spec("RFC 8725", "§3.1")]
    public void An_RSA_key_is_for_the_algorithm_it_states_or_for_both(string alg, string algorithms)
    {
        var key = Only($$"""{"kty":"RSA","n":"{{RfcModulus}}","e":"AQAB","key_ops":["verify","encrypt"]{{alg}}}""");

        Assert.Equal(algorithms, string.Join(' ', "RS256 PS256 ES256 HS256 none".Split(' ').Where(key.Verifies)));
    }

    [Fact]
    public void What_is_written_can_be_read()
    {
        var read = Only(JsonOf(CraftedJwt.RsaKey.PublicKey).GetRawText());

        Assert.Equal(JsonOf(CraftedJwt.RsaKey.PublicKey).GetRawText(), JsonOf(read).GetRawText());
    }

    public static TheoryData<string> UnusableKeys =>
    [
        "7", "null", "\"EC\"", "[]", "{}",
        """{"kty":"oct","k":"c2VjcmV0","kid":"a"}""",
        """{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""",
        """{"kty":7}""",
        $$"""{"kty":"EC","crv":"P-384","x":"{{RfcX}}","y":"{{RfcY}}"}""",
        $$"""{"kty":"EC","crv":"P-256","x":"{{RfcX}}"}""",
        $$"""{"kty":"EC","crv":"P-256","x":"{{RfcY}}","y":"{{RfcX}}"}""", // not on the curve
        $$"""{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}""",
        """{"kty":"EC","crv":"P-256","x":"","y":""}""",
        $$"""{"kty":"EC","crv":"P-256","x":"{{RfcX}}!","y":"{{RfcY}}"}""",
        $$"""{"kty":"EC","crv":"P-256","x":"{{RfcX}}","y":"{{RfcY}}","use":"enc"}""",
        $$"""{"kty":"EC","crv":"P-256","x":"{{RfcX}}","y":"{{RfcY}}","alg":"ECDH-ES"}""",
        $$"""{"kty":"RSA","n":"{{RfcModulus}}","e":"AQAB","alg":"RS512"}""",
        $$"""{"kty":"RSA","n":"{{RfcModulus}}","e":"AQAB","alg":"ES256"}""",
        $$"""{"kty":"RSA","n":"{{RfcModulus}}","e":"AQAB","alg":7}""",
        $$"""{"kty":"RSA","n":"{{RfcModulus}}","e":"AQAB","use":7}""",
        $$"""{"kty":"RSA","n":"{{RfcModulus}}","e":"AQAB","key_ops":["sign"]}""",
        $$"""{"kty":"RSA","n":"{{RfcModulus}}","e":"AQAB","key_ops":"verify"}""",
        $$"""{"kty":"EC","crv":"P-256","x":"{{RfcX}}","y":"{{RfcY}}","alg":"PS256"}""",
        $$"""{"kty":"EC","crv":"P-256","x":"{{RfcX}}","y":"{{RfcY}}","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}""", // whoever reads it can sign with it
        $$"""{"kty":"RSA","n":"{{RfcModulus}}","e":"AQAB","use":"enc"}""",
        $$"""{"kty":"RSA","n":"{{RfcModulus}}"}""",
        $$"""{"kty":"RSA","n":"{{RfcModulus}}","e":""}""",
        """{"kty":"RSA","n":"","e":"AQAB"}""",
        $$"""{"kty":"RSA","n":"{{RfcModulus[..171]}}","e":"AQAB"}""", // 1024 bits
    ];

    [Theory]
    [MemberData(nameof(UnusableKeys))]
    [Spec("RFC 7517", "§5")]
    public void An_unusable_key_is_ignored_and_the_others_stay(string key)
    {
        var set = Parse($$"""{"keys":[{{key}},{"kty":"EC","crv":"P-256","x":"{{RfcX}}","y":"{{RfcY}}","kid":"good"}]}""");

        Assert.Equal("good", Assert.Single(set.Keys).KeyId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":null}""")]
    [InlineData("""{"keys":[}""")]
    [InlineData("<html>")]
    public void A_document_that_is_no_key_set_is_refused(string json) => Assert.ThrowsAny<JsonException>(() => Parse(json));

    [Fact]
    public void Keys_are_found_by_kid_and_no_other_way()
    {
        Assert.Same(CraftedJwt.Key.PublicKey, CraftedJwt.TrustedKeys.Find(CraftedJwt.Key.KeyId));
        Assert.Null(CraftedJwt.TrustedKeys.Find(null));
        Assert.Null(CraftedJwt.TrustedKeys.Find(""));
        Assert.Null(CraftedJwt.TrustedKeys.Find(CraftedJwt.Key.KeyId.ToUpperInvariant()));
    }

    [Fact]
    public void Of_two_keys_with_one_kid_the_first_counts()
    {
        var set = Parse($$"""{"keys":[{"kty":"EC","crv":"P-256","x":"{{RfcX}}","y":"{{RfcY}}","kid":"a"},{"kty":"RSA","n":"{{RfcModulus}}","e":"AQAB","kid":"a"}]}""");

        Assert.Equal("ES256", set.Find("a")?.Algorithm);
    }

    [Theory]
    [InlineData("1.3.132.0.34")] // P-384
    [InlineData("1.3.132.0.10")] // secp256k1, as long as P-256
    public void A_key_on_another_curve_is_not_published_as_P256(string curve)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromValue(curve));

        Assert.Throws<CryptographicException>(() => Jwk.FromKey(key));
    }

    private static JwkSet Parse(string json) => JwkSet.Parse(Encoding.UTF8.GetBytes(json));

    private static Jwk Only(string key) => Assert.Single(Parse($$"""{"keys":[{{key}}]}""").Keys);

    private static JsonElement JsonOf(Jwk key)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            key.WriteTo(writer);
        }

        return JsonElement.Parse(stream.ToArray());
    }
}
