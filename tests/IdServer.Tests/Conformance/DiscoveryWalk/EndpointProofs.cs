using System.Net;
using System.Text.Json;
using Xunit;

namespace IdServer.Tests.Conformance.DiscoveryWalk;

/// <summary>Addresses. What they do is proved by what is published about them.</summary>
internal static class EndpointProofs
{
    public static Task IssuerAsync(Walk walk, JsonElement issuer)
    {
        Assert.Equal(walk.Server.Issuer, issuer.GetString());
        return Task.CompletedTask;
    }

    public static async Task AnswersAsync(Walk walk, JsonElement address)
    {
        using var answer = await walk.Server.PostAsync(address.GetString()!, null);

        Assert.True(answer.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed) && (int)answer.StatusCode < 500, $"{address}: {answer.StatusCode}");
    }

    public static async Task KeysAsync(Walk walk, JsonElement address)
    {
        using var answer = await walk.Server.SendAsync(HttpMethod.Get, address.GetString()!);

        Assert.NotEmpty(new PublishedKeys(await answer.JsonAsync()).Ids);
    }
}
