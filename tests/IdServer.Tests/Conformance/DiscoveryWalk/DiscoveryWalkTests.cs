using System.Text.Json;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Conformance.DiscoveryWalk;

/// <summary>Discovery is truthful: every member it publishes is read here and proved, value by value. A member that nobody can prove fails.</summary>
[Spec("RFC 8414", "§2")]
[Spec("requirement", "42")]
public sealed class DiscoveryWalkTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    public static TheoryData<string> Provable => [.. PublishedMembers.Proofs.Keys];

    [Fact]
    public async Task Every_published_member_can_be_proved() =>
        Assert.Empty((await MetadataAsync()).EnumerateObject().Select(member => member.Name).Except(PublishedMembers.Proofs.Keys));

    [Theory]
    [MemberData(nameof(Provable))]
    public async Task What_a_published_member_says_is_so(string name)
    {
        if ((await MetadataAsync()).TryGetProperty(name, out var value))
        {
            await PublishedMembers.Proofs[name](new Walk(server), value);
        }
    }

    private async Task<JsonElement> MetadataAsync()
    {
        using var response = await server.Running.SendAsync(HttpMethod.Get, ".well-known/openid-configuration");
        return await response.JsonAsync();
    }
}
