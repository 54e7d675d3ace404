using System.Text.Json.Nodes;
using IdServer.ResourceServer;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.ResourceServer;

/// <summary>The DPoP module of the FAPI suite for resources, and what an API may configure.</summary>
[Spec("RFC 9449", "§7.1"), Spec("requirement", "38")]
public sealed class BoundTokenTests : IAsyncLifetime
{
    private readonly ProofSigner signer = new();
    private TestIssuer issuer = null!;
    private ProtectedApi api = null!;
    private string token = "";

    /// <summary>Everything about the proof that must be refused: header, then claims.</summary>
    public static TheoryData<string, Action<JsonObject>, Action<JsonObject>> Bad => new()
    {
        { "no jti", _ => { }, c => c.Remove("jti") },
        { "no htm", _ => { }, c => c.Remove("htm") },
        { "no htu", _ => { }, c => c.Remove("htu") },
        { "no iat", _ => { }, c => c.Remove("iat") },
        { "no ath", _ => { }, c => c.Remove("ath") },
        { "wrong typ", h => h["typ"] = "JWT", _ => { } },
        { "wrong alg", h => h["alg"] = "none", _ => { } },
        { "wrong signature", h => h["jwk"] = new ProofSigner().Jwk, _ => { } },
        { "wrong htm", _ => { }, c => c["htm"] = "POST" },
        { "wrong htu", _ => { }, c => c["htu"] = c["htu"]!.GetValue<string>() + "/x" },
        { "wrong ath", _ => { }, c => c["ath"] = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo" },
        { "an hour old", _ => { }, c => c["iat"] = c["iat"]!.GetValue<long>() - 3600 },
        { "an hour ahead", _ => { }, c => c["iat"] = c["iat"]!.GetValue<long>() + 3600 },
    };

    public static TheoryData<string, Action<JsonObject>> Good => new()
    {
        { "query", c => c["htu"] = c["htu"]!.GetValue<string>() + "?a=b" },
        { "fragment", c => c["htu"] = c["htu"]!.GetValue<string>() + "#f" },
        { "upper-case scheme and host", c => c["htu"] = "HTTP://LOCALHOST" + c["htu"]!.GetValue<string>()["http://localhost".Length..] },
        { "unknown members", c => c["foo"] = new JsonArray("bar") },
        { "nbf and exp", c => (c["nbf"], c["exp"]) = (c["iat"]!.GetValue<long>(), c["iat"]!.GetValue<long>() + 60) },
        { "10 seconds old", c => c["iat"] = c["iat"]!.GetValue<long>() - 10 },
        { "10 seconds ahead", c => c["iat"] = c["iat"]!.GetValue<long>() + 10 },
    };

    private string Me => $"http://localhost:{api.Port}/me";

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        api = await ProtectedApi.StartAsync(issuer);
        token = Bound(signer);
    }

    public async ValueTask DisposeAsync()
    {
        await api.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Theory]
    [InlineData("DPoP", "DPoP")]
    [InlineData("dpop", "DPOP")]
    [InlineData("DPOP", "dpop")]
    public async Task A_bound_token_with_its_proof_is_accepted_whatever_the_case_of_scheme_and_header(string scheme, string header)
    {
        for (var i = 0; i < 2; i++) // the second time the token is remembered
        {
            Assert.Equal(200, (await AskAsync("/me", scheme, token, header, Proof())).Status);
        }
    }

    [Theory]
    [MemberData(nameof(Good))]
    public async Task A_proof_may_be_so(string what, Action<JsonObject> claims) => Assert.True((await AskAsync(Proof(claims: claims))).Status == 200, what);

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_bad_proof_is_refused_and_the_token_still_works_afterwards(string what, Action<JsonObject> header, Action<JsonObject> claims)
    {
        var answer = await AskAsync(signer.Make("GET", Me, issuer.Clock.Now, token, header: header, claims: claims));

        Assert.True((answer.Status, answer.Codigo) == (401, "DPOP_PROOF_INVALID"), what);
        Assert.StartsWith("DPoP realm=", answer.Challenge, StringComparison.Ordinal);
        Assert.Contains("error=\"invalid_dpop_proof\"", answer.Challenge, StringComparison.Ordinal);
        Assert.EndsWith("algs=\"ES256 PS256 RS256\"", answer.Challenge, StringComparison.Ordinal);
        Assert.Equal(200, (await AskAsync(Proof())).Status);
    }

