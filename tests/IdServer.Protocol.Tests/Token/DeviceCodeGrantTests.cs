using IdServer.Protocol.Clients;
using IdServer.Protocol.DeviceAuthorization;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Token;

[Spec("requirement", "49")]
public sealed class DeviceCodeGrantTests : IAsyncLifetime
{
    private TokenRoom room = null!;
    private Client tv = null!;
    private SsoSession session = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        room = await TokenRoom.OpenAsync();
        tv = room.AddPublic(m => m with { ClientId = "tv", GrantTypes = [GrantTypes.DeviceCode, GrantTypes.RefreshToken], Scope = "openid profile offline_access articles.read" });
        session = Build.Session(room.Clock, s => s with { Subject = room.Ana.Subject });
        await room.Stores.Sessions.SaveAsync(session, Ct);
        room.Clock.Advance(TimeSpan.FromMinutes(20)); // so that auth_time is not the time of anything else
    }

    public ValueTask DisposeAsync() => room.DisposeAsync();

    [Fact]
    [Spec("RFC 8628", "§3.5")]
    public async Task While_nobody_has_decided_the_device_is_told_to_ask_again()
    {
        var code = await BeginAsync();

        AssertWaits(await room.PollAsync(code, tv), "authorization_pending");
        room.Clock.Advance(TimeSpan.FromSeconds(5));
        var error = AssertWaits(await room.PollAsync(code, tv), "authorization_pending");

        Assert.Contains("sends a new one with every poll", error.Description, StringComparison.Ordinal);
        Assert.Equal([EventKind.TokenPending, EventKind.TokenPending], room.Events.Raised.Where(e => e.GrantType == GrantTypes.DeviceCode).Select(e => e.Kind));
    }

    [Fact]
    [Spec("RFC 8628", "§3.5")]
    public async Task A_device_that_asks_too_often_is_slowed_down_by_five_seconds_each_time()
    {
        var code = await BeginAsync();
        AssertWaits(await room.PollAsync(code, tv), "authorization_pending");

        Assert.Equal(TimeSpan.FromSeconds(10), AssertWaits(await room.PollAsync(code, tv), "slow_down").RetryAfter);
        room.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(15), AssertWaits(await room.PollAsync(code, tv), "slow_down").RetryAfter);
        room.Clock.Advance(TimeSpan.FromSeconds(15));
        AssertWaits(await room.PollAsync(code, tv), "authorization_pending");
    }

    [Fact]
    [Spec("RFC 8628", "§3.5")]
    public async Task Once_the_person_said_yes_the_device_has_its_tokens_however_early_it_asks()
    {
        var code = await BeginAsync("openid profile offline_access articles.read");
        AssertWaits(await room.PollAsync(code, tv), "authorization_pending");
        await ApproveAsync();

        var tokens = TokenRoom.Granted(await room.PollAsync(code, tv));

        Assert.Equal("openid profile offline_access articles.read", tokens.Scope);
        Assert.NotNull(tokens.RefreshToken);
        var claims = TokenRoom.ClaimsOf(tokens.IdToken!);
        Assert.Equal("tv", claims.GetProperty("aud").GetString());
        Assert.Equal(room.Ana.Subject, claims.GetProperty("sub").GetString());
        Assert.Equal(session.AuthTime.ToUnixTimeSeconds(), claims.GetProperty("auth_time").GetInt64());
        Assert.Equal(session.Acr, claims.GetProperty("acr").GetString());
        Assert.Equal("pwd", Assert.Single(claims.GetProperty("amr").EnumerateArray()).GetString());
        Assert.Equal(session.Id.ToString(), claims.GetProperty("sid").GetString());
        Assert.False(claims.TryGetProperty("nonce", out _));
        Assert.True(await IsAliveAsync(tokens));
    }

    [Fact]
    public async Task The_refresh_token_goes_on_working_and_keeps_auth_time()
    {
        var code = await BeginAsync("openid offline_access");
        await ApproveAsync();
        var tokens = TokenRoom.Granted(await room.PollAsync(code, tv));
        room.Clock.Advance(TimeSpan.FromMinutes(5));

        var refreshed = TokenRoom.Granted(await room.RefreshAsync(tokens.RefreshToken, tv));

        Assert.Equal(session.AuthTime.ToUnixTimeSeconds(), TokenRoom.ClaimsOf(refreshed.IdToken!).GetProperty("auth_time").GetInt64());
    }

    [Fact]
    public async Task A_client_without_the_refresh_grant_gets_no_refresh_token()
    {
        tv = room.AddPublic(m => m with { ClientId = "radio", GrantTypes = [GrantTypes.DeviceCode], Scope = "articles.read" });
        var code = await BeginAsync();
        await ApproveAsync();

        var tokens = TokenRoom.Granted(await room.PollAsync(code, tv));

        Assert.Null(tokens.RefreshToken);
        Assert.Null(tokens.IdToken);
    }

    [Theory]
    [InlineData("openid", false)]
    [InlineData("openid offline_access", true)]
    [Spec("requirement", "48")]
    public async Task Signing_out_where_it_was_approved_ends_the_grant_unless_it_is_offline(string scope, bool lives)
    {
        var code = await BeginAsync(scope);
        await ApproveAsync();
        var tokens = TokenRoom.Granted(await room.PollAsync(code, tv));

        await room.Stores.Sessions.EndAsync(session.Id, room.Clock.Now, Ct);

        Assert.Equal(lives, (await room.RefreshAsync(tokens.RefreshToken, tv)).TryGet(out _, out _));
    }

    [Fact]
    public async Task Signing_out_before_the_device_has_asked_leaves_nothing_to_get()
    {
        var code = await BeginAsync("openid");
        await ApproveAsync();
        await room.Stores.Sessions.EndAsync(session.Id, room.Clock.Now, Ct);
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.PollAsync(code, tv), "invalid_grant", 400, writes);
    }

    [Fact]
    [Spec("RFC 8628", "§3.5")]
    public async Task When_the_person_said_no_the_device_is_told_so()
    {
        var code = await BeginAsync();
        Assert.True(await room.Verification.DenyAsync(await EnteredAsync(), Ct));
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.PollAsync(code, tv), "access_denied", 400, writes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Spec("RFC 8628", "§3.5")]
    public async Task After_its_lifetime_the_code_has_expired_approved_or_not(bool approved)
    {
        var code = await BeginAsync();
        if (approved)
        {
            await ApproveAsync();
        }

        room.Clock.Advance(TimeSpan.FromMinutes(10));
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.PollAsync(code, tv), "expired_token", 400, writes);
    }

    [Fact]
    [Spec("RFC 9700", "§4.14")]
    public async Task A_code_that_comes_again_after_its_redemption_ends_everything_issued_for_it()
    {
        var code = await BeginAsync("openid offline_access");
        await ApproveAsync();
        var tokens = TokenRoom.Granted(await room.PollAsync(code, tv));

        Assert.False((await room.PollAsync(code, tv)).TryGet(out _, out var error));

        TokenRoom.AssertError(error, "invalid_grant", 400);
        Assert.Single(room.Events.Raised, e => e.Kind == EventKind.DeviceCodeReuseDetected);
        Assert.False(await IsAliveAsync(tokens));
        Assert.False((await room.RefreshAsync(tokens.RefreshToken, tv)).TryGet(out _, out _));
    }

    [Fact]
    public async Task Of_two_polls_that_race_one_wins_and_the_grant_ends()
    {
        var code = await BeginAsync("openid offline_access");
        await ApproveAsync();
        room.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var polls = new[] { room.PollAsync(code, tv), room.PollAsync(code, tv) };
        room.Gate.SetResult(); // both have found the code approved

        var results = await Task.WhenAll(polls);

        Assert.Single(results, r => r.TryGet(out _, out _));
        Assert.False(Assert.Single(results, r => !r.TryGet(out _, out _)).TryGet(out _, out var error));
        TokenRoom.AssertError(error, "invalid_grant", 400);
        Assert.Single(room.Events.Raised, e => e.Kind == EventKind.DeviceCodeReuseDetected);
    }

    [Fact]
    public async Task Another_client_can_neither_poll_a_code_nor_slow_its_device_down_nor_end_its_grant()
    {
        var other = room.AddPublic(m => m with { ClientId = "other", GrantTypes = [GrantTypes.DeviceCode], Scope = "openid" });
        var code = await BeginAsync("openid offline_access");
        AssertWaits(await room.PollAsync(code, tv), "authorization_pending");
        var writes = room.Stores.Writes;
        room.AssertRefused(await room.PollAsync(code, other), "invalid_grant", 400, writes);
        room.Clock.Advance(TimeSpan.FromSeconds(5));
        AssertWaits(await room.PollAsync(code, tv), "authorization_pending");

        await ApproveAsync();
        room.AssertRefused(await room.PollAsync(code, other), "invalid_grant", 400, room.Stores.Writes);
        var tokens = TokenRoom.Granted(await room.PollAsync(code, tv));
        room.AssertRefused(await room.PollAsync(code, other), "invalid_grant", 400, room.Stores.Writes);

        Assert.True(await IsAliveAsync(tokens));
    }

    [Theory]
    [InlineData(null, "invalid_request")]
    [InlineData("nonsense", "invalid_grant")]
    [InlineData("WDJB-MJHT", "invalid_grant")]
    public async Task What_is_no_device_code_is_refused(string? code, string error)
    {
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.PollAsync(code, tv), error, 400, writes);
    }

    [Fact]
    public async Task The_user_code_and_a_code_with_another_secret_are_no_device_codes()
    {
        var begun = TokenRoom.Granted(await room.BeginDeviceAsync(tv));
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.PollAsync(begun.UserCode, tv), "invalid_grant", 400, writes);
        room.AssertRefused(await room.PollAsync(begun.DeviceCode[..32] + new string('A', 32), tv), "invalid_grant", 400, writes);
    }

    [Fact]
    [Spec("requirement", "2")]
    public async Task A_device_code_that_comes_twice_is_refused_and_not_spent()
    {
        var code = await BeginAsync();
        await ApproveAsync();
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.AskAsync(tv, (Parameters.GrantType, GrantTypes.DeviceCode), (Parameters.DeviceCode, code), (Parameters.DeviceCode, code)), "invalid_request", 400, writes);
        TokenRoom.Granted(await room.PollAsync(code, tv));
    }

    [Fact]
    public async Task A_person_who_may_not_sign_in_any_more_has_approved_nothing()
    {
        var code = await BeginAsync();
        await ApproveAsync();
        room.Users.Disable(room.Ana.Subject);
        var writes = room.Stores.Writes;

        room.AssertRefused(await room.PollAsync(code, tv), "invalid_grant", 400, writes);
    }

    private async Task<string> BeginAsync(string? scope = null) => TokenRoom.Granted(await room.BeginDeviceAsync(tv, (Parameters.Scope, scope))).DeviceCode;

    private async Task<PendingDevice> EnteredAsync()
    {
        var entered = await room.Verification.EnterAsync(room.Stores.DeviceCodes.All[^1].UserCode, Build.BrowserDigest, Ct);
        return (await room.Verification.FindAsync(entered.InteractionId!.Value, Build.BrowserDigest, Ct))!;
    }

    private async Task<bool> IsAliveAsync(TokenResponse tokens) => (await room.UserInfoAsync("Bearer " + tokens.AccessToken)).TryGet(out _, out _);

    private async Task ApproveAsync() => Assert.True(await room.Verification.ApproveAsync(await EnteredAsync(), session, Ct));

    private static OAuthError AssertWaits(OAuthResult<TokenResponse> result, string code)
    {
        Assert.False(result.TryGet(out _, out var error));
        TokenRoom.AssertError(error, code, 400);
        return error;
    }
}
