using System.Net.Http.Headers;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Routes;

/// <summary>Proofs of possession over HTTP, on a server that demands nonces.</summary>
[Spec("RFC 9449", "§8"), Spec("requirement", "38"), Spec("requirement", "44")]
public sealed class ProofTests : IAsyncLifetime
{
    private readonly ProofSigner signer = new();
    private RunningServer server = null!;

    public async ValueTask InitializeAsync() =>
        server = await RunningServer.StartAsync(new RunningServer { Settings = new Dictionary<string, string?> { ["IdServer:DPoP:RequireNonce"] = "true" } });

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_client_takes_the_nonce_of_each_endpoint_and_is_let_in()
    {
        using var demanded = await TokenAsync(null);
        await demanded.AssertErrorAsync(400, ErrorCodes.UseDPoPNonce);
        var nonce = NonceOf(demanded);
        using var granted = await TokenAsync(nonce);
        var tokens = await granted.JsonAsync();

        Assert.Equal("DPoP", tokens.Text(Parameters.TokenType));
        Assert.Equal(nonce, NonceOf(granted)); // §8.2

        var token = tokens.Text(Parameters.AccessToken);
        using var refused = await UserInfoAsync(token, null);
        await refused.AssertErrorAsync(401, ErrorCodes.UseDPoPNonce);
        var challenge = Assert.Single(refused.Headers.WwwAuthenticate);
        Assert.Equal("DPoP", challenge.Scheme);
        Assert.Contains("error=\"use_dpop_nonce\"", challenge.Parameter, StringComparison.Ordinal);
        Assert.EndsWith("algs=\"ES256 PS256 RS256\"", challenge.Parameter, StringComparison.Ordinal);

        using var claims = await UserInfoAsync(token, NonceOf(refused));
        Assert.Equal(await server.SubjectOfAsync(Declared.User), (await claims.JsonAsync()).Text(ClaimNames.Subject));
    }

    [Fact]
    [Spec("RFC 9449", "§7.2")]
    public async Task A_bound_token_is_no_bearer_token()
    {
        using var granted = await TokenAsync(await NonceAsync());
        var token = (await granted.JsonAsync()).Text(Parameters.AccessToken);

        using var response = await server.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(token));

        await response.AssertErrorAsync(401, ErrorCodes.InvalidToken);
        Assert.Equal(["Bearer", "DPoP"], response.Headers.WwwAuthenticate.Select(c => c.Scheme));
    }

    [Fact]
    [Spec("RFC 9449", "§10.1")]
    public async Task A_pushed_request_is_asked_for_the_nonce_too()
    {
        using var response = await server.SendAsync(
            HttpMethod.Post, "connect/par", Wire.Basic(Declared.App), new FormUrlEncodedContent(Pushed()), ("DPoP", signer.Make("POST", server.Issuer + "/connect/par", server.Clock.GetUtcNow())));
        using var accepted = await server.SendAsync(
            HttpMethod.Post, "connect/par", Wire.Basic(Declared.App), new FormUrlEncodedContent(Pushed()), ("DPoP", signer.Make("POST", server.Issuer + "/connect/par", server.Clock.GetUtcNow(), nonce: NonceOf(response))));

        await response.AssertErrorAsync(400, ErrorCodes.UseDPoPNonce);
        Assert.Equal(201, (int)accepted.StatusCode);
    }

    [Fact]
    public async Task Two_headers_are_no_proof_and_write_nothing()
    {
        var rows = await server.CountRowsAsync();
        using var response = await server.SendAsync(HttpMethod.Post, "connect/token", Wire.Basic(Declared.Trusted), Form(), ("dpop", Proof(null)), ("DPOP", Proof(null)));

        await response.AssertErrorAsync(400, ErrorCodes.InvalidDPoPProof);
        Assert.Equal(rows, await server.CountRowsAsync());
    }

    [Fact]
    [Spec("RFC 9449", "§5.1")]
    public async Task Discovery_names_the_algorithms()
    {
        using var response = await server.SendAsync(HttpMethod.Get, ".well-known/openid-configuration");

        Assert.Equal(["ES256", "PS256", "RS256"], (await response.JsonAsync()).GetProperty("dpop_signing_alg_values_supported").EnumerateArray().Select(a => a.GetString()));
    }

    [Fact]
    public async Task A_request_without_a_proof_is_offered_no_nonce()
    {
        using var response = await server.PostAsync("connect/token", Wire.Basic(Declared.Trusted), [.. Password()]);

        Assert.Equal("Bearer", (await response.JsonAsync()).Text(Parameters.TokenType));
        Assert.False(response.Headers.Contains("DPoP-Nonce"));
    }

    private static string NonceOf(HttpResponseMessage response) => Assert.Single(response.Headers.GetValues("DPoP-Nonce"));

    private async Task<string> NonceAsync()
    {
        using var response = await TokenAsync(null);
        return NonceOf(response);
    }

    private Task<HttpResponseMessage> TokenAsync(string? nonce) => server.SendAsync(HttpMethod.Post, "connect/token", Wire.Basic(Declared.Trusted), Form(), ("DPoP", Proof(nonce)));

    private Task<HttpResponseMessage> UserInfoAsync(string token, string? nonce) => server.SendAsync(
        HttpMethod.Get, "connect/userinfo", new AuthenticationHeaderValue("DPoP", token), null, ("DPoP", signer.Make("GET", server.Issuer + "/connect/userinfo", server.Clock.GetUtcNow(), token, nonce)));

    private string Proof(string? nonce) => signer.Make("POST", server.Issuer + "/connect/token", server.Clock.GetUtcNow(), nonce: nonce);

    private static FormUrlEncodedContent Form() => new(Password().Select(p => KeyValuePair.Create(p.Name, p.Value)));

    private static IEnumerable<(string Name, string Value)> Password() =>
        [(Parameters.GrantType, GrantTypes.Password), (Parameters.Username, Declared.User), (Parameters.Password, Declared.Password), (Parameters.Scope, "openid")];

    private static Dictionary<string, string> Pushed() => new()
    {
        [Parameters.ResponseType] = "code",
        [Parameters.RedirectUri] = Declared.RedirectUri,
        [Parameters.Scope] = "openid",
        [Parameters.CodeChallenge] = Build.CodeChallenge,
        [Parameters.CodeChallengeMethod] = "S256",
    };
}
