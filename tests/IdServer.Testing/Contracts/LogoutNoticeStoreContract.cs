using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="ILogoutNoticeStore"/> promises, and the stores that write notices.</summary>
[Spec("OIDC Back-Channel Logout", "§2.5"), Spec("requirement", "47")]
public abstract class LogoutNoticeStoreContract : StoreContract
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Ending_a_session_leaves_one_notice_for_every_client_of_it_that_wants_to_be_told()
    {
        var session = await SaveAsync();
        await RegisterAsync("told", wantsIt: true);
        await RegisterAsync("told-too", wantsIt: true);
        await RegisterAsync("silent", wantsIt: false);
        await BeginAsync(session, "told");
        await BeginAsync(session, "told"); // twice in the session, told once
        await BeginAsync(session, "told-too", ScopeNames.OfflineAccess);
        await BeginAsync(session, "silent");

        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);

        Assert.Equal([("told", session.Id, session.Subject, 1), ("told-too", session.Id, session.Subject, 1)], (await TakeAsync()).OrderBy(n => n.ClientId).Select(n => (n.ClientId, n.SessionId, n.Subject, n.Attempts)));
    }

    [Fact]
    public async Task A_client_whose_grant_has_ended_before_is_told_all_the_same()
    {
        var session = await SaveAsync();
        await RegisterAsync("told", wantsIt: true);
        var grant = await BeginAsync(session, "told");
        await Stores.Grants.EndAsync(grant.Id, Clock.Now, Ct);

        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);

        Assert.Single(await TakeAsync());
    }

    [Fact]
    public async Task Ending_everything_of_a_person_leaves_notices_for_each_living_session()
    {
        var first = await SaveAsync();
        var subject = first.Subject;
        var (second, over) = (await SaveAsync(subject), await SaveAsync(subject));
        await RegisterAsync("told", wantsIt: true);
        foreach (var session in new[] { first, second, over })
        {
            await BeginAsync(session, "told");
        }

        await Stores.Sessions.EndAsync(over.Id, Clock.Now, Ct);
        await RemoveAllAsync();

        await Stores.Grants.EndAllOfSubjectAsync(subject, Clock.Now, Ct);

        Assert.Equal(new[] { first.Id, second.Id }.Order(), (await TakeAsync()).Select(n => n.SessionId).Order());
    }

    [Fact]
    public async Task Ending_a_session_again_tells_nobody_again()
    {
        var session = await EndedAsync();
        await RemoveAllAsync();

        Assert.Null(await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct));
        Assert.Empty(await TakeAsync());
    }

    [Fact]
    public async Task What_was_taken_is_due_again_when_its_time_is_over_and_the_attempts_are_counted()
    {
        await EndedAsync();
        Assert.Equal(1, Assert.Single(await TakeAsync()).Attempts);
        Assert.Empty(await TakeAsync());

        Clock.Advance(Lease);

        Assert.Equal(2, Assert.Single(await TakeAsync()).Attempts);
    }

    [Fact]
    public async Task What_was_put_off_is_due_at_that_time()
    {
        await EndedAsync();
        await Stores.LogoutNotices.PutOffAsync(Assert.Single(await TakeAsync()), Clock.Now + TimeSpan.FromSeconds(5), Ct);

        Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Empty(await TakeAsync());
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(await TakeAsync());
    }

    [Fact]
    public async Task What_was_removed_is_never_due_again()
    {
        await EndedAsync();
        await RemoveAllAsync();
        Clock.Advance(TimeSpan.FromDays(1));

        Assert.Empty(await TakeAsync());
    }

    [Fact]
    public async Task No_more_are_taken_than_asked_for()
    {
        await EndedAsync();
        await EndedAsync();
        await EndedAsync();

        Assert.Equal(2, (await Stores.LogoutNotices.TakeDueAsync(Clock.Now, Clock.Now + Lease, 2, Ct)).Count);
        Assert.Single(await TakeAsync());
    }

    [Fact]
    public async Task Of_64_parallel_takers_one_gets_the_notice()
    {
        await EndedAsync();

        var taken = await RaceAsync(_ => Stores.LogoutNotices.TakeDueAsync(Clock.Now, Clock.Now + Lease, 10, Ct));

        Assert.Equal(1, taken.Sum(t => t.Count));
    }

    [Fact]
    public async Task The_clients_of_a_session_are_those_that_had_a_grant_in_it()
    {
        var (session, other) = (await SaveAsync(), await SaveAsync());
        await BeginAsync(session, "b");
        await BeginAsync(session, "a");
        await BeginAsync(session, "a");
        await BeginAsync(other, "c");
        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);

        Assert.Equal(["a", "b"], await Stores.Sessions.ClientsOfAsync(session.Id, Ct));
    }

    [Fact]
    public async Task Living_sessions_of_a_person_are_listed_the_newest_sign_in_first()
    {
        var first = await SaveAsync();
        Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await SaveAsync(first.Subject);
        var ended = await SaveAsync(first.Subject);
        await SaveAsync();
        await Stores.Sessions.EndAsync(ended.Id, Clock.Now, Ct);

        Assert.Equal([second.Id, first.Id], (await Stores.Sessions.ListAsync(first.Subject, Clock.Now, Ct)).Select(s => s.Id));
        Assert.Equivalent(second, (await Stores.Sessions.ListAsync(first.Subject, Clock.Now, Ct))[0]);
        Assert.Empty(await Stores.Sessions.ListAsync(first.Subject, Clock.Now + TimeSpan.FromDays(1), Ct));
    }

    private ValueTask<IReadOnlyList<LogoutNotice>> TakeAsync() => Stores.LogoutNotices.TakeDueAsync(Clock.Now, Clock.Now + Lease, 100, Ct);

    private async Task RemoveAllAsync()
    {
        foreach (var notice in await TakeAsync())
        {
            await Stores.LogoutNotices.RemoveAsync(notice, Ct);
        }
    }

    private async Task<SsoSession> EndedAsync()
    {
        var session = await SaveAsync();
        await RegisterAsync("told", wantsIt: true);
        await BeginAsync(session, "told");
        await Stores.Sessions.EndAsync(session.Id, Clock.Now, Ct);
        return session;
    }

    private ValueTask RegisterAsync(string clientId, bool wantsIt) =>
        Stores.RegisterClient(Build.Metadata(m => m with { ClientId = clientId, ClientSecret = null, BackchannelLogoutUri = wantsIt ? "https://app.example/logout" : null }), Build.ClientSecret);

    private async Task<Grant> BeginAsync(SsoSession session, string clientId, string scope = ScopeNames.OpenId) =>
        (await BeginGrantAsync(g => g with { ClientId = clientId, Subject = session.Subject, SessionId = session.Id, Scopes = [scope] })).Grant;

    private async Task<SsoSession> SaveAsync(string? subject = null)
    {
        var session = Build.Session(Clock, s => s with { Subject = subject ?? s.Subject });
        await Stores.Sessions.SaveAsync(session, Ct);
        return session;
    }
}
