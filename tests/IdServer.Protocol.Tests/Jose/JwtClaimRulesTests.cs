using IdServer.Testing;
using IdServer.Tokens.Jose;
using Xunit;
using static IdServer.Protocol.Tests.Jose.CraftedJwt;

namespace IdServer.Protocol.Tests.Jose;

/// <summary>What the claims of a well-signed token must say (RFC 7519 §4.1), and that nonsense is an outcome.</summary>
public sealed class JwtClaimRulesTests
{
    [Theory]
    [InlineData("\"https://evil.example\"")]
    [InlineData("\"https://id.example/\"")]
    [InlineData("\"https://ID.example\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [Spec("RFC 7519", "§4.1.1")]
    public async Task Another_issuer_is_refused(string issuer) =>
        Assert.Equal(JwtFault.Issuer, await FaultOfAsync(Signed(claims: $$"""{"iss":{{issuer}},"aud":"{{Audience}}","exp":{{Now + 60}}}""")));

    [Fact]
    public async Task A_token_without_issuer_is_refused() => Assert.Equal(JwtFault.Issuer, await FaultOfAsync(Signed(claims: $$"""{"aud":"{{Audience}}","exp":{{Now + 60}}}""")));

    [Theory]
    [InlineData("\"https://api.example\"")]
    [InlineData("[\"https://api.example\"]")]
    [InlineData("[\"https://other.example\",\"https://api.example\"]")]
    [Spec("RFC 7519", "§4.1.3")]
    public async Task An_audience_is_a_string_or_stands_in_an_array(string audience) => Assert.Equal(JwtFault.None, await FaultOfAsync(WithAudience(audience)));

    [Theory]
    [InlineData("\"https://other.example\"")]
    [InlineData("\"https://api.example/\"")]
    [InlineData("\"https://api.example https://other.example\"")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"\"")]
    [Spec("RFC 9068", "§4")]
    public async Task Another_audience_is_refused(string audience) => Assert.Equal(JwtFault.Audience, await FaultOfAsync(WithAudience(audience)));

    [Fact]
    public async Task A_token_without_audience_is_refused() => Assert.Equal(JwtFault.Audience, await FaultOfAsync(Signed(claims: $$"""{"iss":"{{Build.Issuer}}","exp":{{Now + 60}}}""")));

    [Fact]
    public async Task One_of_several_own_audiences_is_enough() =>
        Assert.Equal(JwtFault.None, await FaultOfAsync(Signed(), Rules with { Audiences = ["https://old.example", Audience] }));

    [Fact]
    public async Task No_own_audience_matches_nothing() => Assert.Equal(JwtFault.Audience, await FaultOfAsync(Signed(), Rules with { Audiences = [] }));

    [Fact]
    public async Task A_caller_without_audience_of_its_own_may_leave_the_check_out() =>
        Assert.Equal(JwtFault.None, await FaultOfAsync(WithAudience("\"https://other.example\""), Rules with { Audiences = null }));

    [Theory]
    [InlineData(1, JwtFault.None)]
    [InlineData(0, JwtFault.None)]
    [InlineData(-9, JwtFault.None)]
    [InlineData(-10, JwtFault.Expired)]
    [InlineData(-3600, JwtFault.Expired)]
    [Spec("RFC 7519", "§4.1.4")]
    public async Task A_token_expires_ten_seconds_after_its_time(int seconds, JwtFault expected) => Assert.Equal(expected, await FaultOfAsync(WithExpiry($"{Now + seconds}")));

    [Theory]
    [InlineData("\"99999999999\"")]
    [InlineData("-99999999999")]
    [InlineData("1e18")]
    public async Task An_expiry_that_is_no_date_is_no_expiry(string expiry) => Assert.Equal(JwtFault.Expired, await FaultOfAsync(WithExpiry(expiry)));

    [Fact]
    public async Task A_token_without_expiry_is_refused() =>
        Assert.Equal(JwtFault.Expired, await FaultOfAsync(Signed(claims: $$"""{"iss":"{{Build.Issuer}}","aud":"{{Audience}}"}""")));

    [Fact]
    [Spec("RFC 7519", "§2")]
    public async Task An_expiry_may_have_a_fraction() => Assert.Equal(JwtFault.None, await FaultOfAsync(WithExpiry($"{Now}.5")));

    [Fact]
    public async Task An_expired_token_still_gives_its_claims()
    {
        var outcome = await JwtValidator.ValidateAsync(WithExpiry($"{Now - 60}"), Rules, TrustedKeys, Clock);

        Assert.False(outcome.IsValid);
        Assert.Equal("ana", JwtValidator.Text(outcome.Claims, "sub"));
    }

    [Fact]
    public async Task Expiry_is_found_last() =>
        Assert.Equal(JwtFault.Audience, await FaultOfAsync(Signed(claims: $$"""{"iss":"{{Build.Issuer}}","aud":"x","exp":{{Now - 60}}}""")));

    [Fact]
    [Spec("OIDC RP-Initiated Logout", "§2")]
    public async Task A_hint_may_be_expired() => Assert.Equal(JwtFault.None, await FaultOfAsync(WithExpiry($"{Now - 60}"), Rules with { DemandUnexpired = false }));

    [Theory]
    [InlineData("-60", JwtFault.None)]
    [InlineData("0", JwtFault.None)]
    [InlineData("10", JwtFault.None)]
    [InlineData("11", JwtFault.NotYetValid)]
    [InlineData("3600", JwtFault.NotYetValid)]
    [Spec("RFC 7519", "§4.1.5")]
    public async Task A_token_is_valid_from_ten_seconds_before_its_time(string seconds, JwtFault expected) =>
        Assert.Equal(expected, await FaultOfAsync(WithNotBefore($"{Now + int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture)}")));

    [Theory]
    [InlineData("\"1\"")]
    [InlineData("-99999999999")]
    [InlineData("999999999999999")]
    public async Task A_not_before_that_is_no_date_is_refused(string notBefore) => Assert.Equal(JwtFault.NotYetValid, await FaultOfAsync(WithNotBefore(notBefore)));

    [Theory]
    [InlineData("iss", "[\"https://id.example\"]")]
    [InlineData("iss", "7")]
    [InlineData("aud", "[[\"https://api.example\"]]")]
    [InlineData("aud", "{\"https://api.example\":true}")]
    [InlineData("exp", "null")]
    [InlineData("exp", "true")]
    [InlineData("exp", "[]")]
    [InlineData("exp", "1e999")]
    [InlineData("exp", "-1e999")]
    [InlineData("exp", "\"2030-01-01T00:00:00Z\"")]
    [InlineData("nbf", "null")]
    [InlineData("nbf", "{}")]
    [InlineData("nbf", "1e999")]
    [InlineData("nbf", "-1e999")]
    public async Task A_registered_claim_of_the_wrong_type_is_refused(string claim, string value)
    {
        string[] others = [$"\"iss\":\"{Build.Issuer}\"", $"\"aud\":\"{Audience}\"", $"\"exp\":{Now + 60}"];
        var claims = others.Where(o => !o.StartsWith($"\"{claim}\"", StringComparison.Ordinal)).Append($"\"{claim}\":{value}");

        Assert.NotEqual(JwtFault.None, await FaultOfAsync(Signed(claims: $"{{{string.Join(',', claims)}}}")));
    }

    public static TheoryData<string> Garbage =>
    [
        "", " ", ".", "..", "...", "....", "a", "a.b", "a.b.c", "a.b.c.d", "a.b.c.d.e", "%", "%.%.%", "\0", "\n\n\n", "é.é.é", "=.=.=", "null", "{}", "{}.{}.{}",
        "e30.e30.e30", "e30.e30.", "e30..", ".e30.", "bnVsbA.bnVsbA.bnVsbA", "W10.W10.W10", "MQ.MQ.MQ", "InMi.InMi.InMi",
        "eyJhbGciOiJFUzI1NiJ9", "eyJhbGciOiJFUzI1NiJ9.", "eyJhbGciOiJFUzI1NiJ9..AAAA", "eyJhbGciOjF9.e30.AAAA", "eyJhbGciOm51bGx9.e30.AAAA", "eyJhbGciOnt9fQ.e30.AAAA",
        "eyJhbGciOlsiRVMyNTYiXX0.e30.AAAA", "_____.____.____", "gICA.gICA.gICA", "//8.//8.//8", "eyJ.eyJ.eyJ", new string('.', 10_000), new string('A', 16_384), "A." + new string('A', 16_000) + ".A",
    ];

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_is_an_outcome(string token) => Assert.NotEqual(JwtFault.None, await FaultOfAsync(token, Rules with { Types = ["JWT", "at+jwt"] }));

    public static TheoryData<string> OddHeaders =>
    [
        """{"alg":1,"kid":"KID","typ":"at+jwt"}""", """{"alg":["ES256"],"kid":"KID","typ":"at+jwt"}""", """{"alg":{},"kid":"KID","typ":"at+jwt"}""", """{"alg":null,"kid":"KID","typ":"at+jwt"}""",
        """{"alg":"ES256","kid":1,"typ":"at+jwt"}""", """{"alg":"ES256","kid":["KID"],"typ":"at+jwt"}""", """{"alg":"ES256","kid":null,"typ":"at+jwt"}""", """{"alg":"ES256","kid":{},"typ":"at+jwt"}""",
        """{"alg":"ES256","kid":"KID","typ":1}""", """{"alg":"ES256","kid":"KID","typ":["at+jwt"]}""", """{"alg":"ES256","kid":"KID","typ":{}}""", """{"alg":"ES256","kid":"KID","typ":true}""",
        """{"alg":"ES256","kid":"KID","typ":"\ud800"}""", """{"alg":"\ud800","kid":"KID","typ":"at+jwt"}""", """{"alg":"ES256","kid":"\ud800","typ":"at+jwt"}""", """{"kid":"KID","typ":"at+jwt"}""",
        "[]", "\"\"", "1", "null", "{", "", "{}{}",
    ];

    [Theory]
    [MemberData(nameof(OddHeaders))]
    public async Task A_header_with_members_of_the_wrong_type_is_refused(string header) =>
        Assert.NotEqual(JwtFault.None, await FaultOfAsync(Signed(header.Replace("KID", Key.KeyId, StringComparison.Ordinal))));

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("7")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{}{}")]
    [Spec("RFC 7519", "§7.2")]
    public async Task Claims_that_are_no_object_are_malformed(string claims) => Assert.Equal(JwtFault.Malformed, await FaultOfAsync(Signed(claims: claims)));

    [Fact]
    public async Task Claims_that_no_string_can_hold_are_absent()
    {
        var outcome = await JwtValidator.ValidateAsync(Signed(claims: $$"""{"iss":"{{Build.Issuer}}","aud":"{{Audience}}","exp":{{Now + 60}},"sub":"\ud800"}"""), Rules, TrustedKeys, Clock);

        Assert.Null(JwtValidator.Text(outcome.Claims, "sub"));
        Assert.NotEqual(JwtFault.None, await FaultOfAsync(Signed(claims: $$"""{"iss":"\ud800","aud":"{{Audience}}","exp":{{Now + 60}}}""")));
    }

    [Fact]
    public async Task A_token_of_more_than_16_KiB_is_not_even_read()
    {
        Assert.Equal(JwtFault.None, await FaultOfAsync(Signed(claims: Padded(11_000))));
        Assert.Equal(JwtFault.Malformed, await FaultOfAsync(Signed(claims: Padded(12_300))));
    }

    [Theory]
    [InlineData("", "=")]
    [InlineData("", "\n")]
    [InlineData("", " ")]
    [InlineData("", ".")]
    [InlineData(" ", "")]
    [InlineData("Bearer ", "")]
    [InlineData("", ".AAAA.AAAA")]
    [Spec("RFC 7515", "§7.1")]
    public async Task Anything_around_a_token_spoils_it(string before, string after) => Assert.NotEqual(JwtFault.None, await FaultOfAsync(before + Signed() + after));

    private static string WithAudience(string audience) => Signed(claims: $$"""{"iss":"{{Build.Issuer}}","aud":{{audience}},"exp":{{Now + 60}}}""");

    private static string WithExpiry(string expiry) => Signed(claims: $$"""{"iss":"{{Build.Issuer}}","aud":"{{Audience}}","exp":{{expiry}},"sub":"ana"}""");

    private static string WithNotBefore(string notBefore) => Signed(claims: $$"""{"iss":"{{Build.Issuer}}","aud":"{{Audience}}","nbf":{{notBefore}},"exp":{{Now + 7200}}}""");

    private static string Padded(int length) => $$"""{"iss":"{{Build.Issuer}}","aud":"{{Audience}}","exp":{{Now + 60}},"pad":"{{new string('x', length)}}"}""";
}
