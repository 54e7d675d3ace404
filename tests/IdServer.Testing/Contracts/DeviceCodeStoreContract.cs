using IdServer.Protocol.Stores;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="IDeviceCodeStore"/> promises.</summary>
public abstract class DeviceCodeStoreContract : StoreContract
{
    private IDeviceCodeStore Codes => Stores.DeviceCodes;

    [Fact]
    public async Task A_saved_code_is_found_by_its_user_code_with_everything()
    {
        var code = await SaveAsync();

        Assert.Equivalent(code, await Codes.FindAsync(code.UserCode, Ct), strict: true);
        Assert.Null(await Codes.FindAsync("BBBBBBBB", Ct));
    }

    [Fact]
    [Spec("RFC 8628", "§6.1")]
    public async Task A_second_code_with_the_same_user_code_is_not_saved()
    {
        var code = await SaveAsync();
        var (_, second) = Build.DeviceCode(Clock, c => c with { UserCode = code.UserCode, ClientId = "other" });

        Assert.False(await Codes.TrySaveAsync(second, Ct));

        Assert.Equal("app", (await Codes.FindAsync(code.UserCode, Ct))?.ClientId);
        Assert.Null(await Codes.PollAsync(second.Key, "other", Clock.Now, Ct));
    }

    [Fact]
    public async Task Of_64_codes_with_the_same_user_code_exactly_one_is_saved()
    {
        var codes = Enumerable.Range(0, 64).Select(_ => Build.DeviceCode(Clock, c => c with { UserCode = "WDJBMJHT" }).Code).ToArray();

        Assert.Single(await RaceAsync(i => Codes.TrySaveAsync(codes[i], Ct)), saved => saved);
    }

    [Fact]
    public async Task A_poll_with_another_digest_or_of_another_client_finds_nothing_and_slows_nobody_down()
    {
        var code = await SaveAsync();

        Assert.Null(await Codes.PollAsync(WithOtherDigest(code.Key), "app", Clock.Now, Ct));
        Assert.Null(await Codes.PollAsync(code.Key, "other", Clock.Now, Ct));
        Assert.Null(await Codes.PollAsync(Build.DeviceCode(Clock).Code.Key, "app", Clock.Now, Ct));

        Assert.Equal((false, 5.0), await PollAsync(code));
    }

    [Fact]
    [Spec("RFC 8628", "§3.5")]
    public async Task A_poll_before_the_interval_is_over_lengthens_it_for_good()
    {
        var code = await SaveAsync();

        Assert.Equal((false, 5.0), await PollAsync(code));
        Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((true, 10.0), await PollAsync(code));
        Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((true, 15.0), await PollAsync(code));
        Clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal((false, 15.0), await PollAsync(code));
    }

    [Fact]
    public async Task A_poll_that_is_a_second_early_is_forgiven()
    {
        var code = await SaveAsync();
        await PollAsync(code);
        Clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal((false, 5.0), await PollAsync(code));
    }

    [Fact]
    public async Task Of_64_polls_at_once_only_one_is_in_time()
    {
        var code = await SaveAsync();

        var polls = await RaceAsync(_ => Codes.PollAsync(code.Key, "app", Clock.Now, Ct));

        Assert.Single(polls, poll => !poll!.TooEarly);
        Assert.Equal(63, polls.Select(poll => poll!.Code.PollInterval).Where(interval => interval > TimeSpan.FromSeconds(5)).Distinct().Count());
    }

