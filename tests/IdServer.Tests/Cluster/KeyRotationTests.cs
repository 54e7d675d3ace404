using System.Diagnostics;
using System.Text;
using System.Text.Json;
using IdServer.Protocol.Discovery;
using IdServer.Testing;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace IdServer.Tests.Cluster;

[Collection(OneCluster.Name)]
public sealed class KeyRotationTests(RunningCluster cluster)
{
    private const int TokensAfterwards = 60;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private JwkSet keys = new([]);
    private int fetches;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("requirement", "43")]
    public async Task Keys_rotated_on_a_running_cluster_make_no_token_invalid_neither_at_a_node_nor_for_who_follows_kid()
    {
        var first = await IssueAndCheckAsync();
        var before = KeyIdOf(first);

        var rotation = cluster.Nodes[0].RunVerbAsync(Ct, "keys", "rotate", "--now");
        var clock = Stopwatch.StartNew();
        var byKey = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!rotation.IsCompleted || byKey.Where(k => k.Key != before).Sum(k => k.Value) < TokensAfterwards)
        {
            Assert.True(clock.Elapsed < Limit, $"The new key does not sign: {string.Join(", ", byKey)}");
            var keyId = KeyIdOf(await IssueAndCheckAsync());
            byKey[keyId] = byKey.GetValueOrDefault(keyId) + 1;
        }

        var said = await rotation;
        Assert.Equal(2, byKey.Count); // one set of new keys, and the old one until they sign
        Assert.Contains(Assert.Single(byKey.Keys, key => key != before), said, StringComparison.Ordinal);
        Assert.Equal(2, fetches); // a known kid needs no other look at the JWKS
        await CheckAsync(first); // the superseded key stays published
        foreach (var node in cluster.Nodes)
        {
            using var document = JsonDocument.Parse(await cluster.Http.GetByteArrayAsync(new Uri(node.Origin + EndpointPaths.Jwks), Ct));
            Assert.Equal(4, document.RootElement.GetProperty("keys").GetArrayLength());
        }
    }

    private async Task<string> IssueAndCheckAsync()
    {
        using var response = await cluster.SendAsync(
            HttpMethod.Post,
            cluster.Issuer + EndpointPaths.Token,
            null,
            (Parameters.GrantType, GrantTypes.ClientCredentials),
            (Parameters.ClientId, Declared.Machine),
            (Parameters.ClientSecret, Declared.Secret),
            (Parameters.Scope, "articles.read"));
        var token = (await response.JsonAsync()).Text(Parameters.AccessToken);
        await CheckAsync(token);
        return token;
    }

    private async Task CheckAsync(string token)
    {
        Assert.All(await Task.WhenAll(cluster.Nodes.Select(node => cluster.IsActiveAsync(node.Origin, token))), Assert.True);
        if (keys.Find(KeyIdOf(token)) is null)
        {
            fetches++;
            keys = JwkSet.Parse(await cluster.Http.GetByteArrayAsync(new Uri(cluster.Issuer + EndpointPaths.Jwks), Ct)); // of any node
        }

        var outcome = await JwtValidator.ValidateAsync(token, AccessTokenRules.For(cluster.Issuer, [Build.ApiIdentifier]), keys, TimeProvider.System);
        Assert.True(outcome.IsValid, $"{outcome.Fault} with key {KeyIdOf(token)}");
    }

    private static string KeyIdOf(string token)
    {
        using var header = JsonDocument.Parse(Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(token.Split('.')[0])));
        return header.RootElement.GetProperty("kid").GetString()!;
    }
}
