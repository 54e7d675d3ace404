using System.Text.Json.Nodes;
using IdServer.Testing;
using IdServer.Tokens.DPoP;
using IdServer.Tokens.Replay;
using Xunit;

namespace IdServer.Protocol.Tests.DPoP;

[Spec("RFC 9449", "§4.3"), Spec("requirement", "38")]
[Attack("DPoP proof replay and confusion")]
public sealed class DPoPProofValidatorTests
{
    private const string Method = "POST";
    private const string Uri = "https://server.example.com/token";
    private const string AccessToken = "a.b.c";

    // RFC 9449 §4.2, figure 2, with the thumbprint of §6.1.
    private const string OfTheRfc =
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFq" +
        "SG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ." +
        "2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

    private static readonly ProofSigner Signer = new();
    private static readonly ProofSigner Rsa = new("RS256");

    private readonly ManualClock clock = new();
    private readonly MemoryReplayCache replays;
    private readonly DPoPProofValidator validator;

    public DPoPProofValidatorTests()
    {
        replays = new MemoryReplayCache(clock);
        validator = new DPoPProofValidator(replays, clock);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, DPoPFault, Action<JsonObject>, Action<JsonObject>> Bent => new()
    {
        { "another typ", DPoPFault.Type, h => h["typ"] = "JWT", _ => { } },
        { "no typ", DPoPFault.Type, h => h.Remove("typ"), _ => { } },
        { "typ is no text", DPoPFault.Type, h => h["typ"] = 1, _ => { } },
        { "alg none", DPoPFault.Algorithm, h => h["alg"] = "none", _ => { } },
        { "a symmetric alg", DPoPFault.Algorithm, h => h["alg"] = "HS256", _ => { } },
        { "no alg", DPoPFault.Algorithm, h => h.Remove("alg"), _ => { } },
        { "the alg of another kind of key", DPoPFault.Signature, h => h["alg"] = "RS256", _ => { } },
        { "a jwk for another alg", DPoPFault.Key, h => h["jwk"]!["alg"] = "RS256", _ => { } },
        { "no jwk", DPoPFault.Key, h => h.Remove("jwk"), _ => { } },
        { "a jwk that is no object", DPoPFault.Key, h => h["jwk"] = "key", _ => { } },
        { "a private jwk", DPoPFault.Key, h => h["jwk"] = Signer.PrivateJwk, _ => { } },
        { "a private RSA jwk", DPoPFault.Key, h => h["jwk"] = Rsa.PrivateJwk, _ => { } },
        { "a symmetric jwk", DPoPFault.Key, h => h["jwk"] = new JsonObject { ["kty"] = "oct", ["k"] = "c2VjcmV0" }, _ => { } },
        { "another key", DPoPFault.Signature, h => h["jwk"] = new ProofSigner().Jwk, _ => { } },
        { "a point that is not on the curve", DPoPFault.Key, h => h["jwk"]!["y"] = h["jwk"]!["x"]!.GetValue<string>(), _ => { } },
        { "a coordinate that is too short", DPoPFault.Key, h => h["jwk"]!["x"] = "AQAB", _ => { } },
        { "a short modulus", DPoPFault.Key, h => h["jwk"] = new JsonObject { ["kty"] = "RSA", ["n"] = new string('A', 170) + "Q", ["e"] = "AQAB" }, _ => { } },
        { "an enormous modulus", DPoPFault.Key, h => h["jwk"] = new JsonObject { ["kty"] = "RSA", ["n"] = "_" + new string('_', 1023), ["e"] = "AQAB" }, _ => { } },
        { "an extension nobody understands", DPoPFault.Malformed, h => h["crit"] = new JsonArray("b64"), _ => { } },
        { "no jti", DPoPFault.MissingClaim, _ => { }, c => c.Remove("jti") },
        { "an empty jti", DPoPFault.MissingClaim, _ => { }, c => c["jti"] = "" },
        { "a jti that is no text", DPoPFault.MissingClaim, _ => { }, c => c["jti"] = 7 },
        { "an endless jti", DPoPFault.MissingClaim, _ => { }, c => c["jti"] = new string('j', 513) },
        { "no htm", DPoPFault.MissingClaim, _ => { }, c => c.Remove("htm") },
        { "no htu", DPoPFault.MissingClaim, _ => { }, c => c.Remove("htu") },
        { "no iat", DPoPFault.MissingClaim, _ => { }, c => c.Remove("iat") },
        { "an iat that is no number", DPoPFault.MissingClaim, _ => { }, c => c["iat"] = "now" },
        { "another method", DPoPFault.Method, _ => { }, c => c["htm"] = "GET" },
        { "the method in lower case", DPoPFault.Method, _ => { }, c => c["htm"] = "post" },
        { "another path", DPoPFault.Uri, _ => { }, c => c["htu"] = "https://server.example.com/tokens" },
        { "the path in upper case", DPoPFault.Uri, _ => { }, c => c["htu"] = "https://server.example.com/TOKEN" },
        { "another host", DPoPFault.Uri, _ => { }, c => c["htu"] = "https://server.example.org/token" },
        { "another scheme", DPoPFault.Uri, _ => { }, c => c["htu"] = "http://server.example.com/token" },
        { "another port", DPoPFault.Uri, _ => { }, c => c["htu"] = "https://server.example.com:8443/token" },
        { "a user before the host", DPoPFault.Uri, _ => { }, c => c["htu"] = "https://server.example.com@evil.example/token" },
        { "a relative address", DPoPFault.Uri, _ => { }, c => c["htu"] = "/token" },
        { "an address that is none", DPoPFault.Uri, _ => { }, c => c["htu"] = "https://" },
        { "no ath", DPoPFault.AccessToken, _ => { }, c => c.Remove("ath") },
        { "the ath of another token", DPoPFault.AccessToken, _ => { }, c => c["ath"] = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo" },
        { "an hour old", DPoPFault.Time, _ => { }, c => c["iat"] = c["iat"]!.GetValue<long>() - 3600 },
        { "an hour ahead", DPoPFault.Time, _ => { }, c => c["iat"] = c["iat"]!.GetValue<long>() + 3600 },
        { "61 seconds old", DPoPFault.Time, _ => { }, c => c["iat"] = c["iat"]!.GetValue<long>() - 61 },
        { "a time before all times", DPoPFault.MissingClaim, _ => { }, c => c["iat"] = -1 },
        { "a time after all times", DPoPFault.MissingClaim, _ => { }, c => c["iat"] = 1e300 },
    };

    public static TheoryData<string, Action<JsonObject>, Action<JsonObject>> Tolerated => new()
    {
        { "nothing special", _ => { }, _ => { } },
        { "typ in upper case", h => h["typ"] = "DPOP+JWT", _ => { } },
        { "a jwk with more members", h => (h["jwk"]!["kid"], h["jwk"]!["use"], h["jwk"]!["alg"]) = ("mine", "sig", "ES256"), _ => { } },
        { "unknown members", h => h["kid"] = "mine", c => (c["foo"], c["sub"]) = (new JsonArray(1, 2), "ana") },
        { "nbf and exp", _ => { }, c => (c["nbf"], c["exp"]) = (c["iat"]!.GetValue<long>() - 10, c["iat"]!.GetValue<long>() + 10) },
        { "nbf and exp that are past", _ => { }, c => (c["nbf"], c["exp"]) = (0, 1) },
        { "htu with a query", _ => { }, c => c["htu"] = Uri + "?a=b" },
        { "htu with a fragment", _ => { }, c => c["htu"] = Uri + "#f" },
        { "htu with scheme and host in upper case", _ => { }, c => c["htu"] = "HTTPS://SERVER.Example.Com/token" },
        { "htu with the default port", _ => { }, c => c["htu"] = "https://server.example.com:443/token" },
        { "10 seconds old", _ => { }, c => c["iat"] = c["iat"]!.GetValue<long>() - 10 },
        { "10 seconds ahead", _ => { }, c => c["iat"] = c["iat"]!.GetValue<long>() + 10 },
        { "60 seconds old", _ => { }, c => c["iat"] = c["iat"]!.GetValue<long>() - 60 },
        { "half a second", _ => { }, c => c["iat"] = c["iat"]!.GetValue<long>() + 0.5 },
    };

    [Fact]
    [Spec("RFC 9449", "§4.2"), Spec("RFC 7638", "§3")]
    public async Task The_proof_of_the_RFC_is_believed_and_its_key_has_the_thumbprint_of_the_RFC()
    {
        clock.Now = DateTimeOffset.FromUnixTimeSeconds(1562262616);

        var outcome = await validator.ValidateAsync(OfTheRfc, new DPoPRequest(Method, Uri), Ct);

        Assert.Equal(DPoPFault.None, outcome.Fault);
        Assert.Equal("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", outcome.Proof?.KeyThumbprint);
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("PS256")]
    [InlineData("RS256")]
    public async Task Every_accepted_algorithm_is_verified(string algorithm)
    {
        var signer = new ProofSigner(algorithm);

        var outcome = await ValidateAsync(signer.Make(Method, Uri, clock.Now, AccessToken));

        Assert.Equal((DPoPFault.None, signer.Thumbprint), (outcome.Fault, outcome.Proof?.KeyThumbprint));
        Assert.Contains(algorithm, DPoPProofValidator.AcceptedAlgorithms);
    }

    [Fact]
    public async Task A_key_on_another_curve_is_refused()
    {
        var signer = new ProofSigner("ES384");

        Assert.Equal(DPoPFault.Algorithm, (await ValidateAsync(signer.Make(Method, Uri, clock.Now, AccessToken))).Fault);
        Assert.Equal(DPoPFault.Key, (await ValidateAsync(signer.Make(Method, Uri, clock.Now, AccessToken, header: h => h["alg"] = "ES256"))).Fault);
    }

    [Theory]
    [MemberData(nameof(Bent))]
    public async Task A_proof_that_is_not_right_is_refused_and_not_remembered(string what, DPoPFault fault, Action<JsonObject> header, Action<JsonObject> claims)
    {
        var outcome = await ValidateAsync(Signer.Make(Method, Uri, clock.Now, AccessToken, header: header, claims: claims));

        Assert.True(fault == outcome.Fault, $"{what}: {outcome.Fault}");
        Assert.Null(outcome.Proof);
        Assert.Equal(0, replays.Count);
        Assert.All(outcome.Description, c => Assert.True(c is >= ' ' and <= '~' and not ('"' or '\\')));
    }

    [Theory]
    [MemberData(nameof(Tolerated))]
    public async Task A_proof_may_be_so(string what, Action<JsonObject> header, Action<JsonObject> claims)
    {
        var outcome = await ValidateAsync(Signer.Make(Method, Uri, clock.Now, AccessToken, header: header, claims: claims));

        Assert.True(outcome.Fault == DPoPFault.None, $"{what}: {outcome.Fault}");
    }

    [Theory]
    [InlineData("https://server.example.com/token?with=query#and-fragment")]
    [InlineData("HTTPS://Server.Example.COM:443/token")]
    public async Task The_address_of_the_request_is_compared_in_the_same_form(string uri) =>
        Assert.Equal(DPoPFault.None, (await validator.ValidateAsync(Signer.Make(Method, Uri, clock.Now), new DPoPRequest(Method, uri), Ct)).Fault);

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a.b")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.")]
    [InlineData("W10.W10.AA")]
    [InlineData("e30=.e30=.AA")]
    [InlineData("e30.e30.AA.AA.AA")]
    [InlineData("\u00e9.e30.AA")]
    public async Task What_is_no_JWT_is_refused(string proof) =>
        Assert.True((await ValidateAsync(proof)).Fault is DPoPFault.Malformed or DPoPFault.Type);

