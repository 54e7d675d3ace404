using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Clients;

public sealed class ClientTests
{
    [Fact]
    [Spec("RFC 7591", "§2")]
    public void What_is_not_registered_has_the_default_of_the_specification()
    {
        var client = new Client(new ClientMetadata { ClientId = "a" }, []);

        Assert.Equal("client_secret_basic", client.TokenEndpointAuthMethod);
        Assert.Equal(["authorization_code"], client.GrantTypes);
        Assert.Equal("RS256", client.IdTokenAlgorithm); // OIDC Registration §2
        Assert.Equal(("a", false, false), (client.Name, client.IsNative, client.IsPublic));
    }

    [Fact]
    public void What_is_not_registered_is_the_safer_choice()
    {
        var client = new Client(new ClientMetadata { ClientId = "a" }, []);

        Assert.True(client.RequirePkce && client.RequireConsent && client.RotateRefreshTokens);
        Assert.Empty(client.Scopes);
        Assert.Empty(client.RedirectUris);
        Assert.DoesNotContain("password", client.GrantTypes.AsEnumerable());
    }

    [Fact]
    [Spec("RFC 9700", "§4.14.2")]
    public void A_public_client_rotates_whatever_it_registered() => Assert.True(Build.PublicClient(m => m with { RotateRefreshTokens = false }).RotateRefreshTokens);

    [Fact]
    public void Scopes_keep_their_order_and_come_once() => Assert.Equal(["b", "a"], Build.Client(m => m with { Scope = "b  a b " }).Scopes);

    [Fact]
    public void Metadata_travels_as_JSON_in_the_words_of_the_RFC()
    {
        var json = JsonSerializer.Serialize(Build.Metadata(m => m with { ClientSecret = null, RequirePkce = false }), ClientMetadataJson.Default.ClientMetadata);

        Assert.Contains("\"redirect_uris\":[\"https://app.example/callback\"]", json, StringComparison.Ordinal);
        Assert.Contains("\"require_pkce\":false", json, StringComparison.Ordinal);
        Assert.DoesNotContain("client_secret", json, StringComparison.Ordinal);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize(json, ClientMetadataJson.Default.ClientMetadata)!, ClientMetadataJson.Default.ClientMetadata));
    }
}