    [Fact]
    public async Task A_private_key_two_proofs_garbage_and_none_are_refused()
    {
        string?[] headers = [signer.Make("GET", Me, issuer.Clock.Now, token, header: h => h["jwk"] = signer.PrivateJwk), $"{Proof()}, {Proof()}", "garbage", null];
        foreach (var header in headers)
        {
            var answer = await AskAsync(header);
            Assert.Equal((401, "DPOP_PROOF_INVALID"), (answer.Status, answer.Codigo));
        }

        Assert.Equal(200, (await AskAsync(Proof())).Status);
    }

    [Fact]
    public async Task Two_headers_are_refused()
    {
        var answer = await api.SendAsync("/me", r =>
        {
            r.Headers.TryAddWithoutValidation("Authorization", "DPoP " + token);
            r.Headers.TryAddWithoutValidation("DPoP", [Proof(), Proof()]);
        });

        Assert.Equal((401, "DPOP_PROOF_INVALID"), (answer.Status, answer.Codigo));
    }

    [Fact]
    [Spec("RFC 9449", "§11.1")]
    public async Task A_proof_is_good_for_one_request()
    {
        var proof = Proof();

        Assert.Equal(200, (await AskAsync(proof)).Status);
        Assert.Equal((401, "DPOP_PROOF_INVALID"), (await AskAsync(proof)) is var again ? (again.Status, again.Codigo) : default);
    }

