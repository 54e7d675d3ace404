using IdServer.ResourceServer;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Revocations;
using Xunit;

namespace IdServer.Tests.ResourceServer;

/// <summary>A feed that is down, late, forged or too long: never a reason to accept what is revoked.</summary>
public sealed class FeedOutageTests : IAsyncLifetime
{
    private const string Client = "my api";

    private TestIssuer issuer = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => issuer = await TestIssuer.StartAsync();

    public ValueTask DisposeAsync() => issuer.DisposeAsync();

    [Fact]
    public async Task While_the_feed_is_down_the_issuer_is_asked_and_while_both_are_nothing_is_accepted()
    {
        await using var api = await StartAsync();
        var (token, revoked) = (issuer.Token(), issuer.Token());
        issuer.Revoked[revoked] = true;

        Assert.Equal(200, (await api.GetAsync("/me", token)).Status);
        Assert.Equal("TOKEN_REVOKED", (await api.GetAsync("/me", revoked)).Codigo);
        Assert.Equal(2, api.Introspections);

        issuer.Down = true;
        var answer = await api.GetAsync("/me", token);
        Assert.Equal((503, "ISSUER_UNAVAILABLE"), (answer.Status, answer.Codigo));
    }

    [Fact]
    public async Task A_feed_that_has_not_answered_for_the_bound_is_not_believed_any_more()
    {
        issuer.Feed = q => issuer.Page(q, 1);
        await using var api = await StartAsync();
        await FreshAsync(api);
        var token = issuer.Token(new() { [ClaimNames.Subject] = Guid.CreateVersion7(issuer.Clock.Now).ToString() });
        Assert.Equal(200, (await api.GetAsync("/me", token)).Status);
        Assert.Equal(0, api.Introspections);

        issuer.Feed = _ => null;
        await FailedAsync();
        issuer.Revoked[token] = true;
        Assert.Equal(200, (await api.GetAsync("/me", token)).Status); // inside the bound
        issuer.Clock.Advance(RevocationFeed.Bound + TimeSpan.FromMilliseconds(1));

        Assert.Equal("TOKEN_REVOKED", (await api.GetAsync("/me", token)).Codigo);
        Assert.Equal(1, api.Introspections);
    }

    [Fact]
    public async Task What_introspection_said_while_the_feed_is_down_is_reused_no_longer_than_the_bound()
    {
        await using var api = await StartAsync(TimeSpan.FromSeconds(60));
        var token = issuer.Token();
        Assert.Equal(200, (await api.GetAsync("/me", token)).Status);
        issuer.Revoked[token] = true;
        Assert.Equal(200, (await api.GetAsync("/me", token)).Status);
        Assert.Equal(1, api.Introspections);

        issuer.Clock.Advance(RevocationFeed.Bound);

        Assert.Equal("TOKEN_REVOKED", (await api.GetAsync("/me", token)).Codigo);
    }

    public static TheoryData<string> Forgeries => ["key", "typ", "iss", "aud", "nonce", "expired", "cursor", "replay", "garbage"];

    [Theory]
    [MemberData(nameof(Forgeries))]
    [Spec("RFC 8725", "§3.11")]
    public async Task A_forged_or_replayed_answer_is_ignored(string forgery)
    {
        var stranger = issuer.NewKey();
        string? recorded = null;
        issuer.Feed = q => forgery switch
        {
            "key" => issuer.Page(q, 1, key: stranger),
            "typ" => issuer.Page(q, 1, type: TokenTypes.AccessTokenJwt),
            "iss" => issuer.Page(q, 1, changes: new() { ["iss"] = "https://other.example.com" }),
            "aud" => issuer.Page(q, 1, changes: new() { ["aud"] = "another api" }),
            "nonce" => issuer.Page(q, 1, changes: new() { ["nonce"] = null }),
            "expired" => issuer.Page(q, 1, changes: new() { ["exp"] = issuer.Clock.Now.AddMinutes(-1).ToUnixTimeSeconds() }),
            "cursor" => issuer.Page(q with { After = 7 }, 8),
            "replay" => recorded ??= issuer.Page(q with { Nonce = "that of another question" }, 1),
            _ => "garbage",
        };
        await using var api = await StartAsync();

        Assert.False(await api.Feed.PullAsync(Ct));

        Assert.False(api.Feed.IsFresh);
        Assert.Equal(200, (await api.GetAsync("/me", issuer.Token())).Status);
        Assert.Equal(1, api.Introspections);
    }

    [Fact]
    public async Task An_API_that_could_not_pull_after_revoking_asks_the_issuer_although_its_feed_was_fresh()
    {
        issuer.Feed = q => issuer.Page(q, 1);
        await using var api = await StartAsync();
        await FreshAsync(api);
        var token = issuer.Token();
        issuer.Feed = _ => null;
        await FailedAsync();
        issuer.Revoked[token] = true;
        issuer.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.False(await api.Feed.PullAsync(Ct));

        Assert.Equal("TOKEN_REVOKED", (await api.GetAsync("/me", token)).Codigo);
    }

