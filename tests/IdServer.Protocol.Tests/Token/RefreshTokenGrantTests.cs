using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Token;

[Spec("RFC 6749", "§6"), Spec("requirement", "33")]
public sealed class RefreshTokenGrantTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refresh_yields_new_tokens_of_the_same_grant_and_scope()
    {
        await using var room = await TokenRoom.OpenAsync();
        var first = await room.TokensAsync();
        room.Clock.Advance(TimeSpan.FromMinutes(30));

        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken));

        Assert.Equal(first.Scope, second.Scope);
        Assert.NotEqual(first.RefreshToken, second.RefreshToken);
        Assert.NotNull(second.RefreshToken);
        Assert.Equal(Claim(first.AccessToken, "gid"), Claim(second.AccessToken, "gid"));
        Assert.NotEqual(Claim(first.AccessToken, "jti"), Claim(second.AccessToken, "jti"));
        Assert.True(await room.IsActiveAsync(first.AccessToken));
    }

    [Fact]
    public async Task A_missing_refresh_token_is_invalid_request()
    {
        await using var room = await TokenRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RefreshAsync(null), "invalid_request", 400, writes);
    }

    [Fact]
    public async Task An_unknown_refresh_token_is_invalid_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RefreshAsync("nonsense"), "invalid_grant", 400, writes);
        room.AssertRefused(await room.RefreshAsync(tokens.AccessToken), "invalid_grant", 400, writes);
        room.AssertRefused(await room.RefreshAsync(new string('A', 64)), "invalid_grant", 400, writes);
    }

    [Fact]
    public async Task A_foreign_refresh_token_is_invalid_grant_and_its_grant_lives_on()
    {
        await using var room = await TokenRoom.OpenAsync();
        var stranger = room.Add(m => m with { ClientId = "stranger" });
        var tokens = await room.TokensAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RefreshAsync(tokens.RefreshToken, stranger), "invalid_grant", 400, writes);

        TokenRoom.Granted(await room.RefreshAsync(tokens.RefreshToken));
    }

    [Fact]
    public async Task A_confidential_client_must_authenticate()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        var writes = room.Stores.Writes;

        var result = await room.AskRawAsync(null, (Parameters.GrantType, "refresh_token"), (Parameters.ClientId, "app"), (Parameters.RefreshToken, tokens.RefreshToken!));

        room.AssertRefused(result, "invalid_client", 401, writes);
    }

    [Fact]
    public async Task A_refresh_token_lives_for_thirty_days()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        room.Clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        tokens = TokenRoom.Granted(await room.RefreshAsync(tokens.RefreshToken));
        room.Clock.Advance(TimeSpan.FromDays(30));
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RefreshAsync(tokens.RefreshToken), "invalid_grant", 400, writes);
    }

    [Fact]
    public async Task A_client_may_have_a_refresh_token_lifetime_of_its_own()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.Add(m => m with { ClientId = "short", RefreshTokenLifetime = 60 });
        var tokens = await room.TokensAsync(client: client);
        room.Clock.Advance(TimeSpan.FromSeconds(60));
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RefreshAsync(tokens.RefreshToken, client), "invalid_grant", 400, writes);
    }

    [Fact]
    public async Task A_narrower_scope_is_honoured_for_the_access_token_only()
    {
        await using var room = await TokenRoom.OpenAsync();
        var first = await room.TokensAsync();

        var narrow = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken, scope: "articles.read articles.read"));
        var wide = TokenRoom.Granted(await room.RefreshAsync(narrow.RefreshToken));

        Assert.Equal("articles.read", narrow.Scope);
        Assert.Equal("articles.read", Claim(narrow.AccessToken, "scope"));
        Assert.Null(narrow.IdToken);
        Assert.Equal(first.Scope, wide.Scope);
    }

    [Theory]
    [InlineData("openid articles.write")]
    [InlineData("no.such.scope")]
    [InlineData("offline_access")]
    public async Task A_wider_scope_is_invalid_scope_and_the_token_is_not_spent(string scope)
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RefreshAsync(tokens.RefreshToken, scope: scope), "invalid_scope", 400, writes);

        TokenRoom.Granted(await room.RefreshAsync(tokens.RefreshToken));
    }

    [Fact]
    public async Task A_person_who_may_not_sign_in_any_more_gets_no_new_tokens()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        room.Users.Disable(room.Ana.Subject);
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RefreshAsync(tokens.RefreshToken), "invalid_grant", 400, writes);
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task Signing_out_ends_a_refresh_token_without_offline_access()
    {
        await using var room = await TokenRoom.OpenAsync();
        var session = Build.Session(room.Clock, s => s with { Subject = room.Ana.Subject });
        await room.Stores.Sessions.SaveAsync(session, Ct);
        var bound = await room.TokensAsync(g => g with { SessionId = session.Id });
        var offline = await room.TokensAsync(g => g with { SessionId = session.Id, Scopes = ["openid", "offline_access"] });

        await room.Stores.Sessions.EndAsync(session.Id, room.Clock.Now, Ct);

        var writes = room.Stores.Writes;
        room.AssertRefused(await room.RefreshAsync(bound.RefreshToken), "invalid_grant", 400, writes);
        TokenRoom.Granted(await room.RefreshAsync(offline.RefreshToken));
        Assert.False(await room.IsActiveAsync(bound.AccessToken));
        Assert.True(await room.IsActiveAsync(offline.AccessToken));
    }

    [Fact]
    public async Task The_ID_token_of_a_refresh_keeps_subject_audience_and_sign_in_time_and_has_no_nonce()
    {
        await using var room = await TokenRoom.OpenAsync();
        var first = await room.TokensAsync();
        room.Clock.Advance(TimeSpan.FromMinutes(10));

        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken));

        Assert.All(["iss", "sub", "aud", "auth_time", "acr"], name => Assert.Equal(Claim(first.IdToken!, name), Claim(second.IdToken!, name)));
        Assert.NotEqual(Claim(first.IdToken!, "iat"), Claim(second.IdToken!, "iat"));
        Assert.NotNull(Claim(first.IdToken!, "nonce"));
        Assert.Null(Claim(second.IdToken!, "nonce"));
    }

    private static string? Claim(string jwt, string name) => TokenRoom.Text(TokenRoom.ClaimsOf(jwt), name);
}
