using System.Net;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Token;

[Spec("RFC 9700", "§4.14.2"), Spec("requirement", "34")]
public sealed class RefreshTokenRotationTests
{
    private static readonly TimeSpan Overlap = Build.Options().RefreshTokenOverlap;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stranger_who_presents_a_rotated_token_does_not_end_the_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var stranger = room.Add(m => m with { ClientId = "stranger" });
        var first = await room.TokensAsync();
        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken));
        room.Clock.Advance(Overlap + TimeSpan.FromSeconds(1));
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RefreshAsync(first.RefreshToken, stranger), "invalid_grant", 400, writes);

        TokenRoom.Granted(await room.RefreshAsync(second.RefreshToken));
    }

    [Fact]
    public async Task Within_the_overlap_the_same_token_yields_the_same_successor()
    {
        await using var room = await TokenRoom.OpenAsync();
        var first = await room.TokensAsync();
        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken));
        room.Clock.Advance(Overlap - TimeSpan.FromSeconds(1));
        var writes = room.Stores.Writes;

        var again = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken));

        Assert.Equal(second.RefreshToken, again.RefreshToken);
        Assert.NotEqual(second.AccessToken, again.AccessToken);
        Assert.Equal(writes, room.Stores.Writes);
        TokenRoom.Granted(await room.RefreshAsync(again.RefreshToken));
    }

    [Fact]
    public async Task Reuse_outside_the_overlap_ends_the_whole_grant_access_tokens_included()
    {
        await using var room = await TokenRoom.OpenAsync();
        var first = await room.TokensAsync();
        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken));
        room.Clock.Advance(Overlap + TimeSpan.FromSeconds(1));

        Assert.False((await room.RefreshAsync(first.RefreshToken)).TryGet(out _, out var error));

        TokenRoom.AssertError(error, "invalid_grant", 400);
        Assert.Contains(room.Events.Raised, e => e is { Kind: EventKind.RefreshTokenReuseDetected, GrantId: not null } && IPAddress.Loopback.Equals(e.RemoteAddress));
        Assert.False(await room.IsActiveAsync(first.AccessToken));
        Assert.False(await room.IsActiveAsync(second.AccessToken));
        Assert.False((await room.RefreshAsync(second.RefreshToken)).TryGet(out _, out _));
    }

    [Fact]
    public async Task Reuse_is_noticed_after_the_token_has_expired()
    {
        await using var room = await TokenRoom.OpenAsync();
        var first = await room.TokensAsync();
        room.Clock.Advance(TimeSpan.FromDays(29));
        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken));
        room.Clock.Advance(TimeSpan.FromDays(2));

        Assert.False((await room.RefreshAsync(first.RefreshToken)).TryGet(out _, out _));

        Assert.Contains(EventKind.RefreshTokenReuseDetected, room.Events.Kinds);
        Assert.False((await room.RefreshAsync(second.RefreshToken)).TryGet(out _, out _));
    }

    [Fact]
    public async Task Parallel_refreshes_all_get_the_one_successor()
    {
        await using var room = await TokenRoom.OpenAsync();
        var first = await room.TokensAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => room.RefreshAsync(first.RefreshToken), Ct)));

        Assert.Single(results.Select(r => TokenRoom.Granted(r).RefreshToken).Distinct());
        Assert.Equal(2, room.Stores.RefreshTokens.All.Count);
    }

    [Fact]
    public async Task A_client_that_keeps_its_refresh_token_is_sent_no_new_one_and_nothing_is_written()
    {
        await using var room = await TokenRoom.OpenAsync();
        var (client, tokens) = await KeepingAsync(room);
        var writes = room.Stores.Writes;

        var refreshed = TokenRoom.Granted(await room.RefreshAsync(tokens.RefreshToken, client));
        room.Clock.Advance(TimeSpan.FromHours(1));
        TokenRoom.Granted(await room.RefreshAsync(tokens.RefreshToken, client));

        Assert.Null(refreshed.RefreshToken);
        Assert.Equal(writes, room.Stores.Writes);
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task A_refresh_token_that_is_kept_dies_with_its_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var (client, tokens) = await KeepingAsync(room);
        Assert.Null(await room.RevokeAsync(client, (Parameters.Token, tokens.AccessToken)));
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RefreshAsync(tokens.RefreshToken, client), "invalid_grant", 400, writes);
    }

    [Fact]
    public async Task A_refresh_token_that_is_kept_expires()
    {
        await using var room = await TokenRoom.OpenAsync();
        var (client, tokens) = await KeepingAsync(room);
        room.Clock.Advance(TimeSpan.FromDays(30));
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RefreshAsync(tokens.RefreshToken, client), "invalid_grant", 400, writes);
    }

    [Fact]
    public async Task A_token_that_was_rotated_before_the_client_kept_its_tokens_still_yields_its_successor()
    {
        await using var room = await TokenRoom.OpenAsync();
        var (client, tokens) = await KeepingAsync(room, keep: false);
        var second = TokenRoom.Granted(await room.RefreshAsync(tokens.RefreshToken, client));
        client = room.Add(m => m with { ClientId = client.ClientId, RotateRefreshTokens = false });

        var again = TokenRoom.Granted(await room.RefreshAsync(tokens.RefreshToken, client));

        Assert.Equal(second.RefreshToken, again.RefreshToken);
    }

    private static async Task<(Client Client, TokenResponse Tokens)> KeepingAsync(TokenRoom room, bool keep = true)
    {
        var client = room.Add(m => m with { ClientId = "keeper", RotateRefreshTokens = !keep });
        return (client, await room.TokensAsync(client: client));
    }
}
