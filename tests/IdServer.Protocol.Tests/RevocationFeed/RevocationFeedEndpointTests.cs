using System.Diagnostics;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.AccessTokens;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Revocations;
using Xunit;

namespace IdServer.Protocol.Tests.RevocationFeed;

public sealed class RevocationFeedEndpointTests : IAsyncLifetime
{
    private TokenRoom room = null!;
    private Client api = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        room = await TokenRoom.OpenAsync();
        api = room.Add(m => m with { ClientId = TokenRoom.ApiClientId, GrantTypes = [] });
    }

    public ValueTask DisposeAsync() => room.DisposeAsync();

    [Fact]
    [Spec("RFC 8725", "§3.11")]
    public async Task An_answer_is_a_signed_and_typed_JWT_of_the_issuer_for_the_client_that_asked()
    {
        var jwt = TokenRoom.Granted(await room.FeedAsync(api, (Parameters.Nonce, "n-1")));

        var outcome = await JwtValidator.ValidateAsync(jwt, RevocationFeedRules.For(Build.Issuer, api.ClientId), room.Keys.PublicKeys, room.Clock);
        Assert.Equal(JwtFault.None, outcome.Fault);
        Assert.Equal("revocations+jwt", TokenRoom.Text(TokenRoom.HeaderOf(jwt), "typ"));
        Assert.Equal("n-1", TokenRoom.Text(outcome.Claims, "nonce"));
        Assert.Equal(room.Clock.Now.ToUnixTimeSeconds() + 60, outcome.Claims.GetProperty("exp").GetInt64());
        Assert.Equal(JwtFault.Audience, (await JwtValidator.ValidateAsync(jwt, RevocationFeedRules.For(Build.Issuer, "another"), room.Keys.PublicKeys, room.Clock)).Fault);
    }

    [Theory]
    [InlineData(RevocationKind.Token)]
    [InlineData(RevocationKind.Grant)]
    [InlineData(RevocationKind.Session)]
    [InlineData(RevocationKind.Subject)]
    public async Task A_revocation_of_every_kind_arrives_as_it_was_written(RevocationKind kind)
    {
        var (id, at) = (Guid.CreateVersion7(room.Clock.Now), room.Clock.Now.AddMilliseconds(123.4));
        room.Stores.Revoke(kind, id, at);

        var page = await PageAsync();

        Assert.Equal(new Revocation(0, kind, id, room.Clock.Now.AddMilliseconds(123), room.Clock.Now.AddHours(24).AddSeconds(1)), Assert.Single(page.Revocations));
        Assert.False(page.More);
    }

    [Fact]
    public async Task A_reader_resumes_at_its_cursor_and_an_empty_answer_keeps_it()
    {
        Revoke(2);
        var first = await PageAsync();
        Assert.Equal(2, first.Revocations.Count);

        var empty = await PageAsync(first.Next);
        Assert.Equal((first.Next, 0), (empty.Next, empty.Revocations.Count));

        var key = Revoke(1)[0];
        Assert.Equal(key, Assert.Single((await PageAsync(empty.Next)).Revocations).Key);
    }

    [Fact]
    public async Task More_than_a_page_comes_in_pages_and_nothing_falls_between_them()
    {
        var keys = Revoke(RevocationPage.MaximumEntries * 2 + 1);

        var first = await PageAsync();
        var second = await PageAsync(first.Next);
        var third = await PageAsync(second.Next);

        Assert.Equal((true, true, false), (first.More, second.More, third.More));
        Assert.Equal(keys, first.Revocations.Concat(second.Revocations).Concat(third.Revocations).Select(r => r.Key));
    }

    [Fact]
    public async Task A_full_page_fits_into_what_an_API_reads()
    {
        Revoke(RevocationPage.MaximumEntries);

        Assert.InRange(TokenRoom.Granted(await room.FeedAsync(api)).Length, 100_000, 200_000);
    }

    [Fact]
    public async Task An_old_cursor_misses_only_what_concerns_tokens_that_have_expired()
    {
        var token = await room.TokensAsync();
        Revoke(RevocationKind.Grant, Guid.Parse(TokenRoom.Text(TokenRoom.ClaimsOf(token.AccessToken), "gid")!));
        room.Clock.Advance(TimeSpan.FromHours(24)); // LongestTokenLifetime
        var alive = Revoke(1)[0];

        var page = await PageAsync(after: 0);

        Assert.Equal(alive, Assert.Single(page.Revocations).Key);
        var outcome = await JwtValidator.ValidateAsync(token.AccessToken, AccessTokenRules.For(Build.Issuer, null) with { ClockSkew = TimeSpan.FromMinutes(5) }, room.Keys.PublicKeys, room.Clock);
        Assert.Equal(JwtFault.Expired, outcome.Fault);
    }

    [Fact]
    public async Task The_revocation_of_a_token_outlives_it_by_the_clock_tolerance_of_APIs()
    {
        var machine = room.Machine();
        var token = (await room.ClientTokensAsync()).AccessToken;
        Assert.Null(await room.RevokeAsync(machine, (Parameters.Token, token)));

        var expires = TokenRoom.ClaimsOf(token).GetProperty("exp").GetInt64();

        Assert.Equal(expires + 300, Assert.Single((await PageAsync()).Revocations).ExpiresAt.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task Who_waits_is_answered_as_soon_as_something_is_revoked()
    {
        var watch = Stopwatch.StartNew();
        var waiting = PageAsync(0, "25");
        await Task.Delay(50, Ct); // it really waits
        Assert.False(waiting.IsCompleted);

        var key = Revoke(1)[0];

        Assert.Equal(key, Assert.Single((await waiting.WaitAsync(TimeSpan.FromSeconds(5), Ct)).Revocations).Key);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Who_waits_in_vain_gets_an_empty_answer_when_the_time_is_over()
    {
        var page = await PageAsync(7, "0.05").WaitAsync(TimeSpan.FromSeconds(5), Ct);

        Assert.Equal((7, 7, 0), (page.After, page.Next, page.Revocations.Count));
    }

    [Fact]
    [Spec("RFC 7662", "§2.1")]
    public async Task A_client_that_acts_for_no_API_is_unauthorized_client_and_a_public_one_invalid_client()
    {
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.FeedAsync(room.App), "unauthorized_client", 400, writes);
        room.AssertRefused(await room.FeedAsync(room.AddPublic()), "invalid_client", 401, writes);
        Assert.Equal([EventKind.RevocationFeedRefused, EventKind.RevocationFeedRefused], room.Events.Kinds.TakeLast(2));
    }

    [Fact]
    public async Task A_wrong_secret_is_invalid_client()
    {
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.FeedRawAsync(TokenRoom.Basic(api.ClientId, "wrong")), "invalid_client", 401, writes);
        room.AssertRefused(await room.FeedRawAsync(null), "invalid_client", 401, writes);
    }

    [Theory]
    [InlineData("after", "-1")]
    [InlineData("after", "x")]
    [InlineData("after", "99999999999999999999")]
    [InlineData("wait", "26")]
    [InlineData("wait", "-1")]
    [InlineData("wait", "1e9")]
    public async Task A_cursor_or_wait_that_cannot_be_is_invalid_request(string name, string value) =>
        room.AssertRefused(await room.FeedAsync(api, (name, value)), "invalid_request", 400, room.Stores.Writes);

    [Fact]
    [Spec("requirement", "2")]
    public async Task A_repeated_parameter_and_an_overlong_nonce_are_invalid_request()
    {
        room.AssertRefused(await room.FeedAsync(api, ("after", "0"), ("after", "0")), "invalid_request", 400, room.Stores.Writes);
        room.AssertRefused(await room.FeedAsync(api, (Parameters.Nonce, new string('n', 129))), "invalid_request", 400, room.Stores.Writes);
    }

    private Guid[] Revoke(int count)
    {
        Guid[] keys = [.. Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7(room.Clock.Now))];
        foreach (var key in keys)
        {
            Revoke(RevocationKind.Grant, key);
        }

        return keys;
    }

    private void Revoke(RevocationKind kind, Guid key) => room.Stores.Revoke(kind, key, room.Clock.Now);

    private async Task<RevocationPage> PageAsync(long after = 0, string? wait = null)
    {
        var jwt = TokenRoom.Granted(await room.FeedAsync(api, (Parameters.After, after.ToString(System.Globalization.CultureInfo.InvariantCulture)), (Parameters.Wait, wait)));
        return RevocationPage.Read(TokenRoom.ClaimsOf(jwt))!;
    }
}
