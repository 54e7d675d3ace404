using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using System.Web;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Cluster;

[Collection(OneCluster.Name)]
public sealed partial class ClusterTests(RunningCluster cluster)
{
    /// <summary>What the documentation promises.</summary>
    private static readonly TimeSpan Effect = TimeSpan.FromSeconds(2);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_nodes_that_start_at_once_without_a_database_make_one_schema_one_set_of_keys_and_each_declaration_once()
    {
        Assert.Equal(0, await cluster.ScalarAsync("SELECT COUNT(*) - COUNT(DISTINCT \"MigrationId\") FROM \"__EFMigrationsHistory\""));
        Assert.Equal(2, await cluster.ScalarAsync("SELECT COUNT(*) FROM \"AspNetUsers\""));
        Assert.Equal(Declared.Clients, await cluster.ScalarAsync("SELECT COUNT(*) FROM clients"));
        Assert.Equal(["ES256", "RS256"], JwkSet.Parse(cluster.FirstKeys[0]).Keys.Select(key => key.Algorithm!).Order(StringComparer.Ordinal));
        Assert.All(cluster.FirstKeys, keys => Assert.Equal(cluster.FirstKeys[0], keys));
        await cluster.UntilAllServeAsync();
    }

    [Fact]
    [Spec("RFC 6749", "§4.1")]
    public async Task A_code_flow_goes_through_the_proxy_with_every_request_on_another_node()
    {
        var nodes = new List<string>();
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = new Uri(cluster.Issuer + "/") };

