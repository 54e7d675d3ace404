using IdServer.Protocol.Events;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Revocations;
using Xunit;

namespace IdServer.Protocol.Tests.TokenRevocation;

[Spec("RFC 7009", "§2.1"), Spec("requirement", "48")]
public sealed class RevocationEndpointTests
{
    [Fact]
    public async Task Revoking_the_refresh_token_kills_the_access_tokens_of_its_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var first = await room.TokensAsync();
        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken));

        Assert.Null(await room.RevokeAsync(room.App, (Parameters.Token, second.RefreshToken)));

        Assert.False(await room.IsActiveAsync(first.AccessToken));
        Assert.False(await room.IsActiveAsync(second.AccessToken));
        Assert.False((await room.RefreshAsync(second.RefreshToken)).TryGet(out _, out _));
        Assert.Equal(1, room.Events.Kinds.Count(k => k == EventKind.TokenRevoked));
    }

    [Fact]
    public async Task Revoking_an_access_token_kills_the_refresh_token_of_its_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();

        Assert.Null(await room.RevokeAsync(room.App, (Parameters.Token, tokens.AccessToken)));

        Assert.False(await room.IsActiveAsync(tokens.AccessToken));
        Assert.False((await room.RefreshAsync(tokens.RefreshToken)).TryGet(out _, out _));
    }

    [Fact]
    public async Task An_access_token_without_a_grant_is_revoked_by_itself_until_no_API_can_accept_it()
    {
        await using var room = await TokenRoom.OpenAsync();
        var (one, other) = (await room.ClientTokensAsync(), await room.ClientTokensAsync());
        var client = room.Machine();

        Assert.Null(await room.RevokeAsync(client, (Parameters.Token, one.AccessToken)));

        Assert.False(await room.IsActiveAsync(one.AccessToken, client));
        Assert.True(await room.IsActiveAsync(other.AccessToken, client));
        var revocation = Assert.Single(room.Stores.Revocations.All);
        Assert.Equal((RevocationKind.Token, room.Clock.Now.AddHours(1).AddMinutes(5)), (revocation.Kind, revocation.ExpiresAt));
    }

    [Fact]
    public async Task A_rotated_refresh_token_still_ends_its_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var first = await room.TokensAsync();
        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken));

        Assert.Null(await room.RevokeAsync(room.App, (Parameters.Token, first.RefreshToken)));

        Assert.False(await room.IsActiveAsync(second.AccessToken));
    }

    [Fact]
    public async Task A_public_client_revokes_its_tokens_by_its_client_id()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.AddPublic();
        var tokens = await room.TokensAsync(client: client);

        Assert.Null(await room.RevokeAsync(client, (Parameters.Token, tokens.RefreshToken)));

        Assert.False((await room.RefreshAsync(tokens.RefreshToken, client)).TryGet(out _, out _));
    }

    [Fact]
    public async Task A_foreign_token_is_answered_with_200_and_lives_on()
    {
        await using var room = await TokenRoom.OpenAsync();
        var stranger = room.Add(m => m with { ClientId = "stranger" });
        var tokens = await room.TokensAsync();
        var writes = room.Stores.Writes;

        Assert.Null(await room.RevokeAsync(stranger, (Parameters.Token, tokens.RefreshToken)));
        Assert.Null(await room.RevokeAsync(stranger, (Parameters.Token, tokens.AccessToken)));

        Assert.Equal(writes, room.Stores.Writes);
        Assert.True(await room.IsActiveAsync(tokens.AccessToken));
        Assert.True(await room.IsActiveAsync(tokens.RefreshToken!));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [Spec("RFC 7009", "§2.2")]
    public async Task An_unknown_token_is_answered_with_200_and_nothing_is_written(string token)
    {
        await using var room = await TokenRoom.OpenAsync();
        var writes = room.Stores.Writes;

        Assert.Null(await room.RevokeAsync(room.App, (Parameters.Token, token)));

        Assert.Equal(writes, room.Stores.Writes);
    }

    [Fact]
    [Spec("RFC 7009", "§2.2")]
    public async Task Revoking_twice_is_answered_with_200_and_writes_once()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        await room.RevokeAsync(room.App, (Parameters.Token, tokens.AccessToken));
        var writes = room.Stores.Writes;

        Assert.Null(await room.RevokeAsync(room.App, (Parameters.Token, tokens.AccessToken)));
        Assert.Null(await room.RevokeAsync(room.App, (Parameters.Token, tokens.RefreshToken)));

        Assert.Equal(writes, room.Stores.Writes);
    }

    [Theory]
    [InlineData("access_token")]
    [InlineData("refresh_token")]
    [InlineData("nonsense")]
    public async Task A_token_type_hint_is_only_a_hint(string hint)
    {
        await using var room = await TokenRoom.OpenAsync();
        var (one, other) = (await room.TokensAsync(), await room.TokensAsync());

        Assert.Null(await room.RevokeAsync(room.App, (Parameters.Token, one.RefreshToken), (Parameters.TokenTypeHint, hint)));
        Assert.Null(await room.RevokeAsync(room.App, (Parameters.Token, other.AccessToken), (Parameters.TokenTypeHint, hint)));

        Assert.False(await room.IsActiveAsync(one.AccessToken));
        Assert.False(await room.IsActiveAsync(other.AccessToken));
    }

    [Fact]
    [Spec("RFC 6749", "§5.2"), Spec("requirement", "2")]
    public async Task A_missing_token_and_a_repeated_parameter_are_invalid_request()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        var writes = room.Stores.Writes;

        TokenRoom.AssertError(await room.RevokeAsync(room.App), "invalid_request", 400);
        TokenRoom.AssertError(await room.RevokeAsync(room.App, (Parameters.Token, tokens.RefreshToken), (Parameters.Token, tokens.RefreshToken)), "invalid_request", 400);

        Assert.Equal(writes, room.Stores.Writes);
        Assert.Equal([(EventKind.RevocationRefused, "app"), (EventKind.RevocationRefused, null)], room.Events.Raised.TakeLast(2).Select(e => (e.Kind, e.ClientId)));
    }

    [Fact]
    public async Task A_client_that_does_not_authenticate_revokes_nothing()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        var impostor = Build.PublicClient(m => m with { ClientId = "app" });
        var writes = room.Stores.Writes;

        TokenRoom.AssertError(await room.RevokeAsync(impostor, (Parameters.Token, tokens.RefreshToken)), "invalid_client", 401);

        Assert.Equal(writes, room.Stores.Writes);
        Assert.True(await room.IsActiveAsync(tokens.AccessToken));
    }
}
