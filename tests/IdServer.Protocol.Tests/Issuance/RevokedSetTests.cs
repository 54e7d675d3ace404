using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Testing;
using IdServer.Tokens.Revocations;
using Xunit;

namespace IdServer.Protocol.Tests.Issuance;

[Spec("requirement", "28")]
public sealed class RevokedSetTests : IDisposable
{
    private readonly ManualClock clock = new();
    private readonly MemoryChangeFeed changes = new();
    private readonly RevokedSet revoked;

    public RevokedSetTests() => revoked = new RevokedSet(changes);

    [Fact]
    public void An_empty_set_holds_nothing()
    {
        Assert.False(revoked.HoldsToken(NewId(), NewId(), NewId(), NewId()));
        Assert.False(revoked.HoldsSession(NewId(), NewId()));
    }

    [Theory]
    [InlineData(RevocationKind.Token)]
    [InlineData(RevocationKind.Grant)]
    [InlineData(RevocationKind.Session)]
    [InlineData(RevocationKind.Subject)]
    public void A_token_dies_by_itself_its_grant_its_session_or_its_user(RevocationKind kind)
    {
        var (token, grant, session, subject) = (NewId(), NewId(), NewId(), NewId());
        Revoke(kind, kind switch { RevocationKind.Token => token, RevocationKind.Grant => grant, RevocationKind.Session => session, _ => subject });

        Assert.True(revoked.HoldsToken(token, grant, session, subject));
        Assert.False(revoked.HoldsToken(NewId(), NewId(), NewId(), NewId()));
        Assert.Equal(kind == RevocationKind.Token, revoked.HoldsToken(token, null, null, null));
    }

    [Fact]
    public void An_id_of_one_kind_revokes_nothing_of_another()
    {
        var id = NewId();
        Revoke(RevocationKind.Grant, id);

        Assert.False(revoked.HoldsToken(id, null, id, id));
        Assert.False(revoked.HoldsSession(id, id));
    }

    [Fact]
    public void A_session_dies_by_itself()
    {
        var session = NewId();
        Revoke(RevocationKind.Session, session);

        Assert.True(revoked.HoldsSession(session, NewId()));
        Assert.False(revoked.HoldsSession(NewId(), NewId()));
    }

    [Fact]
    public void A_user_takes_along_sessions_that_began_before_and_none_that_begin_later()
    {
        var (session, subject) = (NewId(), NewId());
        clock.Advance(TimeSpan.FromSeconds(1));
        Revoke(RevocationKind.Subject, subject);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True(revoked.HoldsSession(session, subject));
        Assert.False(revoked.HoldsSession(NewId(), subject));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_token_of_a_revoked_user_is_judged_by_its_millisecond(int milliseconds, bool dead)
    {
        var subject = NewId();
        var token = Guid.CreateVersion7(clock.Now.AddMilliseconds(milliseconds));
        Revoke(RevocationKind.Subject, subject);

        Assert.Equal(dead, revoked.HoldsToken(token, null, null, subject));
    }

    [Fact]
    public void The_latest_revocation_of_a_user_counts_in_whatever_order_they_come()
    {
        var (token, subject) = (NewId(), NewId());
        var earlier = Revocation(RevocationKind.Subject, subject) with { At = clock.Now.AddHours(-1) };
        var later = Revocation(RevocationKind.Subject, subject);
        revoked.Add(later);
        revoked.Add(earlier);

        Assert.True(revoked.HoldsToken(token, null, null, subject));
        Assert.Equal(1, revoked.Count);
    }

    [Fact]
    public void Changes_of_other_kinds_add_nothing()
    {
        changes.Publish(new Change(ChangeKind.User, NewId().ToString()));
        changes.Publish(new Change(ChangeKind.Everything));

        Assert.Equal(0, revoked.Count);
    }

    [Fact]
    public void A_disposed_set_listens_no_more()
    {
        revoked.Dispose();
        Revoke(RevocationKind.Token, NewId());

        Assert.Equal(0, revoked.Count);
    }

    [Fact]
    public void Pruning_forgets_what_has_expired_and_nothing_else()
    {
        var (expired, alive) = (NewId(), NewId());
        revoked.Add(Revocation(RevocationKind.Token, expired) with { ExpiresAt = clock.Now.AddMinutes(1) });
        revoked.Add(Revocation(RevocationKind.Token, alive) with { ExpiresAt = clock.Now.AddMinutes(1).AddSeconds(1) });

        revoked.Prune(clock.Now.AddMinutes(1));

        Assert.False(revoked.HoldsToken(expired, null, null, null));
        Assert.True(revoked.HoldsToken(alive, null, null, null));
        Assert.Equal(1, revoked.Count);
    }

    public void Dispose() => revoked.Dispose();

    private Guid NewId() => Guid.CreateVersion7(clock.Now);

    private Revocation Revocation(RevocationKind kind, Guid key) => new(1, kind, key, clock.Now, clock.Now.AddHours(24));

    private void Revoke(RevocationKind kind, Guid key) => changes.Publish(new Change(ChangeKind.Revocation, Revocation: Revocation(kind, key)));
}
