using System.Diagnostics;
using IdServer.Protocol.Stores;
using IdServer.ResourceServer;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.ResourceServer;

/// <summary>The library against the real server: two programs that share nothing but HTTP.</summary>
public sealed class RevocationFeedTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_revoked_token_is_refused_within_two_seconds_without_a_question_to_the_issuer()
    {
        await using var api = await StartAsync();
        var tokens = await server.TokensAsync();
        var token = tokens.Text("access_token");
        Assert.Equal(200, (await api.GetAsync("/me", token)).Status);

        using var revoked = await server.PostAsync("connect/revocation", Wire.Basic(Declared.App), (Parameters.Token, tokens.Text("refresh_token")));
        Assert.Equal(200, (int)revoked.StatusCode);

        await AssertRefusedInTimeAsync(api, token);
        Assert.Equal(0, api.Introspections);
    }

    [Fact]
    [Spec("requirement", "28")]
    public async Task A_token_without_a_grant_is_refused_by_its_own_id()
    {
        await using var api = await StartAsync();
        var (one, other) = (await ClientTokenAsync(), await ClientTokenAsync());
        Assert.Equal(200, (await api.GetAsync("/me", one)).Status);

        using var revoked = await server.PostAsync("connect/revocation", null, (Parameters.Token, one), (Parameters.ClientId, Declared.Machine), (Parameters.ClientSecret, Declared.Secret));

        await AssertRefusedInTimeAsync(api, one);
        Assert.Equal(200, (await api.GetAsync("/me", other)).Status);
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task A_token_of_an_ended_session_is_refused()
    {
        await using var api = await StartAsync();
        var token = (await server.TokensAsync((Parameters.Scope, "openid articles.read"))).Text("access_token");
        var session = Guid.Parse((await api.GetAsync("/me", token)).Json.GetProperty("sid")[0].GetString()!);

        await server.Provider.GetRequiredService<ISessionStore>().EndAsync(session, TimeProvider.System.GetUtcNow(), Ct);

        await AssertRefusedInTimeAsync(api, token);
    }

    [Fact]
    public async Task A_password_change_ends_what_was_issued_before_and_nothing_after()
    {
        await using var api = await StartAsync();
        var before = (await server.TokensAsync()).Text("access_token");
        Assert.Equal(200, (await api.GetAsync("/me", before)).Status);

        await server.Provider.GetRequiredService<IGrantStore>().EndAllOfSubjectAsync(await server.SubjectOfAsync(Declared.User), TimeProvider.System.GetUtcNow(), Ct);

        await AssertRefusedInTimeAsync(api, before);
        Assert.Equal(200, (await api.GetAsync("/me", (await server.TokensAsync()).Text("access_token"))).Status);
        Assert.Equal(0, api.Introspections);
    }

    [Fact]
    public async Task Who_pulls_after_revoking_refuses_on_the_very_next_call()
    {
        await using var api = await StartAsync();
        var token = await ClientTokenAsync();
        Assert.Equal(200, (await api.GetAsync("/me", token)).Status);
        using var revoked = await server.PostAsync("connect/revocation", null, (Parameters.Token, token), (Parameters.ClientId, Declared.Machine), (Parameters.ClientSecret, Declared.Secret));

        Assert.True(await api.Feed.PullAsync(Ct));

        Assert.Equal("TOKEN_REVOKED", (await api.GetAsync("/me", token)).Codigo);
    }

    [Fact]
    public async Task An_API_that_starts_later_knows_what_was_revoked_before()
    {
        var token = await ClientTokenAsync();
        using var revoked = await server.PostAsync("connect/revocation", null, (Parameters.Token, token), (Parameters.ClientId, Declared.Machine), (Parameters.ClientSecret, Declared.Secret));

        await using var api = await StartAsync();

        Assert.Equal("TOKEN_REVOKED", (await api.GetAsync("/me", token)).Codigo);
        Assert.Equal(0, api.Introspections);
    }

    [Fact]
    public async Task The_answer_is_a_JWT_of_its_own_media_type_that_nobody_stores()
    {
        using var response = await server.PostAsync("connect/revocations", Wire.Basic(Declared.Api), (Parameters.After, "0"));

        Assert.Equal((200, "application/revocations+jwt"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        response.AssertNotStored();
        Assert.Equal(3, (await response.Content.ReadAsStringAsync(Ct)).Split('.').Length);
        Assert.Equal(405, (int)(await server.SendAsync(HttpMethod.Get, "connect/revocations", Wire.Basic(Declared.Api))).StatusCode);
    }

    [Fact]
    public async Task Who_waits_does_not_hold_up_the_stop_of_the_server()
    {
        await using var stopping = await RunningServer.StartAsync();
        var waiting = stopping.PostAsync("connect/revocations", Wire.Basic(Declared.Api), (Parameters.After, "0"), (Parameters.Wait, "25"));
        await Task.Delay(300, Ct); // the request has arrived

        await stopping.StopAsync().WaitAsync(TimeSpan.FromSeconds(10), Ct);

        Assert.Equal(200, (int)(await waiting).StatusCode);
    }

    [Fact]
    public async Task A_client_that_acts_for_no_API_gets_no_feed_and_its_API_lives_by_introspection()
    {
        await using var api = await FeedApi.StartAsync(server.Issuer, Declared.Trusted);

        var answer = await api.GetAsync("/me", await ClientTokenAsync());

        Assert.False(api.Feed.IsFresh);
        Assert.Equal("TOKEN_REVOKED", answer.Codigo); // all that introspection tells a stranger (RFC 7662 §4)
        Assert.NotEqual(0, api.Introspections);
    }

    private async Task<FeedApi> StartAsync()
    {
        var api = await FeedApi.StartAsync(server.Issuer, Declared.Api);
        Assert.True(await Eventually.Async(() => Task.FromResult(api.Feed.IsFresh), fresh => fresh, TimeSpan.FromSeconds(10)));
        return api;
    }

    private static async Task AssertRefusedInTimeAsync(FeedApi api, string token)
    {
        var watch = Stopwatch.StartNew();
        var answer = await Eventually.Async(() => api.GetAsync("/me", token), a => a.Status != 200, RevocationFeed.Bound);
        Assert.Equal("TOKEN_REVOKED", answer.Codigo);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, RevocationFeed.Bound);
    }

    private async Task<string> ClientTokenAsync()
    {
        using var response = await server.PostAsync(
            "connect/token", null, (Parameters.GrantType, GrantTypes.ClientCredentials), (Parameters.ClientId, Declared.Machine), (Parameters.ClientSecret, Declared.Secret), (Parameters.Scope, "articles.read"));
        return (await response.JsonAsync()).Text("access_token");
    }
}