    [Fact]
    public async Task Two_proofs_in_one_header_are_refused()
    {
        var (one, other) = (Signer.Make(Method, Uri, clock.Now, AccessToken), Signer.Make(Method, Uri, clock.Now, AccessToken));

        Assert.Equal(DPoPFault.Malformed, (await ValidateAsync($"{one},{other}")).Fault);
        Assert.Equal(DPoPFault.Malformed, (await ValidateAsync($"{one}, {other}")).Fault);
    }

    [Fact]
    public async Task A_repeated_member_is_refused()
    {
        var parts = Signer.Make(Method, Uri, clock.Now, AccessToken).Split('.');
        var claims = System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]))[..^1] + ",\"htm\":\"GET\"}";

        Assert.Equal(DPoPFault.Malformed, (await ValidateAsync($"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(claims))}.{parts[2]}")).Fault);
    }

    [Fact]
    public async Task A_changed_claim_or_signature_is_refused()
    {
        var (one, other) = (Signer.Make(Method, Uri, clock.Now, AccessToken).Split('.'), Signer.Make(Method, Uri, clock.Now, AccessToken).Split('.'));

        Assert.Equal(DPoPFault.Signature, (await ValidateAsync($"{one[0]}.{other[1]}.{one[2]}")).Fault);
        Assert.Equal(DPoPFault.Signature, (await ValidateAsync($"{one[0]}.{one[1]}.AAAA")).Fault);
    }

    [Fact]
    [Spec("RFC 9449", "§11.1")]
    public async Task A_proof_is_good_once()
    {
        var proof = Signer.Make(Method, Uri, clock.Now, AccessToken);

        Assert.Equal(DPoPFault.None, (await ValidateAsync(proof)).Fault);
        Assert.Equal(DPoPFault.Replayed, (await ValidateAsync(proof)).Fault);
    }

    [Fact]
    [Spec("RFC 9449", "§11.1")]
    public async Task A_proof_is_remembered_until_it_is_too_old()
    {
        var proof = Signer.Make(Method, Uri, clock.Now.AddSeconds(60), AccessToken);
        await ValidateAsync(proof);

        clock.Advance(TimeSpan.FromSeconds(120));
        Assert.Equal(DPoPFault.Replayed, (await ValidateAsync(proof)).Fault);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DPoPFault.Time, (await ValidateAsync(proof)).Fault);
    }

    [Fact]
    public async Task One_jti_may_come_from_two_keys()
    {
        static void Same(JsonObject claims) => claims["jti"] = "1";

        Assert.Equal(DPoPFault.None, (await ValidateAsync(Signer.Make(Method, Uri, clock.Now, AccessToken, claims: Same))).Fault);
        Assert.Equal(DPoPFault.None, (await ValidateAsync(Rsa.Make(Method, Uri, clock.Now, AccessToken, claims: Same))).Fault);
        Assert.Equal(DPoPFault.Replayed, (await ValidateAsync(Signer.Make(Method, Uri, clock.Now, AccessToken, claims: Same))).Fault);
    }

    [Fact]
    [Spec("RFC 9449", "§8")]
    public async Task Where_a_nonce_is_demanded_a_proof_needs_one_of_the_last_minutes()
    {
        var nonces = new DPoPNonces(() => new byte[32], clock);
        var foreign = new DPoPNonces(() => [.. Enumerable.Repeat((byte)1, 32)], clock);
        var nonce = nonces.Current;

        Assert.Equal(DPoPFault.Nonce, await WithAsync(null));
        Assert.Equal(DPoPFault.Nonce, await WithAsync(""));
        Assert.Equal(DPoPFault.Nonce, await WithAsync(foreign.Current));
        Assert.Equal(DPoPFault.None, await WithAsync(nonce));
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.NotEqual(nonce, nonces.Current);
        Assert.Equal(DPoPFault.None, await WithAsync(nonce));
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(DPoPFault.Nonce, await WithAsync(nonce));

        async Task<DPoPFault> WithAsync(string? sent) =>
            (await validator.ValidateAsync(Signer.Make(Method, Uri, clock.Now, nonce: sent), new DPoPRequest(Method, Uri, Nonces: nonces), Ct)).Fault;
    }

    private ValueTask<DPoPOutcome> ValidateAsync(string proof) => validator.ValidateAsync(proof, new DPoPRequest(Method, Uri, AccessToken), Ct);
}
