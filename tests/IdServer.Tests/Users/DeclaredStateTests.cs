using IdServer.Configuration;
using IdServer.Data.Admin;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Users;
using Xunit;

namespace IdServer.Tests.Users;

public sealed class DeclaredStateTests : IAsyncLifetime
{
    private static readonly DeclaredUser Ana = new() { Username = "ana", Email = "ana@example.com", Password = Build.Password, Name = "Ana García", Roles = ["admin"] };

    private UsersOnDisk users = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => users = await UsersOnDisk.StartAsync();

    public ValueTask DisposeAsync() => users.DisposeAsync();

    [Fact]
    public async Task What_is_declared_is_there_after_the_first_start()
    {
        await users.ApplyAsync(s => s with { Clients = [Build.Metadata()], Users = [Ana] });

        var claims = await users.Get<IUserClaimsSource>().FindAsync((await users.RowAsync("ana")).Id.ToString(), Ct);
        Assert.Equal(("Ana García", "admin"), (claims!.Name, Assert.Single(claims.Roles)));
        Assert.True(await users.CanSignInAsync("ana", Build.Password));
        var client = await users.Get<IClientStore>().FindAsync("app", Ct);
        Assert.True(Assert.Single(client!.Secrets).Matches(Protocol.Clients.ClientSecret.DigestOf(Build.ClientSecret), users.Clock.Now));
    }

    [Fact]
    public async Task An_unchanged_start_writes_nothing_and_hashes_nothing()
    {
        Func<ServerSettings, ServerSettings> same = s => s with { Clients = [Build.Metadata()], Users = [Ana, Ana with { Username = "berta", Email = "berta@example.com", Roles = null }] };
        await users.ApplyAsync(same);
        var (changes, row) = (await users.ChangesAsync(), await users.RowAsync("ana"));

        users.Clock.Advance(TimeSpan.FromDays(1));
        await users.ApplyAsync(same);

        Assert.Equal(0, users.Hasher.Count);
        Assert.Equal(changes, await users.ChangesAsync());
        var after = await users.RowAsync("ana");
        Assert.Equal((row.ConcurrencyStamp, row.UpdatedAt, row.PasswordHash), (after.ConcurrencyStamp, after.UpdatedAt, after.PasswordHash));
        Assert.Equal(2, await users.CountAsync());
        Assert.Single(await users.Get<ClientAdmin>().ListAsync(Ct));
    }

