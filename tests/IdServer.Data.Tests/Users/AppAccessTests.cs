using IdServer.Data.Users;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using Xunit;

namespace IdServer.Data.Tests.Users;

public abstract class AppAccessTests : OnEitherDatabase
{
    private AppAccess Access => Get<AppAccess>();

    [Fact]
    public async Task An_application_has_access_by_consent_or_grant_and_is_listed_once_with_what_it_may_and_when_it_came_last()
    {
        var ana = Build.Subject(Clock);
        var begun = Clock.Now;
        await Get<IConsentStore>().RememberAsync(ana, "reader", ["openid", "profile"], ["birthdate"], Clock.Now, Ct);
        Clock.Advance(TimeSpan.FromDays(1));
        var grant = await BeginAsync(ana, "reader", ["openid", "articles.read"]);
        Clock.Advance(TimeSpan.FromDays(1));
        await BeginAsync(ana, "silent", ["openid"]);
        Clock.Advance(TimeSpan.FromDays(1));
        await RotateAsync(grant);

        var apps = await Access.ListAsync(ana, Ct);

        Assert.Equal(["reader", "silent"], apps.Select(a => a.ClientId));
        Assert.Equal(["articles.read", "openid", "profile"], apps[0].Scopes.Order());
        Assert.Equal(["birthdate"], apps[0].Claims);
        Assert.Equal((begun, Clock.Now), (apps[0].Since, apps[0].LastUsed));
        Assert.Empty(await Access.ListAsync(Build.Subject(Clock), Ct));
    }

    [Fact]
    public async Task Withdrawing_ends_what_one_person_allowed_one_application_and_nothing_else()
    {
        var (ana, bea) = (Build.Subject(Clock), Build.Subject(Clock));
        await Get<IConsentStore>().RememberAsync(ana, "reader", ["openid"], [], Clock.Now, Ct);
        var (mine, other, foreign) = (await BeginAsync(ana, "reader", ["openid"]), await BeginAsync(ana, "silent", ["openid"]), await BeginAsync(bea, "reader", ["openid"]));

        Assert.True(await Access.WithdrawAsync(ana, "reader", Ct));

        Assert.Equal("silent", Assert.Single(await Access.ListAsync(ana, Ct)).ClientId);
        Assert.Single(await Access.ListAsync(bea, Ct));
        Assert.Equal((true, false, false), (await HoldsAsync(mine), await HoldsAsync(other), await HoldsAsync(foreign)));
        Assert.False(await Access.WithdrawAsync(ana, "reader", Ct));
    }

    [Fact]
    public async Task The_end_of_a_session_s_grants_takes_those_that_would_outlive_it()
    {
        var ana = Build.Subject(Clock);
        var session = Build.Session(Clock, s => s with { Subject = ana });
        await Get<ISessionStore>().SaveAsync(session, Ct);
        var (inside, outside) = (await BeginAsync(ana, "reader", ["offline_access"], session.Id), await BeginAsync(ana, "reader", ["offline_access"]));
        await Get<ISessionStore>().EndAsync(session.Id, Clock.Now, Ct);
        Assert.False(await HoldsAsync(inside));

        await Access.EndOfSessionAsync(session.Id, Ct);

        Assert.Equal((true, false), (await HoldsAsync(inside), await HoldsAsync(outside)));
    }

    private async Task<(Guid Grant, Handle Token)> BeginAsync(string subject, string client, string[] scopes, Guid? session = null)
    {
        var grant = Build.Grant(Clock, g => g with { Subject = subject, ClientId = client, Scopes = scopes, SessionId = session });
        var (handle, token) = Build.RefreshToken(Clock, grant.Id);
        await Get<IRefreshTokenStore>().SaveAsync(grant, token, Ct);
        return (grant.Id, handle);
    }

    private async Task RotateAsync((Guid Grant, Handle Token) begun)
    {
        var (_, successor) = Build.RefreshToken(Clock, begun.Grant);
        Assert.Equal(RotationOutcome.Rotated, (await Get<IRefreshTokenStore>().TryRotateAsync(begun.Token.Key, successor, new byte[32], Clock.Now, TimeSpan.Zero, Ct)).Outcome);
    }

    private async Task<bool> HoldsAsync((Guid Grant, Handle Token) begun)
    {
        using var revoked = new RevokedSet(Get<IChangeFeed>());
        await revoked.LoadAsync(Get<IRevocationStore>(), Clock.Now, Ct);
        return revoked.HoldsToken(Guid.CreateVersion7(Clock.Now), begun.Grant, null, null);
    }
}

public sealed class SqliteAppAccessTests : AppAccessTests
{
    protected override bool IsPostgres => false;
}

public sealed class PostgresAppAccessTests : AppAccessTests
{
    protected override bool IsPostgres => true;
}
