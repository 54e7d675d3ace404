using System.Net;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresOfThisRun))]

namespace IdServer.Tests.Hosting;

/// <summary>Two nodes of one issuer on one PostgreSQL, keys in the database, no sticky sessions.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    private static int databases;

    private RunningServer one = null!;
    private RunningServer other = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var postgres = await InstalledPostgres.GetAsync();
        var settings = new Dictionary<string, string?>
        {
            ["IdServer:Issuer"] = "http://localhost:5100",
            ["IdServer:Database:Provider"] = "PostgreSQL",
            ["IdServer:Database:ConnectionString"] = postgres.Named("hosts_" + Interlocked.Increment(ref databases)),
            ["IdServer:Keys:Source"] = "Database",
            ["IdServer:Keys:EncryptionKey"] = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)),
        };

        // At once, on a database that is not there yet.
        (one, other) = (new RunningServer { Settings = settings }, new RunningServer { Settings = settings });
        await Task.WhenAll(one.InitializeAsync().AsTask(), other.InitializeAsync().AsTask());
    }

    public async ValueTask DisposeAsync()
    {
        await one.DisposeAsync();
        await other.DisposeAsync();
    }

    [Fact]
    [Spec("RFC 9449", "§11.1"), Spec("requirement", "38")]
    public async Task A_proof_that_one_node_took_is_spent_at_the_other()
    {
        var proof = new ProofSigner().Make("POST", "http://localhost:5100/connect/token", one.Clock.GetUtcNow());

        using var first = await AskAsync(one);
        using var second = await AskAsync(other);

        Assert.Equal("DPoP", (await first.JsonAsync()).Text(Parameters.TokenType));
        await second.AssertErrorAsync(400, ErrorCodes.InvalidDPoPProof);

        Task<HttpResponseMessage> AskAsync(RunningServer node) => node.SendAsync(
            HttpMethod.Post, "connect/token", Wire.Basic(Declared.Api), new FormUrlEncodedContent([new(Parameters.GrantType, GrantTypes.ClientCredentials)]), ("DPoP", proof));
    }

    [Fact]
    public async Task Nodes_that_start_at_once_publish_the_same_keys()
    {
        Assert.Equal(await one.Http.GetStringAsync(".well-known/jwks.json", Ct), await other.Http.GetStringAsync(".well-known/jwks.json", Ct));
    }

    [Fact]
    [Spec("RFC 6749", "§4.1")]
    public async Task A_flow_may_go_on_at_another_node_at_every_step()
    {
        using var browser = one.NewBrowser();
        var code = await browser.CodeAsync();

        using var redeemed = await other.RedeemAsync(code);
        var tokens = await redeemed.JsonAsync();
        using var refreshed = await one.RefreshAsync(tokens.Text(Parameters.RefreshToken));
        var later = await refreshed.JsonAsync();

        foreach (var (node, token) in new[] { (one, tokens), (other, later) })
        {
            using var userinfo = await node.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(token.Text(Parameters.AccessToken)));
            Assert.Equal("Ana García", (await userinfo.JsonAsync()).Text(ClaimNames.Name));
        }
    }

    [Fact]
    [Spec("RFC 6749", "§10.5")]
    public async Task A_code_used_on_two_nodes_at_once_is_redeemed_by_one()
    {
        using var browser = one.NewBrowser();
        var code = await browser.CodeAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? one : other).RedeemAsync(code)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    [Spec("RFC 7009", "§2")]
    public async Task A_token_revoked_at_one_node_is_refused_by_the_other_within_two_seconds()
    {
        var token = (await one.TokensAsync()).Text(Parameters.AccessToken);
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(other, token));

        using var revoked = await one.PostAsync("connect/revocation", Wire.Basic(Declared.App), (Parameters.Token, token));
        revoked.EnsureSuccessStatusCode();
        var begun = TimeProvider.System.GetTimestamp();

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(one, token));
        while (await StatusOfAsync(other, token) != HttpStatusCode.Unauthorized)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Bound, "The other node still takes the token.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), Ct);
        }
    }

    private static async Task<HttpStatusCode> StatusOfAsync(RunningServer node, string token)
    {
        using var response = await node.SendAsync(HttpMethod.Get, "connect/userinfo", Wire.Bearer(token));
        return response.StatusCode;
    }
}