        using var authorize = await SeenAsync(browser.GetAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request()), Ct), nodes);
        using var page = await SeenAsync(browser.GetAsync(authorize.Headers.Location, Ct), nodes);
        using var form = new FormUrlEncodedContent(
        [
            new("username", Declared.User), new("password", Declared.Password), new("login-submit", "yes"),
            new("anti-forgery", FormToken().Match(await page.Content.ReadAsStringAsync(Ct)).Groups["token"].Value),
        ]);
        using var login = await SeenAsync(browser.PostAsync(authorize.Headers.Location, form, Ct), nodes);
        Assert.True(login.StatusCode == HttpStatusCode.SeeOther, await login.Content.ReadAsStringAsync(Ct));
        using var answer = await SeenAsync(browser.GetAsync(login.Headers.Location, Ct), nodes);
        Assert.True(answer.StatusCode == HttpStatusCode.SeeOther, await answer.Content.ReadAsStringAsync(Ct));
        var code = HttpUtility.ParseQueryString(answer.Headers.Location!.Query)[Parameters.Code]!;
        using var redeemed = await SeenAsync(
            cluster.SendAsync(
                HttpMethod.Post,
                cluster.Issuer + "/connect/token",
                Wire.Basic(Declared.App),
                (Parameters.GrantType, GrantTypes.AuthorizationCode),
                (Parameters.Code, code),
                (Parameters.RedirectUri, Declared.RedirectUri),
                (Parameters.CodeVerifier, Build.CodeVerifier)),
            nodes);

        var tokens = await redeemed.JsonAsync();
        using var userInfo = await SeenAsync(cluster.SendAsync(HttpMethod.Get, cluster.Issuer + "/connect/userinfo", Wire.Bearer(tokens.Text(Parameters.AccessToken))), nodes);
        Assert.Equal(HttpStatusCode.OK, userInfo.StatusCode);
        Assert.Equal(6, nodes.Count);
        Assert.All(nodes.Zip(nodes.Skip(1)), pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.Equal(3, nodes.Distinct().Count());
    }

    [Fact]
    [Spec("RFC 6749", "§10.5")]
    public async Task A_code_that_one_node_redeemed_is_refused_by_the_others_and_its_tokens_end()
    {
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = new Uri(cluster.Issuer + "/") };
        var code = await CodeAsync(browser);

        using var first = await RedeemAsync(cluster.Nodes[0].Origin, code);
        var tokens = await first.JsonAsync();
        using var second = await RedeemAsync(cluster.Nodes[1].Origin, code);

        await second.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        await AssertRefusedEverywhereAsync(tokens.Text(Parameters.AccessToken));
    }

    [Fact]
    [Spec("RFC 7009", "§2.1")]
    public async Task A_token_revoked_on_one_node_is_refused_on_the_others_and_through_the_proxy_within_two_seconds()
    {
        foreach (var revoking in cluster.Nodes)
        {
            var tokens = await cluster.TokensAsync(cluster.Issuer);
            var token = tokens.Text(Parameters.AccessToken);
            await AssertGoodEverywhereAsync(token);

            using var revocation = await cluster.SendAsync(HttpMethod.Post, revoking.Origin + "/connect/revocation", Wire.Basic(Declared.Trusted), (Parameters.Token, token));

            Assert.Equal(HttpStatusCode.OK, revocation.StatusCode);
            await AssertRefusedEverywhereAsync(token);
        }
    }

    [Fact]
    public async Task A_user_disabled_by_a_verb_is_refused_on_every_node_within_two_seconds_and_can_come_back()
    {
        const string User = "berta";
        var tokens = await cluster.TokensAsync(cluster.Nodes[0].Origin, User);
        var token = tokens.Text(Parameters.AccessToken);
        await AssertGoodEverywhereAsync(token);

        await cluster.Nodes[0].RunVerbAsync(Ct, "users", "disable", User);

        await AssertRefusedEverywhereAsync(token);
        foreach (var node in cluster.Nodes)
        {
            using var refresh = await cluster.SendAsync(
                HttpMethod.Post, node.Origin + "/connect/token", Wire.Basic(Declared.Trusted), (Parameters.GrantType, GrantTypes.RefreshToken), (Parameters.RefreshToken, tokens.Text(Parameters.RefreshToken)));
            await refresh.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
        }

        await cluster.Nodes[0].RunVerbAsync(Ct, "users", "enable", User);
        await AssertGoodEverywhereAsync((await cluster.TokensAsync(cluster.Nodes[2].Origin, User)).Text(Parameters.AccessToken));
        Assert.False(await cluster.IsActiveAsync(cluster.Nodes[1].Origin, token)); // what was ended stays so
    }

    [GeneratedRegex("name=\"anti-forgery\"[^>]* value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FormToken();

    private static async Task<HttpResponseMessage> SeenAsync(Task<HttpResponseMessage> request, List<string> nodes)
    {
        var response = await request;
        nodes.Add(response.Headers.GetValues(LoadBalancer.Node).Single());
        return response;
    }

    private static async Task<string> CodeAsync(HttpClient browser)
    {
        using var authorize = await browser.GetAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request()), Ct);
        var page = await browser.GetStringAsync(authorize.Headers.Location, Ct);
        using var form = new FormUrlEncodedContent(
            [new("username", Declared.User), new("password", Declared.Password), new("login-submit", "yes"), new("anti-forgery", FormToken().Match(page).Groups["token"].Value)]);
        using var login = await browser.PostAsync(authorize.Headers.Location, form, Ct);
        using var answer = await browser.GetAsync(login.Headers.Location, Ct);
        return HttpUtility.ParseQueryString(answer.Headers.Location!.Query)[Parameters.Code]!;
    }

    private Task<HttpResponseMessage> RedeemAsync(string origin, string code) => cluster.SendAsync(
        HttpMethod.Post,
        origin + "/connect/token",
        Wire.Basic(Declared.App),
        (Parameters.GrantType, GrantTypes.AuthorizationCode),
        (Parameters.Code, code),
        (Parameters.RedirectUri, Declared.RedirectUri),
        (Parameters.CodeVerifier, Build.CodeVerifier));

    // Every node has verified the token before, and remembers that.
    private async Task AssertGoodEverywhereAsync(string token)
    {
        var clock = Stopwatch.StartNew();
        foreach (var origin in cluster.Nodes.Select(node => node.Origin).Append(cluster.Issuer))
        {
            while (!await cluster.IsActiveAsync(origin, token) || await cluster.UserInfoStatusAsync(origin, token) != 200)
            {
                Assert.True(clock.Elapsed < Effect, $"{origin} refuses a good token.");
                await Task.Delay(10, Ct); // polled: what another node wrote takes a moment
            }
        }
    }

    private async Task AssertRefusedEverywhereAsync(string token)
    {
        var clock = Stopwatch.StartNew();
        foreach (var node in cluster.Nodes)
        {
            while (await cluster.IsActiveAsync(node.Origin, token) || await cluster.UserInfoStatusAsync(node.Origin, token) != 401)
            {
                Assert.True(clock.Elapsed < Effect, $"{node.Origin} still accepts the token after {clock.Elapsed}.");
                await Task.Delay(10, Ct); // likewise
            }
        }

        for (var i = 0; i < cluster.Nodes.Count; i++) // whichever node the proxy asks
        {
            Assert.False(await cluster.IsActiveAsync(cluster.Issuer, token));
            Assert.Equal(401, await cluster.UserInfoStatusAsync(cluster.Issuer, token));
        }

        Assert.True(clock.Elapsed < Effect, $"It took {clock.Elapsed}.");
        TestContext.Current.TestOutputHelper?.WriteLine($"Refused everywhere after {clock.ElapsedMilliseconds} ms.");
    }
}
