using System.Text.Json;
using IdServer.Protocol.Events;
using IdServer.Protocol.Tests.Token;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.UserInfo;

[Spec("OIDC Core", "§5.3"), Spec("requirement", "41")]
public sealed class UserInfoEndpointTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Bearer")]
    [InlineData("bearer")]
    [Spec("RFC 6750", "§2.1")]
    public async Task A_token_in_the_header_is_accepted_whatever_the_case_of_the_scheme(string scheme)
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();

        var claims = TokenRoom.Json(TokenRoom.Granted(await room.UserInfoAsync($"{scheme} {tokens.AccessToken}")).Body);

        Assert.Equal(room.Ana.Subject, TokenRoom.Text(claims, "sub"));
    }

    [Fact]
    [Spec("RFC 6750", "§2.2")]
    public async Task A_token_in_the_form_body_is_accepted()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();

        var claims = TokenRoom.Json(TokenRoom.Granted(await room.UserInfoAsync(null, (Parameters.AccessToken, tokens.AccessToken))).Body);

        Assert.Equal(room.Ana.Subject, TokenRoom.Text(claims, "sub"));
    }

    [Fact]
    [Spec("RFC 6750", "§2"), Spec("RFC 6750", "§3.1")]
    public async Task A_token_in_both_places_or_twice_is_invalid_request()
    {
        await using var room = await TokenRoom.OpenAsync();
        var token = (await room.TokensAsync()).AccessToken;
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.UserInfoAsync($"Bearer {token}", (Parameters.AccessToken, token)), "invalid_request", 400, writes);
        room.AssertRefused(await room.UserInfoAsync(null, (Parameters.AccessToken, token), (Parameters.AccessToken, token)), "invalid_request", 400, writes);
    }

    [Theory]
    [InlineData("openid", new[] { "sub" })]
    [InlineData("openid email", new[] { "sub", "email", "email_verified" })]
    [InlineData("openid phone", new[] { "sub", "phone_number", "phone_number_verified" })]
    [InlineData("openid address", new[] { "sub", "address" })]
    [InlineData("openid profile", new[] { "sub", "name", "family_name", "given_name", "preferred_username", "updated_at" })]
    [Spec("OIDC Core", "§5.4")]
    public async Task A_scope_releases_its_claims_and_no_others(string scope, string[] expected)
    {
        await using var room = await TokenRoom.OpenAsync();
        room.Users.Add(room.Ana with { PhoneNumber = "+34 600 000 000", Address = new PostalAddress("Calle Mayor 1", null, null, null, null, "ES") });

        var claims = await ClaimsAsync(room, scope);

        Assert.Equal(expected, claims.EnumerateObject().Select(c => c.Name));
    }

    [Fact]
    [Spec("OIDC Core", "§5.1")]
    public async Task Claims_have_their_JSON_types()
    {
        await using var room = await TokenRoom.OpenAsync();

        var claims = await ClaimsAsync(room, "openid profile email");

        Assert.Equal(JsonValueKind.True, claims.GetProperty("email_verified").ValueKind);
        Assert.Equal(JsonValueKind.Number, claims.GetProperty("updated_at").ValueKind);
        Assert.Equal("García", claims.GetProperty("family_name").GetString());
    }

    [Fact]
    [Spec("OIDC Core", "§5.5"), Spec("requirement", "12")]
    public async Task Claims_asked_for_userinfo_by_name_are_released_once_and_those_of_the_ID_token_are_not()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync(g => g with { Scopes = ["openid", "email"], Claims = """{"userinfo":{"given_name":null,"email":null},"id_token":{"name":null}}""" });

        var claims = TokenRoom.Json(TokenRoom.Granted(await room.UserInfoAsync($"Bearer {tokens.AccessToken}")).Body);

        Assert.Equal(["sub", "email", "email_verified", "given_name"], claims.EnumerateObject().Select(c => c.Name));
    }

    [Fact]
    public async Task Claims_are_those_of_now_and_not_of_the_sign_in()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        room.Users.Add(room.Ana with { Name = "Ana Nueva" });

        var claims = TokenRoom.Json(TokenRoom.Granted(await room.UserInfoAsync($"Bearer {tokens.AccessToken}")).Body);

        Assert.Equal("Ana Nueva", TokenRoom.Text(claims, "name"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer nonsense")]
    [InlineData("Bearer a.b.c")]
    [InlineData("Basic YXBwOng=")]
    [Spec("RFC 6750", "§3.1")]
    public async Task A_missing_or_unreadable_token_is_invalid_token(string? authorization)
    {
        await using var room = await TokenRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.UserInfoAsync(authorization), "invalid_token", 401, writes);
        Assert.Equal(EventKind.UserInfoRefused, Assert.Single(room.Events.Kinds));
    }

    [Fact]
    [Spec("OIDC Core", "§5.3.1"), Spec("RFC 6750", "§3.1")]
    public async Task A_token_without_the_scope_openid_is_insufficient_scope()
    {
        await using var room = await TokenRoom.OpenAsync();
        var ofPerson = await room.TokensAsync(g => g with { Scopes = ["profile"] });
        var ofClient = await room.ClientTokensAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.UserInfoAsync($"Bearer {ofPerson.AccessToken}"), "insufficient_scope", 403, writes);
        room.AssertRefused(await room.UserInfoAsync($"Bearer {ofClient.AccessToken}"), "insufficient_scope", 403, writes);
    }

    [Fact]
    [Spec("RFC 8725", "§3.11")]
    public async Task An_ID_token_and_a_refresh_token_are_invalid_token()
    {
        await using var room = await TokenRoom.OpenAsync();
        var tokens = await room.TokensAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.UserInfoAsync($"Bearer {tokens.IdToken}"), "invalid_token", 401, writes);
        room.AssertRefused(await room.UserInfoAsync($"Bearer {tokens.RefreshToken}"), "invalid_token", 401, writes);
    }

    [Fact]
    [Spec("requirement", "28")]
    public async Task A_token_is_refused_as_soon_as_its_grant_session_client_or_person_is_gone()
    {
        await using var room = await TokenRoom.OpenAsync();
        var session = Build.Session(room.Clock, s => s with { Subject = room.Ana.Subject });
        await room.Stores.Sessions.SaveAsync(session, Ct);
        var gone = room.Add(m => m with { ClientId = "gone" });
        var ofGrant = await room.TokensAsync();
        var ofSession = await room.TokensAsync(g => g with { SessionId = session.Id });
        var ofClient = await room.TokensAsync(client: gone);
        var ofPerson = await room.TokensAsync();

        await room.RevokeAsync(room.App, (Parameters.Token, ofGrant.AccessToken));
        await RefusedAsync(ofGrant.AccessToken);
        Assert.True((await room.UserInfoAsync($"Bearer {ofSession.AccessToken}")).TryGet(out _, out _));

        await room.Stores.Sessions.EndAsync(session.Id, room.Clock.Now, Ct);
        await RefusedAsync(ofSession.AccessToken);
        Assert.True((await room.UserInfoAsync($"Bearer {ofPerson.AccessToken}")).TryGet(out _, out _));

        Assert.True((await room.UserInfoAsync($"Bearer {ofClient.AccessToken}")).TryGet(out _, out _));

        room.Stores.Clients.Remove(gone.ClientId);
        await RefusedAsync(ofClient.AccessToken);
        Assert.True((await room.UserInfoAsync($"Bearer {ofPerson.AccessToken}")).TryGet(out _, out _));

        room.Users.Disable(room.Ana.Subject);
        await RefusedAsync(ofPerson.AccessToken);

        async Task RefusedAsync(string token)
        {
            var writes = room.Stores.Writes;
            var error = room.AssertRefused(await room.UserInfoAsync($"Bearer {token}"), "invalid_token", 401, writes);
            Assert.NotNull(error.Reason);
        }
    }

    [Fact]
    public async Task The_log_tells_an_expired_token_from_a_revoked_one_and_the_answer_does_not()
    {
        await using var room = await TokenRoom.OpenAsync();
        var (expiring, revoked) = (await room.TokensAsync(), await room.TokensAsync());
        await room.RevokeAsync(room.App, (Parameters.Token, revoked.AccessToken));
        Assert.False((await room.UserInfoAsync($"Bearer {revoked.AccessToken}")).TryGet(out _, out var ofRevoked));
        room.Clock.Advance(TimeSpan.FromHours(1));
        Assert.False((await room.UserInfoAsync($"Bearer {expiring.AccessToken}")).TryGet(out _, out var ofExpired));

        Assert.Equal(ofRevoked.Description, ofExpired.Description);
        Assert.NotEqual(ofRevoked.Reason, ofExpired.Reason);
    }

    private static async Task<JsonElement> ClaimsAsync(TokenRoom room, string scope)
    {
        var tokens = await room.TokensAsync(g => g with { Scopes = scope.Split(' ') });
        return TokenRoom.Json(TokenRoom.Granted(await room.UserInfoAsync($"Bearer {tokens.AccessToken}")).Body);
    }
}
