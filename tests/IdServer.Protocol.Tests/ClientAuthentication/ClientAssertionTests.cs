using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using IdServer.Protocol.ClientAuthentication;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.ClientAuthentication;

[Spec("RFC 7523", "§3"), Spec("OIDC Core", "§9"), Spec("requirement", "31")]
[Attack("assertion replay and confusion")]
public sealed class ClientAssertionTests : IAsyncLifetime
{
    private const string ClientId = "signer";

    // One of each for all tests: an RSA key takes longer to make than a test to run.
    private static readonly ClientKeyPair[] Pairs = [.. Algorithms.Asymmetric.Select(a => ClientKeyPair.Create(a, a))];

    private readonly ClientKeyPair pair = Pair("ES256");
    private TokenRoom room = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> AsymmetricAlgorithms => [.. Algorithms.Asymmetric];

    public async ValueTask InitializeAsync()
    {
        room = await TokenRoom.OpenAsync();
        AddSigner();
    }

    public ValueTask DisposeAsync() => room.DisposeAsync();

    [Theory]
    [MemberData(nameof(AsymmetricAlgorithms))]
    [Spec("requirement", "42")]
    public async Task A_client_authenticates_with_its_key(string algorithm)
    {
        AddSigner(keys: Pair(algorithm).Jwks);

        Assert.Equal(ClientId, await AcceptedAsync(Pair(algorithm).Sign(Claims())));
    }

    [Fact]
    public async Task A_client_authenticates_with_its_secret_as_HMAC_key()
    {
        AddSecretSigner();

        Assert.Equal("mac", await AcceptedAsync(Mac(Build.ClientSecret)));
    }

    [Theory]
    [InlineData(Build.ClientSecret + "x")]
    [InlineData("")]
    public async Task Another_secret_is_refused(string secret)
    {
        AddSecretSigner();

        await RefusedAsync(Mac(secret));
    }