    [Fact]
    public async Task A_proof_by_another_key_is_refused()
    {
        var answer = await AskAsync(new ProofSigner().Make("GET", Me, issuer.Clock.Now, token));

        Assert.Equal((401, "TOKEN_INVALID"), (answer.Status, answer.Codigo));
        Assert.Contains("DPoP realm=\"https://api.example.com\", error=\"invalid_token\"", answer.Challenge, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TokenValidation.Local)]
    [InlineData(TokenValidation.Introspection)]
    [InlineData(TokenValidation.Both)]
    [Spec("RFC 9449", "§7.2")]
    public async Task A_bound_token_is_no_bearer_token_however_tokens_are_checked(TokenValidation validation)
    {
        await using var checking = await ProtectedApi.StartAsync(issuer, validation);
        var proof = signer.Make("GET", $"http://localhost:{checking.Port}/me", issuer.Clock.Now, token);
        var accepted = await SendAsync(checking, "/me", "DPoP", token, "DPoP", proof);
        var borne = await checking.GetAsync("/me", token, "en");

        Assert.Equal(200, accepted.Status);
        Assert.Equal((401, "TOKEN_INVALID"), (borne.Status, borne.Codigo));
        Assert.Contains("Bearer realm=\"https://api.example.com\", error=\"invalid_token\"", borne.Challenge, StringComparison.Ordinal);
        Assert.Contains("DPoP realm=\"https://api.example.com\", resource_metadata=\"https://api.example.com/.well-known/oauth-protected-resource\", algs=", borne.Challenge, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_bound_by_a_method_nobody_here_knows_is_refused_both_ways()
    {
        var strange = issuer.Token(new() { [ClaimNames.Confirmation] = new Dictionary<string, string> { ["x5t#S256"] = "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" } });

        Assert.Equal(401, (await api.GetAsync("/me", strange)).Status);
        Assert.Equal(401, (await AskAsync("/me", "DPoP", strange, "DPoP", signer.Make("GET", Me, issuer.Clock.Now, strange))).Status);
    }

    [Fact]
    public async Task A_token_that_is_bound_to_no_key_is_refused_with_a_proof()
    {
        var bearer = issuer.Token();

        Assert.Equal(401, (await AskAsync("/me", "DPoP", bearer, "DPoP", signer.Make("GET", Me, issuer.Clock.Now, bearer))).Status);
        Assert.Equal(200, (await api.GetAsync("/me", bearer)).Status);
    }

    [Fact]
    public async Task A_route_with_an_optional_token_refuses_a_bound_one_without_proof() => Assert.Equal(401, (await api.GetAsync("/optional", token)).Status);

    [Fact]
    public async Task A_token_that_comes_another_way_is_refused_when_it_is_bound()
    {
        var verified = await api.Services.GetRequiredService<TokenVerifier>().VerifyAsync(token, TestContext.Current.CancellationToken);

        Assert.Null(verified.Caller);
        Assert.Equal(401, verified.Error?.Status);
    }

    [Fact]
    public async Task A_forbidden_route_answers_in_the_scheme_that_was_used()
    {
        var answer = await AskAsync("/admin", "DPoP", token, "DPoP", signer.Make("GET", $"http://localhost:{api.Port}/admin", issuer.Clock.Now, token));

        Assert.Equal(403, answer.Status);
        Assert.StartsWith("DPoP realm=\"https://api.example.com\", error=\"insufficient_scope\"", answer.Challenge, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("RFC 9449", "§9")]
    public async Task An_API_may_demand_a_nonce_of_its_own_on_every_node()
    {
        const string Secret = "a secret that both nodes of the API have";
        await using var one = await ProtectedApi.StartAsync(issuer, configure: o => (o.RequireDPoPNonce, o.DPoPNonceSecret) = (true, Secret));
        await using var other = await ProtectedApi.StartAsync(issuer, configure: o => (o.RequireDPoPNonce, o.DPoPNonceSecret) = (true, Secret));

        var asked = await SendAsync(one, "/me", "DPoP", token, "DPoP", signer.Make("GET", $"http://localhost:{one.Port}/me", issuer.Clock.Now, token));
        var nonce = asked.Headers["DPoP-Nonce"];
        var answered = await SendAsync(other, "/me", "DPoP", token, "DPoP", signer.Make("GET", $"http://localhost:{other.Port}/me", issuer.Clock.Now, token, nonce));

        Assert.Equal((401, "DPOP_NONCE_REQUIRED"), (asked.Status, asked.Codigo));
        Assert.Contains("error=\"use_dpop_nonce\"", asked.Challenge, StringComparison.Ordinal);
        Assert.Equal(200, answered.Status);
        Assert.Equal(nonce, answered.Headers["DPoP-Nonce"]);
        Assert.False((await one.GetAsync("/me", issuer.Token())).Headers.ContainsKey("DPoP-Nonce"));
    }

    [Fact]
    public async Task An_API_may_accept_bound_tokens_only()
    {
        await using var strict = await ProtectedApi.StartAsync(issuer, configure: o => o.RequireDPoP = true);

        var borne = await strict.GetAsync("/me", issuer.Token());
        var missing = await strict.GetAsync("/me");

        Assert.Equal((401, "TOKEN_INVALID"), (borne.Status, borne.Codigo));
        Assert.StartsWith("DPoP realm=", borne.Challenge, StringComparison.Ordinal);
        Assert.Equal("DPoP realm=\"https://api.example.com\", resource_metadata=\"https://api.example.com/.well-known/oauth-protected-resource\", algs=\"ES256 PS256 RS256\"", missing.Challenge);
        Assert.Equal(200, (await SendAsync(strict, "/me", "DPoP", token, "DPoP", signer.Make("GET", $"http://localhost:{strict.Port}/me", issuer.Clock.Now, token))).Status);
    }

    [Fact]
    public async Task Behind_a_proxy_a_proof_names_the_address_that_callers_know()
    {
        await using var hidden = await ProtectedApi.StartAsync(issuer, configure: o => o.PublicUrl = "https://public.example/api");

        Assert.Equal(200, (await SendAsync(hidden, "/me", "DPoP", token, "DPoP", signer.Make("GET", "https://public.example:443/api/me", issuer.Clock.Now, token))).Status);
        Assert.Equal(401, (await SendAsync(hidden, "/me", "DPoP", token, "DPoP", signer.Make("GET", $"http://localhost:{hidden.Port}/me", issuer.Clock.Now, token))).Status);
    }

    [Theory]
    [InlineData("/open/art%C3%ADculos/1")]
    [InlineData("/open/a%20b(c)'~")]
    [InlineData("/open/a%20b%28c%29%27%7E")]
    [InlineData("/open/a%2Fb")]
    public async Task The_path_is_the_same_however_it_is_escaped(string path)
    {
        // No route: the handler runs before, and says 401 for a bad proof, 404 for a good one.
        var answer = await AskAsync(path, "DPoP", token, "DPoP", signer.Make("GET", $"http://localhost:{api.Port}{path}", issuer.Clock.Now, token));

        Assert.Equal(404, answer.Status);
    }

    private string Bound(ProofSigner to) => issuer.Token(new() { [ClaimNames.Confirmation] = new Dictionary<string, string> { [ClaimNames.JwkThumbprint] = to.Thumbprint } });

    private string Proof(Action<JsonObject>? claims = null) => signer.Make("GET", Me, issuer.Clock.Now, token, claims: claims);

    private Task<ApiAnswer> AskAsync(string? proof) => AskAsync("/me", "DPoP", token, "DPoP", proof);

    private Task<ApiAnswer> AskAsync(string path, string scheme, string sent, string header, string? proof) => SendAsync(api, path, scheme, sent, header, proof);

    private static Task<ApiAnswer> SendAsync(ProtectedApi to, string path, string scheme, string sent, string header, string? proof) => to.SendAsync(path, r =>
    {
        r.RequestUri = new Uri(path, UriKind.Relative);
        r.Headers.Host = $"localhost:{to.Port}";
        r.Headers.TryAddWithoutValidation("Authorization", $"{scheme} {sent}");
        if (proof is not null)
        {
            r.Headers.TryAddWithoutValidation(header, proof);
        }
    });
}
