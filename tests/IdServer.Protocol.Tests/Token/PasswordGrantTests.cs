using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Token;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Token;

[Spec("RFC 6749", "§4.3"), Spec("requirement", "35")]
public sealed class PasswordGrantTests
{
    [Theory]
    [InlineData("ana")]
    [InlineData("ANA@example.com")]
    public async Task A_person_signs_in_by_user_name_or_email_address(string username)
    {
        await using var room = await TokenRoom.OpenAsync();

        var tokens = TokenRoom.Granted(await AskAsync(room, Own(room), username));

        var claims = TokenRoom.ClaimsOf(tokens.AccessToken);
        Assert.Equal(room.Ana.Subject, TokenRoom.Text(claims, "sub"));
        Assert.Equal(room.Clock.Now.ToUnixTimeSeconds(), claims.GetProperty("auth_time").GetInt64());
        Assert.Equal("""["pwd"]""", TokenRoom.Text(claims, "amr"));
        Assert.NotNull(tokens.IdToken);
        Assert.Contains(room.Events.Raised, e => e is { Kind: EventKind.SignedIn, ClientId: not null } && e.Subject == room.Ana.Subject);
    }

    [Fact]
    public async Task A_client_with_the_refresh_token_grant_gets_a_grant_that_can_be_refreshed()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = Own(room);

        var tokens = TokenRoom.Granted(await AskAsync(room, client));

        var stored = Assert.Single(room.Stores.RefreshTokens.All);
        Assert.Equal(stored.Grant.Id.ToString(), TokenRoom.Text(TokenRoom.ClaimsOf(tokens.AccessToken), "gid"));
        TokenRoom.Granted(await room.RefreshAsync(tokens.RefreshToken, client));
    }

    [Fact]
    public async Task A_client_without_the_refresh_token_grant_gets_an_access_token_and_nothing_is_written()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = Own(room, m => m with { GrantTypes = ["password"] });
        var writes = room.Stores.Writes;

        var tokens = TokenRoom.Granted(await AskAsync(room, client));

        Assert.Null(tokens.RefreshToken);
        Assert.Null(TokenRoom.Text(TokenRoom.ClaimsOf(tokens.AccessToken), "gid"));
        Assert.Equal(writes, room.Stores.Writes);
        Assert.Null(room.Events.Raised[^1].GrantId);
    }

    [Theory]
    [InlineData(null, Build.Password)]
    [InlineData("ana", null)]
    [InlineData("ana", "")]
    [Spec("RFC 6749", "§4.3.2")]
    public async Task A_missing_user_name_or_password_is_invalid_request(string? username, string? password)
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = Own(room);
        var writes = room.Stores.Writes;

        room.AssertRefused(await AskAsync(room, client, username, password), "invalid_request", 400, writes);
    }

    [Fact]
    [Spec("requirement", "50")]
    public async Task Wrong_password_unknown_disabled_and_braked_account_are_answered_alike()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = Own(room);
        var writes = room.Stores.Writes;

        var wrong = await RefusalAsync("ana", "wrong");
        var unknown = await RefusalAsync("nobody", Build.Password);
        room.Users.Disable(room.Ana.Subject);
        var disabled = await RefusalAsync("ana", Build.Password);
        room.Users.Refusal = new PasswordOutcome(null, TimeSpan.FromSeconds(30));
        var braked = await RefusalAsync("ana", Build.Password);

        Assert.Single(new[] { wrong, unknown, disabled, braked }.Select(e => (e.Code, e.Status, e.Description)).Distinct());
        Assert.Equal(TimeSpan.FromSeconds(30), braked.RetryAfter);

        async Task<OAuthError> RefusalAsync(string username, string password) =>
            room.AssertRefused(await AskAsync(room, client, username, password), "invalid_grant", 400, writes);
    }

    [Fact]
    public async Task A_right_password_of_an_account_without_claims_is_invalid_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = Own(room);
        room.Users.Refusal = new PasswordOutcome(Build.Subject(room.Clock)); // disabled between the two questions
        var writes = room.Stores.Writes;

        room.AssertRefused(await AskAsync(room, client), "invalid_grant", 400, writes);
    }

    [Fact]
    [Attack("second-factor bypass through the password grant")]
    [Spec("requirement", "50")]
    public async Task An_account_with_a_second_factor_is_refused_and_why_is_said_only_to_who_knows_the_password()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = Own(room);
        room.Users.Add(room.Ana with { HasSecondFactor = true });
        var writes = room.Stores.Writes;

        Assert.Contains("second factor", room.AssertRefused(await AskAsync(room, client), "invalid_grant", 400, writes).Description, StringComparison.Ordinal);
        Assert.DoesNotContain("second factor", room.AssertRefused(await AskAsync(room, client, password: "wrong"), "invalid_grant", 400, writes).Description, StringComparison.Ordinal);
    }

    [Fact]
    [Spec("requirement", "50")]
    public async Task An_overload_of_password_hashing_is_temporarily_unavailable()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = Own(room);
        room.Users.Refusal = new PasswordOutcome(null, TimeSpan.FromSeconds(2), Overloaded: true);
        var writes = room.Stores.Writes;

        var error = room.AssertRefused(await AskAsync(room, client), "temporarily_unavailable", 503, writes);

        Assert.Equal(TimeSpan.FromSeconds(2), error.RetryAfter);
    }

    [Fact]
    [Spec("requirement", "36")]
    public async Task A_scope_the_client_is_not_registered_for_is_invalid_scope()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = Own(room);
        var writes = room.Stores.Writes;

        var result = await room.AskAsync(client, (Parameters.GrantType, "password"), (Parameters.Username, "ana"), (Parameters.Password, Build.Password), (Parameters.Scope, "articles.write"));

        room.AssertRefused(result, "invalid_scope", 400, writes);
    }

    private static Client Own(TokenRoom room, Func<ClientMetadata, ClientMetadata>? with = null) =>
        room.Add(m => (with ?? (x => x))(m with { ClientId = "own", GrantTypes = ["password", "refresh_token"] }));

    private static Task<OAuthResult<TokenResponse>> AskAsync(TokenRoom room, Client client, string? username = "ana", string? password = Build.Password) =>
        room.AskAsync(client, (Parameters.GrantType, "password"), (Parameters.Username, username), (Parameters.Password, password));
}
