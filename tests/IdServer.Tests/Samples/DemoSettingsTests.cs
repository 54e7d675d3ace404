using IdServer.Configuration;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.Configuration;
using Samples.ResourceApi;
using Xunit;

namespace IdServer.Tests.Samples;

public sealed class DemoSettingsTests
{
    [Fact]
    public void The_demo_s_server_declares_the_client_and_the_resource_that_the_sample_api_is()
    {
        var server = SettingsReader.Read(new ConfigurationBuilder().AddJsonFile(InClone("appsettings.Development.json")).Build());
        var api = new ConfigurationBuilder().AddJsonFile(InClone("src/Samples.ResourceApi/resourceapi.json")).Build().GetRequiredSection("ResourceApi").Get<ResourceApiOptions>()!;

        var client = server.Clients.Single(c => c.ClientId == api.ClientId);
        var resource = server.Scopes.Resources.Single(r => r.Identifier == api.Audience);

        Assert.Equal(server.Protocol.Issuer, api.Issuer);
        Assert.Equal(client.ClientSecret, api.ClientSecret);
        Assert.Superset(new HashSet<string> { GrantTypes.Password, GrantTypes.RefreshToken, GrantTypes.ClientCredentials }, client.GrantTypes!.ToHashSet());
        Assert.False(client.RotateRefreshTokens); // the lesson's client keeps one refresh token
        Assert.Contains("api", resource.Scopes);
        Assert.Contains(api.ClientId, resource.IntrospectionClients);
    }

    private static string InClone(string path) => Path.Combine(Clone.Root, path);
}