    [Fact]
    public async Task A_client_id_in_the_body_must_be_the_same()
    {
        Assert.Equal(ClientId, await AcceptedAsync(pair.Sign(Claims()), (Parameters.ClientId, ClientId)));
        await RefusedAsync(pair.Sign(Claims()), "invalid_request", (Parameters.ClientId, "app"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("jwt-bearer")]
    [InlineData("urn:ietf:params:oauth:client-assertion-type:saml2-bearer")]
    [InlineData("urn:ietf:params:oauth:client-assertion-type:JWT-bearer")]
    [InlineData("urn:ietf:params:oauth:client-assertion-type:jwt-bearer ")]
    [Spec("RFC 7523", "§2.2")]
    public async Task The_assertion_type_is_compared_exactly(string? type)
    {
        var form = ProtocolParameters.Of((Parameters.ClientAssertion, pair.Sign(Claims())));
        if (type is not null)
        {
            form.Add(Parameters.ClientAssertionType, type);
        }

        AssertRefused(await room.Authenticator.AuthenticateAsync(form, TokenRoom.From(null), Ct), "invalid_client");
    }

    [Theory]
    [InlineData("iss", "app")]
    [InlineData("iss", "https://id.example")]
    [InlineData("iss", null)]
    [InlineData("sub", "app")]
    [InlineData("sub", "nobody")]
    [InlineData("sub", "")]
    [InlineData("sub", null)]
    [InlineData("jti", "")]
    [InlineData("jti", null)]
    [InlineData("exp", null)]
    [InlineData("exp", "tomorrow")]
    [InlineData("aud", null)]
    [InlineData("aud", "")]
    [InlineData("aud", "https://other.example")]
    [InlineData("aud", "https://id.example/")]
    [InlineData("aud", "https://id.example/connect")]
    [InlineData("aud", "https://id.example/connect/authorize")]
    [InlineData("aud", "https://id.example.evil.example")]
    [InlineData("aud", "HTTPS://ID.EXAMPLE")]
    [InlineData("iat", "now")]
    [InlineData("nbf", "now")]
    public async Task A_claim_that_is_missing_or_wrong_is_refused(string claim, string? value) => await RefusedAsync(pair.Sign(Claims(c =>
    {
        c.Remove(claim);
        if (value is not null)
        {
            c[claim] = value;
        }
    })));

    [Theory]
    [InlineData("")]
    [InlineData("/connect/token")]
    [InlineData("/connect/par")]
    [InlineData("/connect/introspect")]
    [InlineData("/connect/revocation")]
    [InlineData("/connect/revocations")]
    [Spec("RFC 9126", "§2")]
    public async Task The_audience_is_the_issuer_or_an_endpoint_where_clients_authenticate(string path)
    {
        await AcceptedAsync(pair.Sign(Claims(c => c["aud"] = Build.Issuer + path)));
        await AcceptedAsync(pair.Sign(Claims(c => c["aud"] = new JsonArray("https://other.example", Build.Issuer + path))));
    }

    [Fact]
    [Spec("FAPI 2.0 Security Profile", "§5.3.2.1")]
    public async Task A_client_may_demand_that_its_audience_is_exactly_the_issuer()
    {
        AddSigner(m => m with { RequireIssuerAudience = true });

        await AcceptedAsync(pair.Sign(Claims()));
        await RefusedAsync(pair.Sign(Claims(c => c["aud"] = new JsonArray(Build.Issuer))));
        await RefusedAsync(pair.Sign(Claims(c => c["aud"] = Build.Issuer + "/connect/token")));
        await RefusedAsync(pair.Sign(Claims(c => c["aud"] = Build.Issuer + "/connect/par")));
    }

    [Theory]
    [InlineData("nbf", 8, true)]
    [InlineData("nbf", 10, true)]
    [InlineData("nbf", 11, false)]
    [InlineData("nbf", 60, false)]
    [InlineData("iat", 8, true)]
    [InlineData("iat", 10, true)]
    [InlineData("iat", 11, false)]
    [InlineData("iat", 60, false)]
    [InlineData("iat", -86_400, true)]
    [InlineData("iat", -86_500, false)]
    [InlineData("exp", 86_400, true)]
    [InlineData("exp", 86_500, false)]
    [InlineData("exp", 1_000_000_000, false)]
    [InlineData("exp", -9, true)]
    [InlineData("exp", -10, false)]
    [InlineData("exp", -300, false)]
    public async Task Times_are_believed_within_limits(string claim, int seconds, bool accepted)
    {
        var assertion = pair.Sign(Claims(c => c[claim] = room.Clock.Now.ToUnixTimeSeconds() + seconds));

        if (accepted)
        {
            await AcceptedAsync(assertion);
        }
        else
        {
            await RefusedAsync(assertion);
        }
    }

    [Fact]
    public async Task The_operator_may_set_shorter_limits()
    {
        await using var strict = await TokenRoom.OpenAsync(o => o with { ClientAssertionLifetime = TimeSpan.FromMinutes(5) });
        room = strict;
        AddSigner();
        var now = room.Clock.Now.ToUnixTimeSeconds();

        await AcceptedAsync(pair.Sign(Claims(c => c["exp"] = now + 300)));
        await RefusedAsync(pair.Sign(Claims(c => c["exp"] = now + 311)));
        await RefusedAsync(pair.Sign(Claims(c => c["iat"] = now - 311)));
    }

    [Fact]
    [Spec("requirement", "31")]
    public async Task A_client_may_have_a_shorter_limit_of_its_own_and_no_longer_one()
    {
        AddSigner(m => m with { ClientAssertionLifetime = 60 });
        var now = room.Clock.Now.ToUnixTimeSeconds();

        await AcceptedAsync(pair.Sign(Claims(c => c["exp"] = now + 60)));
        await RefusedAsync(pair.Sign(Claims(c => c["exp"] = now + 71)));
        await RefusedAsync(pair.Sign(Claims(c => (c["iat"], c["exp"]) = (now - 71, now + 60))));

        await using var strict = await TokenRoom.OpenAsync(o => o with { ClientAssertionLifetime = TimeSpan.FromSeconds(60) });
        room = strict;
        AddSigner(m => m with { ClientAssertionLifetime = 600 });
        await RefusedAsync(pair.Sign(Claims(c => c["exp"] = now + 71)));
    }

    [Fact]
    public async Task An_assertion_without_iat_and_nbf_is_accepted() => await AcceptedAsync(pair.Sign(Claims(c => c.Remove("iat"))));

    [Fact]
    public async Task An_assertion_is_used_once()
    {
        var assertion = pair.Sign(Claims());
        await AcceptedAsync(assertion);

        await RefusedAsync(assertion);
        await RefusedAsync(pair.Sign(Claims(c => c["jti"] = JtiOf(assertion)))); // the same jti in another one
    }

    [Fact]
    public async Task It_is_remembered_as_long_as_it_would_be_believed()
    {
        var assertion = pair.Sign(Claims());
        await AcceptedAsync(assertion);
        room.Clock.Advance(TimeSpan.FromSeconds(69)); // exp and the tolerance of clocks, less a second

        var error = await RefusedAsync(assertion);
        Assert.Contains("used before", error.Reason, StringComparison.Ordinal);
        room.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("Expired", (await RefusedAsync(assertion)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_client_may_use_the_same_jti()
    {
        using var other = ClientKeyPair.Create();
        room.Add(m => m with { ClientId = "other", ClientSecret = null, TokenEndpointAuthMethod = "private_key_jwt", Jwks = ClientKeyPair.ElementOf(other.Jwks) });
        await AcceptedAsync(pair.Sign(Claims(c => c["jti"] = "1")));

        Assert.Equal("other", await AcceptedAsync(other.Sign(Claims(c => (c["iss"], c["sub"], c["jti"]) = ("other", "other", "1")))));
    }

    [Fact]
    public async Task A_refused_assertion_does_not_spend_its_jti()
    {
        await RefusedAsync(pair.Sign(Claims(c => (c["jti"], c["aud"]) = ("1", "https://other.example"))));

        await AcceptedAsync(pair.Sign(Claims(c => c["jti"] = "1")));
    }

    [Fact]
    public async Task Of_64_parallel_uses_of_one_assertion_exactly_one_is_accepted()
    {
        var assertion = pair.Sign(Claims());

        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => (await AuthenticateAsync(assertion)).TryGet(out AuthenticatedClient? _, out OAuthError? _), Ct)));

        Assert.Single(results, accepted => accepted);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    [InlineData("RS256")]
    [InlineData("es256")]
    [InlineData("")]
    [Spec("RFC 8725", "§3.1")]
    public async Task An_algorithm_that_is_not_the_keys_is_refused(string algorithm) => await RefusedAsync(pair.Sign(Claims(), h => h["alg"] = algorithm));

    [Fact]
    [Spec("RFC 8725", "§3.2")]
    public async Task An_assertion_without_signature_is_refused()
    {
        var parts = pair.Sign(Claims(), h => h["alg"] = "none").Split('.');

        await RefusedAsync($"{parts[0]}.{parts[1]}.");
        await RefusedAsync($"{parts[0]}.{parts[1]}");
    }

    [Fact]
    [Spec("RFC 8725", "§2.1")]
    public async Task A_MAC_with_the_public_key_as_secret_is_refused()
    {
        AddSigner(keys: Pair("RS256").Jwks);
        foreach (var secret in (string[])[Pair("RS256").Pem(), Pair("RS256").Pem() + "\n", Pair("RS256").Jwks, Pair("RS256").PublicKey.ToJsonString(), ""])
        {
            foreach (var algorithm in (string[])["HS256", "RS256"])
            {
                await RefusedAsync(ClientKeyPair.Mac(Encoding.UTF8.GetBytes(secret), new JsonObject { ["alg"] = algorithm, ["kid"] = "RS256" }, Claims()));
            }
        }
    }

    [Theory]
    [InlineData("jwk")]
    [InlineData("jku")]
    [InlineData("x5u")]
    [Spec("RFC 8725", "§3.10")]
    public async Task An_assertion_that_brings_its_own_key_is_refused(string header)
    {
        using var attacker = ClientKeyPair.Create(keyId: pair.KeyId);
        JsonNode value = header == "jwk" ? attacker.PublicKey : "https://attacker.example/keys";

        await RefusedAsync(attacker.Sign(Claims(), h => h[header] = value.DeepClone()));
        await RefusedAsync(pair.Sign(Claims(), h => h[header] = value.DeepClone()));
        Assert.Equal(0, room.Documents.Fetches);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("JWT")]
    [InlineData("jwt")]
    [InlineData("client-authentication+jwt")]
    [InlineData("application/client-authentication+jwt")]
    [InlineData("anything")]
    public async Task The_typ_is_the_clients_affair(string? type) => await AcceptedAsync(pair.Sign(Claims(), h =>
    {
        if (type is not null)
        {
            h["typ"] = type;
        }
    }));

    [Theory]
    [InlineData("dpop+jwt")]
    [InlineData("oauth-authz-req+jwt")]
    [InlineData("application/OAuth-AuthZ-Req+JWT")]
    [InlineData("at+jwt")]
    [InlineData("logout+jwt")]
    [Spec("RFC 8725", "§3.12")]
    public async Task A_JWT_of_another_purpose_is_no_assertion(string type) => await RefusedAsync(pair.Sign(Claims(), h => h["typ"] = type));

    [Fact]
    [Spec("OIDC Core", "§10.1")]
    public async Task A_kid_may_be_left_out()
    {
        using var second = ClientKeyPair.Create(keyId: "second");
        using var stranger = ClientKeyPair.Create(keyId: "second");
        AddSigner(keys: ClientKeyPair.SetOf(pair.PublicKey, second.PublicKey));

        await AcceptedAsync(second.Sign(Claims(), h => h.Remove("kid")));
        await RefusedAsync(stranger.Sign(Claims(), h => h.Remove("kid")));
        await RefusedAsync(stranger.Sign(Claims()));
    }

    [Fact]
    public async Task A_kid_of_a_client_names_none_of_another()
    {
        using var other = ClientKeyPair.Create(keyId: "other");
        room.Add(m => m with { ClientId = "other", ClientSecret = null, TokenEndpointAuthMethod = "private_key_jwt", Jwks = ClientKeyPair.ElementOf(other.Jwks) });

        await RefusedAsync(other.Sign(Claims()));
    }

    [Fact]
    public async Task The_registered_algorithm_is_the_only_one()
    {
        using var rsa = ClientKeyPair.Create("RS256");
        var keys = rsa.PublicKey;
        keys.Remove("alg"); // good for both of RSA's
        AddSigner(m => m with { TokenEndpointAuthSigningAlg = "PS256" }, ClientKeyPair.SetOf(keys));

        await RefusedAsync(rsa.Sign(Claims()));

        AddSigner(m => m with { TokenEndpointAuthSigningAlg = "RS256" }, ClientKeyPair.SetOf(rsa.PublicKey));
        await AcceptedAsync(rsa.Sign(Claims()));
    }

    [Fact]
    [Spec("requirement", "25")]
    public async Task Only_the_registered_method_is_accepted()
    {
        AddSecretSigner();
        room.Add(m => m with { ClientId = "secret" });

        await RefusedAsync(pair.Sign(Claims(c => (c["iss"], c["sub"]) = ("mac", "mac"))));
        await RefusedAsync(pair.Sign(Claims(c => (c["iss"], c["sub"]) = ("secret", "secret"))));
        await RefusedAsync(Mac(Build.ClientSecret, "secret"));
        await RefusedAsync(Mac(Build.ClientSecret, ClientId));
        AssertRefused(await room.Authenticator.AuthenticateAsync(ProtocolParameters.Of(), TokenRoom.From(TokenRoom.Basic("mac", Build.ClientSecret)), Ct), "invalid_client");
        AssertRefused(await room.Authenticator.AuthenticateAsync(ProtocolParameters.Of((Parameters.ClientId, ClientId)), TokenRoom.From(null), Ct), "invalid_client");
    }

    [Fact]
    public async Task A_secret_that_has_expired_signs_no_more()
    {
        room.Stores.Clients.Add(new Client(
            Build.Metadata() with { ClientId = "mac", ClientSecret = null, TokenEndpointAuthMethod = "client_secret_jwt" },
            [ClientSecret.Of(Build.ClientSecret, room.Clock.Now.AddSeconds(30), asKey: true), ClientSecret.Of(Build.ClientSecret + "2", asKey: true)]));
        await AcceptedAsync(Mac(Build.ClientSecret));
        await AcceptedAsync(Mac(Build.ClientSecret + "2"));
        room.Clock.Advance(TimeSpan.FromSeconds(30));

        await RefusedAsync(Mac(Build.ClientSecret));
        await AcceptedAsync(Mac(Build.ClientSecret + "2"));
    }

    [Fact]
    public async Task What_is_no_JWT_or_too_long_is_refused()
    {
        foreach (var assertion in (string[])["x", "..", "a.b.c", "e30.e30.e30", pair.Sign(Claims()) + "x", pair.Sign([]), pair.Sign(Claims(c => c["pad"] = new string('x', 9000))), pair.Sign(Claims(), h => h["pad"] = new string('x', 9000)), pair.Sign(Claims(), h => h["crit"] = new JsonArray("x"))])
        {
            await RefusedAsync(assertion);
        }
    }

    private static ClientKeyPair Pair(string algorithm) => Pairs.Single(p => p.Algorithm == algorithm);

    private static string JtiOf(string assertion) => JsonNode.Parse(Base64Url.DecodeFromChars(assertion.Split('.')[1]))!["jti"]!.GetValue<string>();

    private void AddSigner(Func<ClientMetadata, ClientMetadata>? with = null, string? keys = null)
    {
        room.Add(m => (with ?? (x => x))(m with { ClientId = ClientId, ClientSecret = null, TokenEndpointAuthMethod = "private_key_jwt", Jwks = ClientKeyPair.ElementOf(keys ?? pair.Jwks) }));
        room.Changes.Publish(new(Events.ChangeKind.Client, ClientId));
    }

    private void AddSecretSigner() => room.Add(m => m with { ClientId = "mac", TokenEndpointAuthMethod = "client_secret_jwt" });

    private JsonObject Claims(Action<JsonObject>? with = null)
    {
        var now = room.Clock.Now.ToUnixTimeSeconds();
        var claims = new JsonObject { ["iss"] = ClientId, ["sub"] = ClientId, ["aud"] = Build.Issuer, ["jti"] = Handle.New(room.Clock).Value, ["iat"] = now, ["exp"] = now + 60 };
        with?.Invoke(claims);
        return claims;
    }

    private string Mac(string secret, string clientId = "mac") =>
        ClientKeyPair.Mac(Encoding.UTF8.GetBytes(secret), new JsonObject { ["alg"] = "HS256" }, Claims(c => (c["iss"], c["sub"]) = (clientId, clientId)));

    private async Task<OAuthResult<AuthenticatedClient>> AuthenticateAsync(string assertion, params (string Name, string Value)[] more) => await room.Authenticator.AuthenticateAsync(
        ProtocolParameters.Of([(Parameters.ClientAssertionType, ClientAssertion.AssertionType), (Parameters.ClientAssertion, assertion), .. more]), TokenRoom.From(null), Ct);

    private async Task<string> AcceptedAsync(string assertion, params (string Name, string Value)[] more) => TokenRoom.Granted(await AuthenticateAsync(assertion, more)).Client.ClientId;

    private Task<OAuthError> RefusedAsync(string assertion) => RefusedAsync(assertion, "invalid_client");

    private async Task<OAuthError> RefusedAsync(string assertion, string code, params (string Name, string Value)[] more)
    {
        var used = room.Replays.Count;
        var error = AssertRefused(await AuthenticateAsync(assertion, more), code);
        Assert.Equal(used, room.Replays.Count);
        return error;
    }

    private OAuthError AssertRefused(OAuthResult<AuthenticatedClient> result, string code) => room.AssertRefused(result, code, code == "invalid_client" ? 401 : 400, room.Stores.Writes);
}
