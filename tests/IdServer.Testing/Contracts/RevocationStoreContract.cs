using IdServer.Protocol.Stores;
using IdServer.Tokens.Revocations;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="IRevocationStore"/> promises.</summary>
public abstract class RevocationStoreContract : StoreContract
{
    [Fact]
    [Spec("RFC 7009", "§2.2")]
    public async Task A_revoked_token_is_read_as_it_was_written()
    {
        var token = Guid.CreateVersion7(Clock.Now);
        var expiresAt = Clock.Now + TimeSpan.FromHours(1);

        await Stores.Revocations.RevokeTokenAsync(token, expiresAt, Clock.Now, Ct);

        var revocation = Assert.Single(await RevocationsAsync());
        Assert.Equal(new Revocation(revocation.Sequence, RevocationKind.Token, token, Clock.Now, expiresAt), revocation);
        Assert.True(revocation.Sequence > 0);
    }

    [Fact]
    public async Task The_change_feed_is_told_before_the_call_returns()
    {
        await RevokeAsync();

        Assert.Equal(await RevocationsAsync(), Told);
        Assert.Single(Told);
    }

    [Fact]
    public async Task A_new_log_is_empty() => Assert.Empty(await RevocationsAsync());

    [Fact]
    public async Task Revocations_of_every_kind_are_read_in_the_order_of_their_growing_sequence()
    {
        var (grant, _) = await BeginGrantAsync();
        var session = Build.Session(Clock);
        await Stores.Sessions.SaveAsync(session, Ct);

        var token = await RevokeAsync();
        await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct);
        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);
        await Stores.Grants.EndAllOfSubjectAsync(grant.Subject, Clock.Now, Ct);

        var read = await RevocationsAsync();
        Assert.Equal([token, grant.Id, session.Id, Guid.Parse(grant.Subject)], read.Select(r => r.Key));
        Assert.Equal([RevocationKind.Token, RevocationKind.Grant, RevocationKind.Session, RevocationKind.Subject], read.Select(r => r.Kind));
        Assert.Equal(read.Select(r => r.Sequence).Order().Distinct(), read.Select(r => r.Sequence));
    }

    [Fact]
    public async Task A_reader_resumes_after_the_last_sequence_it_has_seen()
    {
        await RevokeAsync();
        var seen = Assert.Single(await RevocationsAsync());
        var next = await RevokeAsync();

        var read = await Stores.Revocations.ReadAsync(seen.Sequence, 10, Clock.Now, Ct);

        Assert.Equal(next, Assert.Single(read).Key);
        Assert.Empty(await Stores.Revocations.ReadAsync(read[0].Sequence, 10, Clock.Now, Ct));
    }

    [Fact]
    public async Task No_more_than_asked_for_are_read_and_the_oldest_first()
    {
        var (first, second, third) = (await RevokeAsync(), await RevokeAsync(), await RevokeAsync());

        var page = await Stores.Revocations.ReadAsync(0, 2, Clock.Now, Ct);

        Assert.Equal([first, second], page.Select(r => r.Key));
        Assert.Equal(third, Assert.Single(await Stores.Revocations.ReadAsync(page[1].Sequence, 2, Clock.Now, Ct)).Key);
    }

    [Fact]
    public async Task Expired_revocations_are_not_read()
    {
        await RevokeAsync(TimeSpan.FromMinutes(1));
        var kept = await RevokeAsync(TimeSpan.FromMinutes(2));
        Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(kept, Assert.Single(await RevocationsAsync()).Key);
    }

    [Fact]
    public async Task Sequences_grow_although_everything_before_has_expired()
    {
        await RevokeAsync(TimeSpan.FromMinutes(1));
        var first = Assert.Single(await RevocationsAsync());
        Clock.Advance(TimeSpan.FromHours(1));
        await RevokeAsync();

        Assert.True(Assert.Single(await RevocationsAsync()).Sequence > first.Sequence);
    }

    [Fact]
    public async Task Of_64_parallel_revocations_none_is_lost_and_none_shares_a_sequence()
    {
        var tokens = await RaceAsync(async _ => await RevokeAsync());

        var read = await RevocationsAsync();
        Assert.Equal(tokens.Order(), read.Select(r => r.Key).Order());
        Assert.Equal(64, read.Select(r => r.Sequence).Distinct().Count());
        Assert.Equal(read, Told.OrderBy(r => r.Sequence));
    }

    private async Task<Guid> RevokeAsync(TimeSpan? lifetime = null)
    {
        var token = Guid.CreateVersion7(Clock.Now);
        await Stores.Revocations.RevokeTokenAsync(token, Clock.Now + (lifetime ?? TimeSpan.FromHours(1)), Clock.Now, Ct);
        return token;
    }
}