    [Fact]
    public async Task Approving_begins_the_grant_and_a_poll_has_it_at_once()
    {
        var code = await SaveAsync();
        await PollAsync(code);
        var grant = Build.Grant(Clock, g => g with { SessionId = Guid.CreateVersion7(Clock.Now) });
        var decidedAt = Clock.Now;

        Assert.True(await Codes.TryApproveAsync(code.Key.Id, grant, decidedAt, Ct));

        var poll = await Codes.PollAsync(code.Key, "app", Clock.Now, Ct);
        Assert.Equivalent(code with { DecidedAt = decidedAt, Grant = grant }, poll!.Code, strict: true);
        Assert.False(poll.TooEarly);
        Assert.Equal(DeviceCodeState.Approved, poll.Code.StateAt(Clock.Now));
        Assert.True(await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct));
    }

    [Fact]
    public async Task A_denied_code_says_so()
    {
        var code = await SaveAsync();

        Assert.True(await Codes.TryDenyAsync(code.Key.Id, Clock.Now, Ct));

        Assert.Equal(DeviceCodeState.Denied, await StateAsync(code));
    }

    [Fact]
    public async Task A_decision_is_made_once()
    {
        var (approved, denied) = (await SaveAsync(), await SaveAsync());
        await Codes.TryApproveAsync(approved.Key.Id, Build.Grant(Clock), Clock.Now, Ct);
        await Codes.TryDenyAsync(denied.Key.Id, Clock.Now, Ct);
        var late = Build.Grant(Clock);

        Assert.False(await Codes.TryDenyAsync(approved.Key.Id, Clock.Now, Ct));
        Assert.False(await Codes.TryApproveAsync(denied.Key.Id, late, Clock.Now, Ct));

        Assert.Equal(DeviceCodeState.Approved, await StateAsync(approved));
        Assert.Equal(DeviceCodeState.Denied, await StateAsync(denied));
        Assert.False(await Stores.Grants.EndAsync(late.Id, Clock.Now, Ct));
    }

    [Fact]
    public async Task Of_64_parallel_decisions_exactly_one_wins_and_begins_at_most_its_grant()
    {
        var code = await SaveAsync();
        var grants = Enumerable.Range(0, 64).Select(_ => Build.Grant(Clock)).ToArray();

        var won = await RaceAsync(i => i % 2 == 0 ? Codes.TryApproveAsync(code.Key.Id, grants[i], Clock.Now, Ct) : Codes.TryDenyAsync(code.Key.Id, Clock.Now, Ct));

        Assert.Single(won, w => w);
        for (var i = 0; i < grants.Length; i += 2)
        {
            Assert.Equal(won[i], await Stores.Grants.EndAsync(grants[i].Id, Clock.Now, Ct));
        }
    }

    [Theory]
    [InlineData(600)]
    [InlineData(3500)]
    public async Task An_expired_code_takes_no_decision_and_no_poll_but_is_found(int seconds)
    {
        var code = await SaveAsync();
        var grant = Build.Grant(Clock);
        Clock.Advance(TimeSpan.FromSeconds(seconds));

        Assert.False(await Codes.TryApproveAsync(code.Key.Id, grant, Clock.Now, Ct));
        Assert.False(await Codes.TryDenyAsync(code.Key.Id, Clock.Now, Ct));

        Assert.Equal(DeviceCodeState.Expired, await StateAsync(code));
        Assert.False(await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct));
    }

    [Fact]
    public async Task Redeeming_saves_the_first_refresh_token_with_the_grant()
    {
        var (code, grant) = await ApprovedAsync();
        var (_, first) = Build.RefreshToken(Clock, grant.Id);

        Assert.True(await Codes.TryRedeemAsync(code.Key, first, Clock.Now, Ct));

        Assert.Equivalent(new StoredRefreshToken(first, grant, null, null), await Stores.RefreshTokens.FindAsync(first.Key, Ct), strict: true);
        Assert.Equal(DeviceCodeState.Redeemed, await StateAsync(code));
    }

    [Fact]
    [Spec("requirement", "49")]
    public async Task Of_64_parallel_redemptions_exactly_one_wins_and_saves_its_refresh_token()
    {
        var (code, grant) = await ApprovedAsync();
        var tokens = Enumerable.Range(0, 64).Select(_ => Build.RefreshToken(Clock, grant.Id).Token).ToArray();

        var won = await RaceAsync(i => Codes.TryRedeemAsync(code.Key, tokens[i], Clock.Now, Ct));

        Assert.Single(won, w => w);
        for (var i = 0; i < tokens.Length; i++)
        {
            Assert.Equal(won[i], await Stores.RefreshTokens.FindAsync(tokens[i].Key, Ct) is not null);
        }
    }

    [Fact]
    public async Task A_code_that_nobody_approved_or_that_was_denied_is_not_redeemed()
    {
        var (waiting, denied) = (await SaveAsync(), await SaveAsync());
        await Codes.TryDenyAsync(denied.Key.Id, Clock.Now, Ct);

        await AssertRefusedAsync(waiting, Guid.CreateVersion7(Clock.Now));
        await AssertRefusedAsync(denied, Guid.CreateVersion7(Clock.Now));
    }

    [Fact]
    public async Task A_spent_code_an_expired_one_one_with_another_digest_and_one_of_an_ended_grant_are_refused_and_nothing_is_saved()
    {
        var (spent, spentGrant) = await ApprovedAsync();
        Assert.True(await Codes.TryRedeemAsync(spent.Key, null, Clock.Now, Ct));
        await AssertRefusedAsync(spent, spentGrant.Id);

        var (ended, endedGrant) = await ApprovedAsync();
        await Stores.Grants.EndAsync(endedGrant.Id, Clock.Now, Ct);
        await AssertRefusedAsync(ended, endedGrant.Id);

        var (late, lateGrant) = await ApprovedAsync();
        await AssertRefusedAsync(late with { Key = WithOtherDigest(late.Key) }, lateGrant.Id);
        Clock.Advance(TimeSpan.FromMinutes(10));
        await AssertRefusedAsync(late, lateGrant.Id);
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task What_was_approved_in_a_session_that_has_ended_is_not_redeemed()
    {
        var session = Build.Session(Clock);
        await Stores.Sessions.SaveAsync(session, Ct);
        var bound = Build.Grant(Clock, g => g with { Subject = session.Subject, SessionId = session.Id, Scopes = ["openid"] });
        var (before, after) = (await SaveAsync(), await SaveAsync());
        await Codes.TryApproveAsync(before.Key.Id, bound, Clock.Now, Ct);
        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);
        var born = bound with { Id = Guid.CreateVersion7(Clock.Now) };
        await Codes.TryApproveAsync(after.Key.Id, born, Clock.Now, Ct);

        await AssertRefusedAsync(before, bound.Id);
        await AssertRefusedAsync(after, born.Id);
    }

    private async Task<DeviceCode> SaveAsync()
    {
        var (_, code) = Build.DeviceCode(Clock);
        Assert.True(await Codes.TrySaveAsync(code, Ct));
        return code;
    }

    private async Task<(DeviceCode Code, Grant Grant)> ApprovedAsync()
    {
        var (code, grant) = (await SaveAsync(), Build.Grant(Clock));
        Assert.True(await Codes.TryApproveAsync(code.Key.Id, grant, Clock.Now, Ct));
        return (code, grant);
    }

    private async Task<(bool TooEarly, double Interval)> PollAsync(DeviceCode code)
    {
        var poll = await Codes.PollAsync(code.Key, "app", Clock.Now, Ct);
        Assert.NotNull(poll);
        return (poll.TooEarly, poll.Code.PollInterval.TotalSeconds);
    }

    private async Task<DeviceCodeState> StateAsync(DeviceCode code)
    {
        var found = await Codes.FindAsync(code.UserCode, Ct);
        Assert.NotNull(found);
        Assert.Equivalent(found, (await Codes.PollAsync(code.Key, "app", Clock.Now, Ct))!.Code, strict: true);
        return found.StateAt(Clock.Now);
    }

    private async Task AssertRefusedAsync(DeviceCode code, Guid grantId)
    {
        var (_, first) = Build.RefreshToken(Clock, grantId);
        Assert.False(await Codes.TryRedeemAsync(code.Key, first, Clock.Now, Ct));
        Assert.Null(await Stores.RefreshTokens.FindAsync(first.Key, Ct));
    }
}
