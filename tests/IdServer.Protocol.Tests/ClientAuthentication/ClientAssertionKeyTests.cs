using System.Text;
using System.Text.Json.Nodes;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.ClientAuthentication;

[Spec("RFC 7523", "§3"), Spec("OIDC Core", "§9"), Spec("requirement", "31")]
[Attack("assertion replay and confusion")]
public sealed class ClientAssertionKeyTests : SigningClientTests
{
    public static TheoryData<string> AsymmetricAlgorithms => [.. Algorithms.Asymmetric];

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

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    [InlineData("RS256")]
    [InlineData("es256")]
    [InlineData("")]
    [Spec("RFC 8725", "§3.1")]
    public async Task An_algorithm_that_is_not_the_keys_is_refused(string algorithm) => await RefusedAsync(Signer.Sign(Claims(), h => h["alg"] = algorithm));

    [Fact]
    [Spec("RFC 8725", "§3.2")]
    public async Task An_assertion_without_signature_is_refused()
    {
        var parts = Signer.Sign(Claims(), h => h["alg"] = "none").Split('.');

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
        using var attacker = ClientKeyPair.Create(keyId: Signer.KeyId);
        JsonNode value = header == "jwk" ? attacker.PublicKey : "https://attacker.example/keys";

        await RefusedAsync(attacker.Sign(Claims(), h => h[header] = value.DeepClone()));
        await RefusedAsync(Signer.Sign(Claims(), h => h[header] = value.DeepClone()));
        Assert.Equal(0, Room.Documents.Fetches);
    }

    [Fact]
    [Spec("OIDC Core", "§10.1")]
    public async Task A_kid_may_be_left_out()
    {
        using var second = ClientKeyPair.Create(keyId: "second");
        using var stranger = ClientKeyPair.Create(keyId: "second");
        AddSigner(keys: ClientKeyPair.SetOf(Signer.PublicKey, second.PublicKey));

        await AcceptedAsync(second.Sign(Claims(), h => h.Remove("kid")));
        await RefusedAsync(stranger.Sign(Claims(), h => h.Remove("kid")));
        await RefusedAsync(stranger.Sign(Claims()));
    }

    [Fact]
    public async Task A_kid_of_a_client_names_none_of_another()
    {
        using var other = ClientKeyPair.Create(keyId: "other");
        Room.Add(m => m with { ClientId = "other", ClientSecret = null, TokenEndpointAuthMethod = "private_key_jwt", Jwks = ClientKeyPair.ElementOf(other.Jwks) });

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
        Room.Add(m => m with { ClientId = "secret" });

        await RefusedAsync(Signer.Sign(Claims(c => (c["iss"], c["sub"]) = ("mac", "mac"))));
        await RefusedAsync(Signer.Sign(Claims(c => (c["iss"], c["sub"]) = ("secret", "secret"))));
        await RefusedAsync(Mac(Build.ClientSecret, "secret"));
        await RefusedAsync(Mac(Build.ClientSecret, ClientId));
        AssertRefused(await Room.Authenticator.AuthenticateAsync(ProtocolParameters.Of(), TokenRoom.From(TokenRoom.Basic("mac", Build.ClientSecret)), Ct), "invalid_client");
        AssertRefused(await Room.Authenticator.AuthenticateAsync(ProtocolParameters.Of((Parameters.ClientId, ClientId)), TokenRoom.From(null), Ct), "invalid_client");
    }

    [Fact]
    public async Task A_secret_that_has_expired_signs_no_more()
    {
        Room.Stores.Clients.Add(new Client(
            Build.Metadata() with { ClientId = "mac", ClientSecret = null, TokenEndpointAuthMethod = "client_secret_jwt" },
            [ClientSecret.Of(Build.ClientSecret, Room.Clock.Now.AddSeconds(30), asKey: true), ClientSecret.Of(Build.ClientSecret + "2", asKey: true)]));
        await AcceptedAsync(Mac(Build.ClientSecret));
        await AcceptedAsync(Mac(Build.ClientSecret + "2"));
        Room.Clock.Advance(TimeSpan.FromSeconds(30));

        await RefusedAsync(Mac(Build.ClientSecret));
        await AcceptedAsync(Mac(Build.ClientSecret + "2"));
    }
}
