using System.Text.Json;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Stores;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="IClientStore"/> promises.</summary>
public abstract class ClientStoreContract : StoreContract
{
    [Fact]
    public async Task A_registered_client_is_found_as_it_was_registered()
    {
        var metadata = Build.Metadata(m => m with
        {
            ClientSecret = null,
            ClientUri = "https://app.example/",
            Contacts = ["ops@app.example"],
            ApplicationType = "native",
            ResponseTypes = ["code"],
            IdTokenSignedResponseAlg = "ES256",
            AccessTokenSignedResponseAlg = "RS256",
            RequirePkce = false,
            RequireConsent = false,
            RotateRefreshTokens = false,
            DefaultMaxAge = 300,
            AccessTokenLifetime = 600,
        });
        await Stores.RegisterClient(metadata, Build.ClientSecret);

        var found = await Stores.Clients.FindAsync("app", Ct);

        Assert.Equal(JsonOf(metadata), JsonOf(Assert.IsType<Client>(found).Metadata));
    }

    [Fact]
    public async Task The_digest_of_the_secret_is_kept_and_the_secret_is_not()
    {
        await Stores.RegisterClient(Build.Metadata(m => m with { ClientSecret = null }), Build.ClientSecret);

        var found = await Stores.Clients.FindAsync("app", Ct);

        Assert.True(Assert.Single(found!.Secrets).Matches(ClientSecret.DigestOf(Build.ClientSecret), Clock.Now));
        Assert.Null(found.Metadata.ClientSecret);
    }

    [Fact]
    [Spec("OIDC Core", "§9")]
    public async Task A_client_that_signs_with_its_secret_is_found_with_it_and_no_other_one_is()
    {
        await Stores.RegisterClient(Build.Metadata(m => m with { ClientSecret = null, TokenEndpointAuthMethod = "client_secret_jwt" }), Build.ClientSecret);
        Assert.Equal(ClientSecret.KeyOf(Build.ClientSecret), Assert.Single((await Stores.Clients.FindAsync("app", Ct))!.Secrets).Key);

        await Stores.RegisterClient(Build.Metadata(m => m with { ClientSecret = null }), Build.ClientSecret);

        Assert.Null(Assert.Single((await Stores.Clients.FindAsync("app", Ct))!.Secrets).Key);
    }

    [Fact]
    public async Task A_public_client_has_no_secret()
    {
        await Stores.RegisterClient(Build.Metadata(m => m with { ClientSecret = null, TokenEndpointAuthMethod = "none" }), null);

        Assert.Empty((await Stores.Clients.FindAsync("app", Ct))!.Secrets);
    }

    [Theory]
    [InlineData("APP")]
    [InlineData("app ")]
    [InlineData("ap_")]
    [InlineData("a%")]
    [InlineData("")]
    [InlineData("' OR 1=1 --")]
    [InlineData("app\0")]
    public async Task Only_the_exact_client_id_is_found(string clientId)
    {
        await Stores.RegisterClient(Build.Metadata(m => m with { ClientSecret = null }), Build.ClientSecret);

        Assert.Null(await Stores.Clients.FindAsync(clientId, Ct));
    }

    [Fact]
    public async Task A_client_that_is_registered_again_is_replaced()
    {
        await Stores.RegisterClient(Build.Metadata(m => m with { ClientSecret = null }), Build.ClientSecret);
        await Stores.RegisterClient(Build.Metadata(m => m with { ClientSecret = null, ClientName = "Renamed" }), Build.ClientSecret);

        Assert.Equal("Renamed", (await Stores.Clients.FindAsync("app", Ct))?.Name);
    }

    private static string JsonOf(ClientMetadata metadata) => JsonSerializer.Serialize(metadata, ClientMetadataJson.Default.ClientMetadata);
}
