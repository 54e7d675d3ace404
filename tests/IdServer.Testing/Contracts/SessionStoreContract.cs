using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Revocations;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="ISessionStore"/> promises.</summary>
public abstract class SessionStoreContract : StoreContract
{
    [Fact]
    public async Task A_session_lives_until_it_is_ended()
    {
        var session = await SaveAsync();
        Assert.Empty(await RevocationsAsync());

        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);

        using var revoked = await RevokedSetAsync();
        Assert.True(revoked.HoldsSession(session.Id, Guid.Parse(session.Subject)));
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task Ending_a_session_ends_its_grants_without_offline_access()
    {
        var session = await SaveAsync();
        var (grant, token) = await BeginGrantAsync(g => g with { SessionId = session.Id, Scopes = [ScopeNames.OpenId] });

        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);

        Assert.True(await HasEndedAsync(token));
        using var revoked = await RevokedSetAsync();
        Assert.True(revoked.HoldsToken(Guid.CreateVersion7(Clock.Now), grant.Id, session.Id, null));
    }

    [Fact]
    [Spec("requirement", "48")]
    public async Task Ending_a_session_leaves_its_grants_with_offline_access()
    {
        var session = await SaveAsync();
        var (grant, token) = await BeginGrantAsync(g => g with { SessionId = session.Id, Scopes = [ScopeNames.OpenId, ScopeNames.OfflineAccess] });

        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);

        Assert.False(await HasEndedAsync(token));
        using var revoked = await RevokedSetAsync();
        Assert.False(revoked.HoldsToken(Guid.CreateVersion7(Clock.Now), grant.Id, null, null));
    }

    [Fact]
    public async Task Ending_a_session_leaves_the_grants_of_other_sessions_and_of_none()
    {
        var session = await SaveAsync();
        var other = await SaveAsync(session.Subject);
        var (_, ofOther) = await BeginGrantAsync(g => g with { SessionId = other.Id, Subject = session.Subject, Scopes = [ScopeNames.OpenId] });
        var (_, ofNone) = await BeginGrantAsync(g => g with { SessionId = null, Subject = session.Subject, Scopes = [ScopeNames.OpenId] });

        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);

        Assert.False(await HasEndedAsync(ofOther));
        Assert.False(await HasEndedAsync(ofNone));
        using var revoked = await RevokedSetAsync();
        Assert.False(revoked.HoldsSession(other.Id, Guid.Parse(other.Subject)));
    }

    [Fact]
    public async Task A_code_of_an_ended_session_is_refused()
    {
        var session = await SaveAsync();
        var (_, code) = Build.Code(Clock, Build.Grant(Clock, g => g with { SessionId = session.Id, Scopes = [ScopeNames.OpenId] }));
        await Stores.AuthorizationCodes.SaveAsync(code, Ct);

        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);

        Assert.False(await Stores.AuthorizationCodes.TryRedeemAsync(code.Key, null, Clock.Now, Ct));
    }

    [Fact]
    public async Task The_change_feed_is_told_before_the_call_returns()
    {
        var session = await SaveAsync();
        await BeginGrantAsync(g => g with { SessionId = session.Id, Scopes = [ScopeNames.OpenId] });

        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);

        Assert.Contains(Told, r => r.Kind == RevocationKind.Session && r.Key == session.Id && r.At == Clock.Now);
        Assert.Equal(await RevocationsAsync(), Told.OrderBy(r => r.Sequence));
    }

    [Fact]
    public async Task Ending_a_session_again_does_nothing()
    {
        var session = await SaveAsync();
        Assert.Equal(session.Subject, await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct));
        var before = await RevocationsAsync();
        Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct));

        Assert.Equal(before, await RevocationsAsync());
        Assert.Equal(before.Count, Told.Count);
    }

    [Fact]
    public async Task Of_64_parallel_calls_one_writes_the_revocation()
    {
        var session = await SaveAsync();

        await RaceAsync(async _ =>
        {
            await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);
            return true;
        });

        Assert.Single(await RevocationsAsync());
    }

    private async Task<SsoSession> SaveAsync(string? subject = null)
    {
        var session = Build.Session(Clock, s => s with { Subject = subject ?? s.Subject });
        await Stores.Sessions.SaveAsync(session, Ct);
        return session;
    }
}
