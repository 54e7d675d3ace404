using System.Net;
using IdServer.Protocol.Events;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Token;

[Spec("RFC 6749", "§4.1.3")]
public sealed class AuthorizationCodeGrantTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Spec("RFC 6749", "§4.1.4")]
    public async Task A_code_yields_an_access_token_an_ID_token_and_a_refresh_token()
    {
        await using var room = await TokenRoom.OpenAsync();

        var tokens = TokenRoom.Granted(await room.RedeemAsync(await room.CodeAsync()));

        Assert.Equal("openid profile articles.read", tokens.Scope);
        Assert.Equal(3600, tokens.ExpiresIn);
        Assert.NotNull(tokens.IdToken);
        Assert.NotNull(tokens.RefreshToken);
        Assert.Equal([EventKind.TokenIssued], room.Events.Kinds);
    }

    [Fact]
    [Spec("requirement", "35")]
    public async Task A_client_without_the_refresh_token_grant_gets_no_refresh_token()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.Add(m => m with { ClientId = "no-refresh", GrantTypes = ["authorization_code"] });

        var tokens = TokenRoom.Granted(await room.RedeemAsync(await room.CodeAsync(g => g with { ClientId = "no-refresh" }), client));

        Assert.Null(tokens.RefreshToken);
        Assert.Empty(room.Stores.RefreshTokens.All);
    }

    [Fact]
    public async Task A_missing_code_is_invalid_request()
    {
        await using var room = await TokenRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(room.App, (Parameters.GrantType, "authorization_code")), "invalid_request", 400, writes);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    [InlineData("ñ123456789012345678901234567890123456789012345678901234567890123")]
    [Spec("RFC 6749", "§5.2")]
    public async Task An_unknown_code_is_invalid_grant(string code)
    {
        await using var room = await TokenRoom.OpenAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code), "invalid_grant", 400, writes);
    }

    [Fact]
    public async Task A_code_whose_secret_was_guessed_is_invalid_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code[..^1] + (code[^1] == 'A' ? 'B' : 'A')), "invalid_grant", 400, writes);
    }

    [Fact]
    [Spec("requirement", "27")]
    public async Task A_stranger_cannot_redeem_a_code_and_does_not_spend_it()
    {
        await using var room = await TokenRoom.OpenAsync();
        var stranger = room.Add(m => m with { ClientId = "stranger" });
        var code = await room.CodeAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code, stranger), "invalid_grant", 400, writes);

        TokenRoom.Granted(await room.RedeemAsync(code));
    }

    [Fact]
    [Spec("RFC 6749", "§4.1.2"), Spec("requirement", "28"), Spec("RFC 9700", "§2.1.1")]
    public async Task A_redeemed_code_is_refused_and_ends_its_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync();
        var tokens = TokenRoom.Granted(await room.RedeemAsync(code));

        Assert.False((await room.RedeemAsync(code)).TryGet(out _, out var error));

        TokenRoom.AssertError(error, "invalid_grant", 400);
        Assert.False(await room.IsActiveAsync(tokens.AccessToken));
        Assert.False((await room.UserInfoAsync($"Bearer {tokens.AccessToken}")).TryGet(out _, out _));
        Assert.False((await room.RefreshAsync(tokens.RefreshToken)).TryGet(out _, out _));
        Assert.Contains(EventKind.CodeReuseDetected, room.Events.Kinds);
    }

    [Fact]
    [Spec("requirement", "28")]
    public async Task A_stranger_who_presents_a_redeemed_code_does_not_end_the_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var stranger = room.Add(m => m with { ClientId = "stranger" });
        var code = await room.CodeAsync();
        var tokens = TokenRoom.Granted(await room.RedeemAsync(code));
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code, stranger), "invalid_grant", 400, writes);

        Assert.True(await room.IsActiveAsync(tokens.AccessToken));
    }

    [Fact]
    [Spec("requirement", "28")]
    public async Task Reuse_is_noticed_after_the_code_has_expired()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync();
        var tokens = TokenRoom.Granted(await room.RedeemAsync(code));
        room.Clock.Advance(TimeSpan.FromMinutes(5));

        Assert.False((await room.RedeemAsync(code)).TryGet(out _, out _));

        Assert.False(await room.IsActiveAsync(tokens.AccessToken));
    }

    [Fact]
    [Spec("requirement", "27")]
    public async Task Of_parallel_redemptions_exactly_one_wins_and_its_tokens_die()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => room.RedeemAsync(code), Ct)));

        var winners = results.Where(r => r.TryGet(out _, out var error) || error.Code != "invalid_grant").ToArray();
        Assert.True(Assert.Single(winners).TryGet(out var tokens, out _));
        Assert.Single(room.Stores.RefreshTokens.All);
        Assert.False(await room.IsActiveAsync(tokens.AccessToken));
        Assert.Contains(EventKind.CodeReuseDetected, room.Events.Kinds);
    }

    [Fact]
    [Spec("RFC 6749", "§4.1.2"), Spec("requirement", "28")]
    public async Task Losing_the_race_for_a_code_is_reuse_and_ends_the_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync();
        room.Gate = new TaskCompletionSource();
        var attempts = new[] { room.RedeemAsync(code), room.RedeemAsync(code) }; // both have found the code unspent

        room.Gate.SetResult();
        var results = await Task.WhenAll(attempts);

        Assert.True(results[0].TryGet(out var tokens, out _) ^ results[1].TryGet(out var others, out _));
        Assert.Equal(IPAddress.Loopback, Assert.Single(room.Events.Raised, e => e.Kind == EventKind.CodeReuseDetected).RemoteAddress);
        Assert.False(await room.IsActiveAsync((tokens ?? others)!.AccessToken));
    }

    [Fact]
    [Spec("RFC 6749", "§4.1.2"), Spec("requirement", "27")]
    public async Task An_expired_code_is_invalid_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync();
        room.Clock.Advance(TimeSpan.FromSeconds(60));
        var writes = room.Stores.Writes;

        var error = room.AssertRefused(await room.RedeemAsync(code), "invalid_grant", 400, writes);

        Assert.Equal("Expired.", error.Reason);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://app.example/other")]
    [InlineData("https://app.example/callback/")]
    [InlineData("https://APP.example/callback")]
    [Spec("requirement", "30")]
    public async Task A_redirect_URI_that_is_missing_or_differs_is_invalid_grant(string? redirectUri)
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code, redirectUri: redirectUri), "invalid_grant", 400, writes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Build.CodeChallenge)]
    [InlineData("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")]
    [InlineData("tooshort")]
    [InlineData("dBjftJeZ4CVP-mB92K27uhbUJU1p1r wW1gFWFOEjXk")]
    [InlineData("dBjftJeZ4CVP-mB92K27uhbUJU1p1rñwW1gFWFOEjXk")]
    [Spec("RFC 7636", "§4.6"), Spec("requirement", "29")]
    public async Task A_verifier_that_is_missing_wrong_or_malformed_is_invalid_grant(string? verifier)
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code, verifier: verifier), "invalid_grant", 400, writes);
    }

    [Fact]
    [Spec("RFC 7636", "§4.1"), Spec("requirement", "29")]
    public async Task A_verifier_over_128_characters_is_refused_although_its_hash_fits()
    {
        await using var room = await TokenRoom.OpenAsync();
        var verifier = new string('a', 129);
        var challenge = System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(verifier)));
        var code = await room.CodeAsync(code: c => c with { CodeChallenge = challenge });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code, verifier: verifier), "invalid_grant", 400, writes);
    }

    [Fact]
    [Spec("RFC 9700", "§2.1.1"), Spec("requirement", "29")]
    public async Task A_verifier_without_a_challenge_is_invalid_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync(code: c => c with { CodeChallenge = null });
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code), "invalid_grant", 400, writes);
    }

    [Fact]
    [Spec("requirement", "29")]
    public async Task A_code_without_a_challenge_is_redeemed_without_a_verifier()
    {
        await using var room = await TokenRoom.OpenAsync();

        TokenRoom.Granted(await room.RedeemAsync(await room.CodeAsync(code: c => c with { CodeChallenge = null }), verifier: null));
    }

    [Fact]
    public async Task A_refused_attempt_does_not_spend_the_code()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync();
        Assert.False((await room.RedeemAsync(code, verifier: new string('x', 43))).TryGet(out _, out _));

        TokenRoom.Granted(await room.RedeemAsync(code));
    }

    [Fact]
    public async Task A_code_of_a_person_who_may_not_sign_in_any_more_is_invalid_grant()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync();
        room.Users.Disable(room.Ana.Subject);
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code), "invalid_grant", 400, writes);
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task A_code_of_an_ended_grant_is_invalid_grant_and_no_reuse()
    {
        await using var room = await TokenRoom.OpenAsync();
        var code = await room.CodeAsync();
        await room.Stores.Grants.EndAllOfSubjectAsync(room.Ana.Subject, room.Clock.Now, Ct);
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.RedeemAsync(code), "invalid_grant", 400, writes);

        Assert.DoesNotContain(EventKind.CodeReuseDetected, room.Events.Kinds);
    }

    [Fact]
    [Spec("requirement", "25")]
    public async Task A_public_client_redeems_its_code_with_PKCE_alone()
    {
        await using var room = await TokenRoom.OpenAsync();
        var client = room.AddPublic();

        TokenRoom.Granted(await room.RedeemAsync(await room.CodeAsync(g => g with { ClientId = client.ClientId }), client));
    }
}
