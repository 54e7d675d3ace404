using System.Text.Json.Nodes;
using IdServer.Protocol.Clients;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Clients;

[Spec("RFC 7591", "§2"), Spec("requirement", "32")]
public sealed class ClientKeyRulesTests
{
    private static readonly ClientKeyPair Pair = ClientKeyPair.Create();

    private static readonly ClientMetadata Signer = Build.Metadata(m => m with { ClientSecret = null, TokenEndpointAuthMethod = "private_key_jwt", Jwks = ClientKeyPair.ElementOf(Pair.Jwks) });

    [Fact]
    public void A_client_with_keys_or_their_address_is_acceptable()
    {
        Assert.Empty(Check(Signer));
        Assert.Empty(Check(Signer with { Jwks = null, JwksUri = "https://app.example/jwks" }));
        Assert.Empty(Check(Signer with { Jwks = null, JwksUri = "http://127.0.0.1:5000/jwks" }));
        Assert.Empty(Check(Signer with { TokenEndpointAuthSigningAlg = "PS256" }));
        Assert.Empty(Check(Build.Metadata(m => m with { TokenEndpointAuthMethod = "client_secret_jwt", TokenEndpointAuthSigningAlg = "HS256" })));
    }

    [Fact]
    public void A_client_that_signs_has_keys_in_one_place_and_no_secret()
    {
        AssertFault("jwks stands beside jwks_uri", Signer with { JwksUri = "https://app.example/jwks" });
        AssertFault("jwks is missing", Signer with { Jwks = null });
        AssertFault("client_secret is set although", Signer with { ClientSecret = Build.ClientSecret });
    }

    [Theory]
    [InlineData("http://app.example/jwks")]
    [InlineData("https://user@app.example/jwks")]
    [InlineData("https://app.example/jwks#a")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://app.example/")]
    [InlineData("/jwks")]
    [InlineData("https://")]
    [InlineData("")]
    public void An_address_that_cannot_be_fetched_safely_is_a_fault(string address) => AssertFault("jwks_uri is", Signer with { Jwks = null, JwksUri = address });

    [Theory]
    [InlineData("private_key_jwt", "HS256")]
    [InlineData("private_key_jwt", "none")]
    [InlineData("private_key_jwt", "ES384")]
    [InlineData("client_secret_jwt", "RS256")]
    [InlineData("client_secret_basic", "RS256")]
    public void A_signing_algorithm_that_does_not_fit_the_method_is_a_fault(string method, string algorithm) =>
        AssertFault("token_endpoint_auth_signing_alg is", Signer with { TokenEndpointAuthMethod = method, TokenEndpointAuthSigningAlg = algorithm });

    [Theory]
    [InlineData("private_key_jwt", 0)]
    [InlineData("private_key_jwt", 86_401)]
    [InlineData("client_secret_basic", 60)]
    [Spec("requirement", "31")]
    public void A_limit_of_assertions_is_for_who_makes_them_and_at_most_a_day(string method, int seconds)
    {
        AssertFault("client_assertion_lifetime is", Signer with { TokenEndpointAuthMethod = method, ClientAssertionLifetime = seconds });
        Assert.Empty(Check(Signer with { ClientAssertionLifetime = 60 }));
    }

    [Fact]
    public void Each_bad_key_is_told_what_is_wrong()
    {
        using var weak = ClientKeyPair.Create("RS256", rsaBits: 1024);
        AssertKeyFault("private members", Pair.PrivateKey());
        AssertKeyFault("too weak", weak.PublicKey);
        AssertKeyFault("of a kind that is not used", new JsonObject { ["kty"] = "OKP", ["crv"] = "Ed25519", ["x"] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
        AssertKeyFault("private members", new JsonObject { ["kty"] = "oct", ["k"] = "c2VjcmV0" });
        AssertKeyFault("another use than sig", With("use", "enc"));
        AssertKeyFault("key_ops without verify", With("key_ops", new JsonArray("encrypt")));
        AssertKeyFault("an alg that is not used", With("alg", "ES512"));
        AssertKeyFault("not for a key of its kty", With("alg", "RS256"));
        AssertKeyFault("is broken", With("x", "AAAA"));
        AssertKeyFault("not an object", JsonValue.Create(7));
        AssertFault("has the kid of another one", Signer with { Jwks = ClientKeyPair.ElementOf(ClientKeyPair.SetOf(Pair.PublicKey, Pair.PublicKey)) });
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":[]}""")]
    public void What_is_no_key_set_is_a_fault(string jwks) => AssertFault("jwks ", Signer with { Jwks = ClientKeyPair.ElementOf(jwks) });

    private static JsonObject With(string member, JsonNode value)
    {
        var key = Pair.PublicKey;
        key[member] = value;
        return key;
    }

    private static void AssertKeyFault(string text, JsonNode key) => AssertFault(text, Signer with { Jwks = ClientKeyPair.ElementOf(ClientKeyPair.SetOf(key)) });

    private static void AssertFault(string text, ClientMetadata client) => Assert.Contains(Check(client), fault => fault.Contains(text, StringComparison.Ordinal));

    private static string[] Check(ClientMetadata client) => [.. ClientMetadataRules.Check(client, _ => true).Select(f => $"{f.Member} {f.Sentence}")];
}
