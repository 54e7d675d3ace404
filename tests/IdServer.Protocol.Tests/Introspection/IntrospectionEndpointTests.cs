using IdServer.Protocol.Events;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Revocations;
using Xunit;

namespace IdServer.Protocol.Tests.Introspection;

[Spec("RFC 7662", "§2")]
public sealed class IntrospectionEndpointTests
{
    private const string Inactive = """{"active":false}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("RFC 7662", "§2.2")]
    public async Task An_access_token_is_described_by_all_its_claims_the_user_name_and_its_type()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();

        var answer = await room.IntrospectAsync(tokens.AccessToken);

        Assert.True(answer.GetProperty("active").GetBoolean());
        Assert.Equal("ana", TokenRoom.Text(answer, "username"));
        Assert.Equal("Bearer", TokenRoom.Text(answer, "token_type"));
        Assert.All(TokenRoom.ClaimsOf(tokens.AccessToken).EnumerateObject(), c => Assert.Equal(c.Value.ToString(), TokenRoom.Text(answer, c.Name)));
    }

    [Fact]
    public async Task A_token_of_a_client_itself_has_no_user_name()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.ClientTokensAsync();

        var answer = await room.IntrospectAsync(tokens.AccessToken, room.Machine());

        Assert.True(answer.GetProperty("active").GetBoolean());
        Assert.Null(TokenRoom.Text(answer, "username"));
    }

    [Fact]
    [Spec("RFC 7662", "§2.2")]
    public async Task A_refresh_token_is_described_to_its_own_client()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();

        var answer = await room.IntrospectAsync(tokens.RefreshToken!);

        Assert.Equal(["active", "iss", "sub", "username", "client_id", "scope", "iat", "exp"], answer.EnumerateObject().Select(m => m.Name));
        Assert.True(answer.GetProperty("active").GetBoolean());
        Assert.Equal(room.Clock.Now.AddDays(30).ToUnixTimeSeconds(), answer.GetProperty("exp").GetInt64());
        Assert.Equal("openid profile articles.read", TokenRoom.Text(answer, "scope"));
    }

    [Fact]
    [Spec("RFC 7662", "§4")]
    public async Task Another_client_learns_nothing_of_a_token()
    {
        await using var room = await TokenRoom.OpenAsync();
        var other = room.Add(m => m with { ClientId = "other" });
        var tokens = await room.TokensAsync();

        Assert.Equal(Inactive, (await room.IntrospectAsync(tokens.AccessToken, other)).GetRawText());
        Assert.Equal(Inactive, (await room.IntrospectAsync(tokens.RefreshToken!, other)).GetRawText());
    }

    [Fact]
    [Spec("RFC 7662", "§4")]
    public async Task The_client_of_an_API_sees_access_tokens_for_this_API_only_and_no_refresh_tokens()
    {
        await using var room = await TokenRoom.OpenAsync();
        var api = room.Add(m => m with { ClientId = TokenRoom.ApiClientId, GrantTypes = [] });
        var forApi = await room.TokensAsync();
        var forReports = await room.TokensAsync(g => g with { Scopes = ["openid", "reports.read"] });

        Assert.True(await room.IsActiveAsync(forApi.AccessToken, api));
        Assert.Equal(Inactive, (await room.IntrospectAsync(forReports.AccessToken, api)).GetRawText());
        Assert.Equal(Inactive, (await room.IntrospectAsync(forApi.RefreshToken!, api)).GetRawText());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("ñ")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task What_is_no_token_of_ours_is_inactive(string token)
    {
        await using var room = await TokenRoom.OpenAsync();

        Assert.Equal(Inactive, (await room.IntrospectAsync(token)).GetRawText());
    }

    [Fact]
    [Spec("RFC 8725", "§3.11")]
    public async Task An_ID_token_or_a_tampered_access_token_is_inactive()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        var parts = tokens.AccessToken.Split('.');
        var foreign = (await room.ClientTokensAsync()).AccessToken.Split('.');

        Assert.Equal(Inactive, (await room.IntrospectAsync(tokens.IdToken!)).GetRawText());
        Assert.Equal(Inactive, (await room.IntrospectAsync($"{parts[0]}.{parts[1]}.{foreign[2]}")).GetRawText());
        Assert.Equal(Inactive, (await room.IntrospectAsync($"{parts[0]}.{parts[1]}.")).GetRawText());
    }

    [Fact]
    public async Task Tokens_are_inactive_from_the_second_they_expire()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        room.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        Assert.True(await room.IsActiveAsync(tokens.AccessToken));

        room.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Inactive, (await room.IntrospectAsync(tokens.AccessToken)).GetRawText());

        room.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal(Inactive, (await room.IntrospectAsync(tokens.RefreshToken!)).GetRawText());
    }

    [Fact]
    public async Task A_rotated_refresh_token_is_inactive_and_its_successor_active()
    {
        await using var room = await TokenRoom.OpenAsync();
        var first = await room.TokensAsync();
        var second = TokenRoom.Granted(await room.RefreshAsync(first.RefreshToken));

        Assert.False(await room.IsActiveAsync(first.RefreshToken!));
        Assert.True(await room.IsActiveAsync(second.RefreshToken!));
    }

    [Fact]
    [Spec("requirement", "28"), Spec("requirement", "48")]
    public async Task Everything_of_an_ended_grant_is_inactive_at_once()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        var other = await room.TokensAsync();

        await room.Stores.Grants.EndAsync(Guid.Parse(TokenRoom.Text(TokenRoom.ClaimsOf(tokens.AccessToken), "gid")!), room.Clock.Now, Ct);

        Assert.False(await room.IsActiveAsync(tokens.AccessToken));
        Assert.False(await room.IsActiveAsync(tokens.RefreshToken!));
        Assert.True(await room.IsActiveAsync(other.AccessToken));
    }

    [Fact]
    [Spec("requirement", "28")]
    public async Task Everything_issued_before_a_password_change_is_inactive_and_what_comes_after_is_active()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.Add(m => m with { ClientId = "own", GrantTypes = ["password"] });
        (string, string?)[] request = [(Parameters.GrantType, "password"), (Parameters.Username, "ana"), (Parameters.Password, Build.Password)];
        var before = TokenRoom.Granted(await room.AskAsync(client, request));
        room.Clock.Advance(TimeSpan.FromMilliseconds(1));

        await room.Stores.Grants.EndAllOfSubjectAsync(room.Ana.Subject, room.Clock.Now, Ct);
        room.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var after = TokenRoom.Granted(await room.AskAsync(client, request));

        Assert.False(await room.IsActiveAsync(before.AccessToken, client));
        Assert.True(await room.IsActiveAsync(after.AccessToken, client));
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task A_token_that_names_a_session_is_inactive_when_the_session_has_ended()
    {
        await using var room = await TokenRoom.OpenAsync();
        var session = Guid.CreateVersion7(room.Clock.Now);
        var bound = await room.TokensAsync(g => g with { SessionId = session });
        var offline = await room.TokensAsync(g => g with { SessionId = session, Scopes = ["openid", "offline_access"] });

        room.Changes.Publish(new Change(ChangeKind.Revocation, Revocation: new Revocation(1, RevocationKind.Session, session, room.Clock.Now, room.Clock.Now.AddDays(1))));

        Assert.False(await room.IsActiveAsync(bound.AccessToken));
        Assert.True(await room.IsActiveAsync(offline.AccessToken));
    }

    [Fact]
    public async Task Tokens_of_a_disabled_account_are_inactive()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();

        room.Users.Disable(room.Ana.Subject);

        Assert.False(await room.IsActiveAsync(tokens.AccessToken));
        Assert.False(await room.IsActiveAsync(tokens.RefreshToken!));
    }

    [Fact]
    [Spec("RFC 7662", "§2.1")]
    public async Task A_token_type_hint_never_changes_the_answer()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();

        foreach (var hint in new[] { "access_token", "refresh_token", "nonsense" })
        {
            Assert.True((await room.IntrospectAsync(tokens.AccessToken, more: (Parameters.TokenTypeHint, hint))).GetProperty("active").GetBoolean());
            Assert.True((await room.IntrospectAsync(tokens.RefreshToken!, more: (Parameters.TokenTypeHint, hint))).GetProperty("active").GetBoolean());
        }
    }

    [Fact]
    [Spec("RFC 7662", "§2.1")]
    public async Task A_public_client_is_invalid_client()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.AddPublic();
        var tokens = await room.TokensAsync(client: client);
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.TryIntrospectAsync(client, (Parameters.Token, tokens.AccessToken)), "invalid_client", 401, writes);
        Assert.Equal(EventKind.IntrospectionRefused, room.Events.Kinds.Last());
    }

    [Fact]
    [Spec("RFC 7662", "§2.1")]
    public async Task A_missing_token_and_a_repeated_parameter_are_invalid_request()
    {
        await using var room = await TokenRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.TryIntrospectAsync(room.App), "invalid_request", 400, writes);
        room.AssertRefused(await room.TryIntrospectAsync(room.App, (Parameters.Token, "a"), (Parameters.Token, "a")), "invalid_request", 400, writes);
    }
}