    [Fact]
    public async Task More_revocations_than_may_be_remembered_mean_introspection_and_pruning_makes_room()
    {
        Revocation Of(TimeSpan life) => new(0, RevocationKind.Grant, Guid.CreateVersion7(issuer.Clock.Now), issuer.Clock.Now, issuer.Clock.Now + life);
        var (first, second) = ((Revocation[])[Of(TimeSpan.FromMinutes(1)), Of(TimeSpan.FromMinutes(1))], (Revocation[])[Of(TimeSpan.FromHours(1)), Of(TimeSpan.FromHours(1))]);
        issuer.Feed = q => q.After == 0 ? issuer.Page(q, 2, first, more: true) : q.After == 2 ? issuer.Page(q, 4, second) : issuer.Page(q, q.After);
        await using var api = await FeedApi.StartAsync(issuer.Issuer, Client, issuer.Clock, TestIssuer.Audience, o => o.MaximumRevocations = 3);

        Assert.False(await api.Feed.PullAsync(Ct));
        Assert.Equal((2, false), (api.Feed.Count, api.Feed.IsFresh));

        issuer.Clock.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(10)); // and the tolerance of clocks
        Assert.True(await Eventually.Async(() => api.Feed.PullAsync(Ct), pulled => pulled, TimeSpan.FromSeconds(10))); // the feed's own pull of the time before may still be under way
        Assert.Equal((2, true), (api.Feed.Count, api.Feed.IsFresh));
    }

    [Fact]
    public async Task A_cursor_and_everything_remembered_outlive_a_restart_of_the_server()
    {
        var dead = Guid.CreateVersion7(issuer.Clock.Now);
        var asked = new System.Collections.Concurrent.ConcurrentQueue<long>();
        issuer.Feed = q =>
        {
            asked.Enqueue(q.After);
            return q.After == 0 ? issuer.Page(q, 5, [new(0, RevocationKind.Token, dead, issuer.Clock.Now, issuer.Clock.Now.AddHours(1))]) : issuer.Page(q, q.After);
        };
        await using var api = await StartAsync();
        await FreshAsync(api);

        issuer.Down = true;
        Assert.False(await api.Feed.PullAsync(Ct));
        issuer.Down = false;
        issuer.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await api.Feed.PullAsync(Ct));

        Assert.Equal(5, asked.Last());
        Assert.Equal("TOKEN_REVOKED", (await api.GetAsync("/me", issuer.Token(new() { [ClaimNames.JwtId] = dead.ToString(), [ClaimNames.Subject] = Guid.CreateVersion7(issuer.Clock.Now).ToString() }))).Codigo);
    }

    [Fact]
    public async Task A_remembered_token_still_expires_and_dies_with_the_key_that_signed_it()
    {
        issuer.Feed = q => issuer.Page(q, 1);
        await using var api = await StartAsync();
        await FreshAsync(api);
        var (token, longer) = (issuer.Token(new() { [ClaimNames.Expiration] = issuer.Clock.Now.AddMinutes(1).ToUnixTimeSeconds() }), issuer.Token(new() { [ClaimNames.Expiration] = issuer.Clock.Now.AddHours(9).ToUnixTimeSeconds() }));
        Assert.Equal((200, 200), ((await api.GetAsync("/me", token)).Status, (await api.GetAsync("/me", longer)).Status));

        issuer.Clock.Advance(TimeSpan.FromSeconds(70));
        Assert.Equal("TOKEN_EXPIRED", (await api.GetAsync("/me", token)).Codigo);

        issuer.Key = issuer.NewKey();
        issuer.Published = [issuer.Key.PublicKey];
        issuer.Clock.Advance(TimeSpan.FromSeconds(31)); // IssuerKeys.Floor
        Assert.Equal(200, (await api.GetAsync("/me", issuer.Token())).Status); // names the new key, so the keys are read again
        Assert.Equal("TOKEN_INVALID", (await api.GetAsync("/me", longer)).Codigo);
    }

    private Task<FeedApi> StartAsync(TimeSpan? cache = null) => FeedApi.StartAsync(issuer.Issuer, Client, issuer.Clock, TestIssuer.Audience, o => o.IntrospectionCache = cache ?? TimeSpan.Zero);

    private static async Task FreshAsync(FeedApi api) => Assert.True(await Eventually.Async(() => Task.FromResult(api.Feed.IsFresh), fresh => fresh, TimeSpan.FromSeconds(10)));

    // Pulls under way when the feed went down have ended.
    private static Task FailedAsync() => Task.Delay(200, Ct);
}
