using IdServer.Protocol.Stores;
using IdServer.Tokens.Revocations;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="IGrantStore"/> promises.</summary>
public abstract class GrantStoreContract : StoreContract
{
    [Fact]
    [Spec("requirement", "48")]
    public async Task Ending_a_grant_ends_its_refresh_tokens()
    {
        var (grant, token) = await BeginGrantAsync();

        Assert.True(await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct));

        Assert.True(await HasEndedAsync(token));
    }

    [Fact]
    public async Task Ending_a_grant_leaves_the_others()
    {
        var (ended, _) = await BeginGrantAsync();
        var (_, other) = await BeginGrantAsync(g => g with { Subject = ended.Subject });

        await Stores.Grants.EndAsync(ended.Id, Clock.Now, Ct);

        Assert.False(await HasEndedAsync(other));
    }

    [Fact]
    [Spec("requirement", "28")]
    public async Task Ending_a_grant_writes_its_revocation()
    {
        var (grant, _) = await BeginGrantAsync();

        await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct);

        var revocation = Assert.Single(await RevocationsAsync());
        Assert.Equal((RevocationKind.Grant, grant.Id, Clock.Now), (revocation.Kind, revocation.Key, revocation.At));
        Assert.True(revocation.Sequence > 0);
    }

    [Fact]
    public async Task A_revocation_of_a_grant_outlives_its_access_tokens()
    {
        var (grant, _) = await BeginGrantAsync();
        await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct);
        Clock.Advance(Build.Options().AccessTokenLifetime);

        Assert.Single(await RevocationsAsync());
    }

    [Fact]
    public async Task The_change_feed_is_told_of_an_ended_grant_before_the_call_returns()
    {
        var (grant, _) = await BeginGrantAsync();

        await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct);

        Assert.Equal(await RevocationsAsync(), Told);
    }

    [Fact]
    public async Task Ending_a_grant_again_does_nothing()
    {
        var (grant, token) = await BeginGrantAsync();
        var endedAt = Clock.Now;
        await Stores.Grants.EndAsync(grant.Id, endedAt, Ct);
        Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct));

        Assert.Equal(endedAt, (await Stores.RefreshTokens.FindAsync(token.Key, Ct))?.GrantEndedAt);
        Assert.Single(await RevocationsAsync());
        Assert.Single(Told);
    }

    [Fact]
    public async Task Ending_an_unknown_grant_does_nothing()
    {
        Assert.False(await Stores.Grants.EndAsync(Guid.CreateVersion7(Clock.Now), Clock.Now, Ct));

        Assert.Empty(await RevocationsAsync());
        Assert.Empty(Told);
    }

    [Fact]
    public async Task Of_64_parallel_calls_exactly_one_ends_the_grant_and_writes_its_revocation()
    {
        var (grant, _) = await BeginGrantAsync();

        var ended = await RaceAsync(_ => Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct));

        Assert.Single(ended, e => e);
        Assert.Single(await RevocationsAsync());
    }

    [Fact]
    public async Task Ending_all_of_a_user_ends_every_grant_of_theirs_and_nobody_elses()
    {
        var subject = Build.Subject(Clock);
        var (_, first) = await BeginGrantAsync(g => g with { Subject = subject });
        var (_, second) = await BeginGrantAsync(g => g with { Subject = subject, ClientId = "other-app" });
        var (_, stranger) = await BeginGrantAsync();

        await Stores.Grants.EndAllOfSubjectAsync(subject, Clock.Now, Ct);

        Assert.True(await HasEndedAsync(first));
        Assert.True(await HasEndedAsync(second));
        Assert.False(await HasEndedAsync(stranger));
    }

    [Fact]
    public async Task Ending_all_of_a_user_ends_codes_that_were_not_redeemed()
    {
        var (_, code) = Build.Code(Clock);
        await Stores.AuthorizationCodes.SaveAsync(code, Ct);

        await Stores.Grants.EndAllOfSubjectAsync(code.Grant.Subject, Clock.Now, Ct);

        Assert.False(await Stores.AuthorizationCodes.TryRedeemAsync(code.Key, null, Clock.Now, Ct));
    }

    [Fact]
    public async Task Ending_all_of_a_user_ends_their_sessions_and_nobody_elses()
    {
        var mine = Build.Session(Clock);
        var theirs = Build.Session(Clock);
        await Stores.Sessions.SaveAsync(mine, Ct);
        await Stores.Sessions.SaveAsync(theirs, Ct);

        await Stores.Grants.EndAllOfSubjectAsync(mine.Subject, Clock.Now, Ct);

        using var revoked = await RevokedSetAsync();
        Assert.True(revoked.HoldsSession(mine.Id, Guid.Parse(mine.Subject)));
        Assert.False(revoked.HoldsSession(theirs.Id, Guid.Parse(theirs.Subject)));
    }

    [Fact]
    public async Task A_session_that_ended_with_its_user_is_not_ended_again()
    {
        var session = Build.Session(Clock);
        await Stores.Sessions.SaveAsync(session, Ct);
        await Stores.Grants.EndAllOfSubjectAsync(session.Subject, Clock.Now, Ct);
        var before = await RevocationsAsync();

        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);

        Assert.Equal(before, await RevocationsAsync());
    }

    [Fact]
    public async Task Everything_issued_to_a_user_until_now_is_dead_and_what_comes_later_lives()
    {
        var subject = Guid.CreateVersion7(Clock.Now);
        var before = Guid.CreateVersion7(Clock.Now);
        Clock.Advance(TimeSpan.FromSeconds(1));
        var atThatMoment = Guid.CreateVersion7(Clock.Now);

        await Stores.Grants.EndAllOfSubjectAsync(subject.ToString(), Clock.Now, Ct);

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        var later = Guid.CreateVersion7(Clock.Now);
        using var revoked = await RevokedSetAsync();
        Assert.True(revoked.HoldsToken(before, null, null, subject));
        Assert.True(revoked.HoldsToken(atThatMoment, null, null, subject));
        Assert.False(revoked.HoldsToken(later, null, null, subject));
        Assert.False(revoked.HoldsToken(before, null, null, Guid.CreateVersion7(Clock.Now)));
    }

    [Fact]
    public async Task A_user_can_be_ended_again_later()
    {
        var subject = Guid.CreateVersion7(Clock.Now);
        await Stores.Grants.EndAllOfSubjectAsync(subject.ToString(), Clock.Now, Ct);
        Clock.Advance(TimeSpan.FromMinutes(1));
        var between = Guid.CreateVersion7(Clock.Now);
        Clock.Advance(TimeSpan.FromMinutes(1));

        await Stores.Grants.EndAllOfSubjectAsync(subject.ToString(), Clock.Now, Ct);

        using var revoked = await RevokedSetAsync();
        Assert.True(revoked.HoldsToken(between, null, null, subject));
    }

    [Fact]
    public async Task The_change_feed_is_told_of_an_ended_user_before_the_call_returns()
    {
        var (grant, _) = await BeginGrantAsync();

        await Stores.Grants.EndAllOfSubjectAsync(grant.Subject, Clock.Now, Ct);

        Assert.Equal(await RevocationsAsync(), Told);
        Assert.Contains(Told, r => r.Kind == RevocationKind.Subject && r.Key == Guid.Parse(grant.Subject) && r.At == Clock.Now);
    }
}
