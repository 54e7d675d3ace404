using IdServer.Data.Users;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Testing;
using Xunit;

namespace IdServer.Data.Tests.Users;

public abstract class AccountRemovalTests : OnEitherDatabase
{
    private AccountRemoval Removal => Get<AccountRemoval>();

    [Fact]
    public async Task An_account_goes_when_its_time_has_come_with_everything_it_has_and_no_other_does()
    {
        var (ana, bea) = (await People.AddAsync(Process, "ana", null, "usuario"), await People.AddAsync(Process, "bea", null, "usuario"));
        foreach (var person in new[] { ana, bea })
        {
            await Get<ISessionStore>().SaveAsync(Build.Session(Clock, s => s with { Subject = person.ToString() }), Ct);
            await Get<IConsentStore>().RememberAsync(person.ToString(), "reader", ["openid"], [], Clock.Now, Ct);
            var grant = Build.Grant(Clock, g => g with { Subject = person.ToString() });
            await Get<IRefreshTokenStore>().SaveAsync(grant, Build.RefreshToken(Clock, grant.Id).Token, Ct);
            await Get<OneTimeTokens>().IssueAsync("reset", person, null, TimeSpan.FromDays(30), Ct);
        }

        await Removal.ScheduleAsync(ana, Clock.Now + TimeSpan.FromDays(14), Ct);
        Assert.Empty(await Removal.DueAsync(Clock.Now, Ct));
        Assert.False(await Removal.RemoveAsync(ana, Clock.Now, Ct));
        Clock.Advance(TimeSpan.FromDays(14));
        Assert.Equal([ana], await Removal.DueAsync(Clock.Now, Ct));
        Assert.NotNull(await Get<IUserClaimsSource>().FindAsync(ana.ToString(), Ct));

        Assert.True(await Removal.RemoveAsync(ana, Clock.Now, Ct));

        Assert.Null(await Get<IUserClaimsSource>().FindAsync(ana.ToString(), Ct));
        Assert.Empty(await Get<AppAccess>().ListAsync(ana.ToString(), Ct));
        Assert.NotNull(await Get<IUserClaimsSource>().FindAsync(bea.ToString(), Ct));
        Assert.Equal(2, (await Get<AppAccess>().ListAsync(bea.ToString(), Ct)).Count);
        Assert.False(await Removal.RemoveAsync(ana, Clock.Now, Ct));
        Assert.False(await Removal.RemoveAsync(bea, Clock.Now, Ct));
    }

    [Fact]
    public async Task An_account_that_is_kept_at_the_last_moment_loses_nothing()
    {
        var ana = await People.AddAsync(Process, "ana");
        await Get<IConsentStore>().RememberAsync(ana.ToString(), "reader", ["openid"], [], Clock.Now, Ct);
        await Removal.ScheduleAsync(ana, Clock.Now, Ct);
        Assert.Single(await Removal.DueAsync(Clock.Now, Ct));

        Assert.True(await Get<AccountStates>().KeepAsync(ana, Ct));

        Assert.False(await Removal.RemoveAsync(ana, Clock.Now, Ct));
        Assert.Single(await Get<AppAccess>().ListAsync(ana.ToString(), Ct));
        Assert.NotNull(await Get<IUserClaimsSource>().FindAsync(ana.ToString(), Ct));
    }

    [Fact]
    public async Task Of_sixty_four_removals_at_once_one_removes_the_account()
    {
        var ana = await People.AddAsync(Process, "ana");
        await Removal.ScheduleAsync(ana, Clock.Now, Ct);

        Assert.Equal(1, await RaceAsync(() => Removal.RemoveAsync(ana, Clock.Now, Ct)));
    }

    [Fact]
    public async Task The_last_of_a_role_is_who_has_it_when_nobody_else_who_stays_and_may_sign_in_has()
    {
        var ana = await People.AddAsync(Process, "ana", null, "admin");
        var bea = await People.AddAsync(Process, "bea", null, "admin");
        Assert.False(await Removal.IsLastOfRoleAsync(ana, "admin", Ct));

        await Removal.ScheduleAsync(bea, Clock.Now + TimeSpan.FromDays(1), Ct);

        Assert.True(await Removal.IsLastOfRoleAsync(ana, "admin", Ct));
        Assert.False(await Removal.IsLastOfRoleAsync(bea, "admin", Ct));
        Assert.False(await Removal.IsLastOfRoleAsync(ana, "editor", Ct));
    }

    [Fact]
    public async Task What_is_kept_about_a_person_can_be_read_without_secrets_and_without_anybody_else_s()
    {
        var ana = await People.AddAsync(Process, "ana", user => (user.Email, user.PasswordHash, user.ZoneInfo) = ("ana@example.com", "the hash", "Europe/Madrid"), "usuario");
        var bea = await People.AddAsync(Process, "bea", user => user.Email = "bea@example.com");
        foreach (var person in new[] { ana, bea })
        {
            await Get<ISessionStore>().SaveAsync(Build.Session(Clock, s => s with { Subject = person.ToString() }), Ct);
            await Get<OneTimeTokens>().IssueAsync("reset", person, $"{person}@example.com", TimeSpan.FromDays(30), Ct);
        }

        var data = await Get<PersonalData>().ReadAsync(ana, Ct);

        Assert.Equal(("ana", true, "Europe/Madrid"), ((string?)data["account"]!["username"], (bool)data["account"]!["has_password"]!, (string?)data["account"]!["zoneinfo"]));
        Assert.Equal("usuario", (string?)Assert.Single(data["roles"]!.AsArray())!["role"]);
        Assert.Equal("192.0.2.7", (string?)Assert.Single(data["sessions"]!.AsArray())!["network_address"]);
        Assert.Single(data["links_sent"]!.AsArray());
        var text = data.ToJsonString();
        Assert.DoesNotContain("the hash", text, StringComparison.Ordinal);
        Assert.DoesNotContain("bea", text, StringComparison.Ordinal);
        Assert.DoesNotContain(bea.ToString(), text, StringComparison.Ordinal);
    }
}

public sealed class SqliteAccountRemovalTests : AccountRemovalTests
{
    protected override bool IsPostgres => false;
}

public sealed class PostgresAccountRemovalTests : AccountRemovalTests
{
    protected override bool IsPostgres => true;
}