    [Fact]
    public async Task An_unchanged_start_does_without_EF_Core_and_a_changed_one_does_not()
    {
        Func<ServerSettings, ServerSettings> same = s => s with { Clients = [Build.Metadata()], Users = [Ana, Ana with { Username = "berta", Email = "berta@example.com", Roles = null }] };
        await users.ApplyAsync(same);
        users.RefusesEntityFramework = true;

        await users.ApplyAsync(same);

        DeclaredUser[] changed = [Ana with { Name = "Ana G." }, Ana with { EmailVerified = true }, Ana with { Roles = ["editor"] }, Ana with { Roles = [] }, Ana with { Password = Build.Password + "!" }];
        foreach (var ana in changed)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => users.ApplyAsync(s => same(s) with { Users = [ana] }));
        }
    }

    [Fact]
    public async Task Members_and_roles_follow_the_configuration_and_the_subject_stays()
    {
        await users.ApplyAsync(s => s with { Users = [Ana with { PhoneNumber = "+34 600 000 000" }] });
        var subject = (await users.RowAsync("ana")).Id;
        users.Clock.Advance(TimeSpan.FromMinutes(1));

        await users.ApplyAsync(s => s with { Users = [Ana with { Username = "ANA", Name = "Ana G.", Email = "new@example.com", Roles = ["editor", "usuario"] }] });

        var row = await users.RowAsync("ana");
        Assert.Equal((subject, "new@example.com", "+34 600 000 000", users.Clock.Now), (row.Id, row.Email, row.PhoneNumber, row.UpdatedAt));
        var claims = await users.Get<IUserClaimsSource>().FindAsync(subject.ToString(), Ct);
        Assert.Equal("Ana G.", claims!.Name);
        Assert.Equal(["editor", "usuario"], claims.Roles);
        Assert.False(await users.HasEndedAsync(subject.ToString()));
    }

    [Fact]
    public async Task A_password_the_person_has_changed_survives_a_start()
    {
        await users.ApplyAsync(s => s with { Users = [Ana] });
        await users.Accounts.SetPasswordAsync("ana", "a lantern of my own", Ct);

        await users.ApplyAsync(s => s with { Users = [Ana with { Name = "Another name" }] });

        Assert.True(await users.CanSignInAsync("ana", "a lantern of my own"));
        Assert.False(await users.CanSignInAsync("ana", Build.Password));
    }

    [Fact]
    public async Task A_new_password_in_the_configuration_is_applied_and_ends_what_the_old_one_opened()
    {
        await users.ApplyAsync(s => s with { Users = [Ana] });
        var subject = (await users.RowAsync("ana")).Id.ToString();

        await users.ApplyAsync(s => s with { Users = [Ana with { Password = "the operator's new word" }] });

        Assert.True(await users.HasEndedAsync(subject));
        Assert.Contains(new ProtocolEvent(EventKind.PasswordChanged, Subject: subject, Detail: "declared in the configuration"), users.Events.Raised);
        Assert.True(await users.CanSignInAsync("ana", "the operator's new word"));
        Assert.False(await users.CanSignInAsync("ana", Build.Password));
    }

    [Fact]
    public async Task An_account_that_existed_before_it_was_declared_gets_the_declared_password()
    {
        var subject = await users.AddAsync("ana", "a stranger's password");

        await users.ApplyAsync(s => s with { Users = [Ana] });

        Assert.Equal(subject, (await users.RowAsync("ana")).Id.ToString());
        Assert.False(await users.CanSignInAsync("ana", "a stranger's password"));
        Assert.True(await users.CanSignInAsync("ana", Build.Password));
        Assert.True(await users.HasEndedAsync(subject));
    }

    [Fact]
    public async Task With_lost_protection_keys_every_account_keeps_the_password_it_has()
    {
        await users.ApplyAsync(s => s with { Users = [Ana] });
        await users.Accounts.SetPasswordAsync("ana", "a lantern of my own", Ct);

        await users.ApplyAsync(s => s with { Users = [Ana] }, keys: "other-keys");
        Assert.True(await users.CanSignInAsync("ana", "a lantern of my own"));

        await users.ApplyAsync(s => s with { Users = [Ana] }, keys: "other-keys");
        Assert.Equal(0, users.Hasher.Count); // the mark is readable again
    }

    [Fact]
    public async Task A_disabled_account_stays_disabled()
    {
        await users.ApplyAsync(s => s with { Users = [Ana] });
        await users.Accounts.DisableAsync("ana", Ct);

        await users.ApplyAsync(s => s with { Users = [Ana with { Name = "Another name" }] });

        Assert.False(await users.CanSignInAsync("ana", Build.Password));
    }

    [Fact]
    public async Task The_address_of_another_account_is_a_fault_that_says_where()
    {
        await users.AddAsync("berta");

        var faults = (await Assert.ThrowsAsync<ConfigurationFaultsException>(() => users.ApplyAsync(s => s with { Users = [Ana, Ana with { Username = "carla", Email = "BERTA@example.com" }] }))).Faults;

        Assert.Equal(["IdServer:Users:1 (carla): email is that of another account: write another one."], faults);
        Assert.Null(await users.RowAsync("carla"));
    }

    [Fact]
    public async Task What_is_no_longer_declared_stays()
    {
        await users.ApplyAsync(s => s with { Clients = [Build.Metadata()], Users = [Ana] });

        await users.ApplyAsync(s => s);

        Assert.NotNull(await users.Get<IClientStore>().FindAsync("app", Ct));
        Assert.True(await users.CanSignInAsync("ana", Build.Password));
    }
}
