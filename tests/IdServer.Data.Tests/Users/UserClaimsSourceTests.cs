using IdServer.Data.Users;
using IdServer.Protocol.Users;
using IdServer.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Users;

public sealed class UserClaimsSourceTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private TestDatabase database = null!;
    private ServiceProvider process = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    private IUserClaimsSource People => process.GetRequiredService<IUserClaimsSource>();

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        process = database.Open(clock);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    [Spec("OIDC Core", "§5.1")]
    public async Task Everything_known_of_a_user_is_found()
    {
        var id = await Tests.People.AddAsync(
            process,
            "ana",
            user =>
            {
                (user.Email, user.EmailConfirmed, user.PhoneNumber, user.PhoneNumberConfirmed) = ("ana@example.com", true, "+34 600 000 000", true);
                (user.Name, user.GivenName, user.MiddleName, user.FamilyName, user.Nickname) = ("Ana García Ruiz", "Ana", "Luz", "García Ruiz", "Anita");
                (user.Profile, user.Picture, user.Website) = ("https://ana.example/yo", "https://ana.example/ana.png", "https://ana.example");
                (user.Gender, user.Birthdate, user.ZoneInfo, user.Locale) = ("female", "1990-02-28", "Europe/Madrid", "es-ES");
                (user.AddressFormatted, user.AddressStreet, user.AddressLocality) = ("Calle 1, Madrid", "Calle 1", "Madrid");
                (user.AddressRegion, user.AddressPostalCode, user.AddressCountry) = ("Madrid", "28001", "España");
            },
            "usuario",
            "admin");

        var expected = new UserClaims
        {
            Subject = id.ToString(),
            Username = "ana",
            Email = "ana@example.com",
            EmailVerified = true,
            PhoneNumber = "+34 600 000 000",
            PhoneNumberVerified = true,
            Name = "Ana García Ruiz",
            GivenName = "Ana",
            MiddleName = "Luz",
            FamilyName = "García Ruiz",
            Nickname = "Anita",
            Profile = "https://ana.example/yo",
            Picture = "https://ana.example/ana.png",
            Website = "https://ana.example",
            Gender = "female",
            Birthdate = "1990-02-28",
            ZoneInfo = "Europe/Madrid",
            Locale = "es-ES",
            Address = new PostalAddress("Calle 1, Madrid", "Calle 1", "Madrid", "Madrid", "28001", "España"),
            UpdatedAt = clock.Now,
            Roles = ["admin", "usuario"],
        };
        Assert.Equivalent(expected, await FindAsync(id), strict: true);
    }

    [Fact]
    public async Task A_user_without_an_address_has_no_address_claim()
    {
        var id = await Tests.People.AddAsync(process, "ana");

        Assert.Null((await FindAsync(id))!.Address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ana")]
    [InlineData("01890000-0000-7000-8000-000000000000")]
    [InlineData("{01890000-0000-7000-8000-000000000000}")]
    public async Task A_subject_that_nobody_has_is_not_found(string subject) => Assert.Null(await People.FindAsync(subject, Ct));

    [Fact]
    public async Task A_disabled_user_is_not_found_from_the_moment_it_is_saved()
    {
        var id = await Tests.People.AddAsync(process, "ana");
        Assert.NotNull(await FindAsync(id));

        await Tests.People.ChangeAsync(process, "ana", user => user.DisabledAt = clock.Now);

        Assert.Null(await FindAsync(id));
    }

    [Fact]
    public async Task A_user_who_is_enabled_again_is_found()
    {
        var id = await Tests.People.AddAsync(process, "ana", user => user.DisabledAt = clock.Now);
        Assert.Null(await FindAsync(id));

        await Tests.People.ChangeAsync(process, "ana", user => user.DisabledAt = null);

        Assert.NotNull(await FindAsync(id));
    }

    [Fact]
    public async Task A_lockout_for_good_is_as_good_as_disabled_and_one_that_ends_is_not()
    {
        var forGood = await Tests.People.AddAsync(process, "ana", user => (user.LockoutEnabled, user.LockoutEnd) = (true, DateTimeOffset.MaxValue));
        var forNow = await Tests.People.AddAsync(process, "eva", user => (user.LockoutEnabled, user.LockoutEnd) = (true, clock.Now.AddMinutes(5)));

        Assert.Null(await FindAsync(forGood));
        Assert.NotNull(await FindAsync(forNow));
    }

    [Fact]
    public async Task A_changed_name_and_a_new_role_show_at_once()
    {
        var id = await Tests.People.AddAsync(process, "ana");
        Assert.Empty((await FindAsync(id))!.Roles);

        await Tests.People.ChangeAsync(process, "ana", user => user.Name = "Ana Ruiz");
        await Tests.People.AddToRoleAsync(process, "ana", "editor");

        var found = await FindAsync(id);
        Assert.Equal("Ana Ruiz", found!.Name);
        Assert.Equal(["editor"], found.Roles);
    }

    [Fact]
    public async Task A_renamed_role_shows_at_once()
    {
        var id = await Tests.People.AddAsync(process, "ana", null, "editor");
        Assert.Equal(["editor"], (await FindAsync(id))!.Roles);

        await using (var scope = process.CreateAsyncScope())
        {
            var roles = scope.ServiceProvider.GetRequiredService<RoleManager<Role>>();
            var role = (await roles.FindByNameAsync("editor"))!;
            await roles.SetRoleNameAsync(role, "redactor");
            Assert.True((await roles.UpdateAsync(role)).Succeeded);
        }

        Assert.Equal(["redactor"], (await FindAsync(id))!.Roles);
    }

    [Fact]
    public async Task A_user_is_read_once_and_again_after_a_minute()
    {
        var id = await Tests.People.AddAsync(process, "ana");
        var first = await FindAsync(id);
        Assert.Same(first, await FindAsync(id));

        clock.Advance(TimeSpan.FromSeconds(61)); // heals what a lost message left behind

        Assert.NotSame(first, await FindAsync(id));
    }

    [Fact]
    public async Task A_save_that_fails_tells_nobody_and_writes_nothing()
    {
        await Tests.People.AddAsync(process, "ana", user => user.Email = "ana@example.com");
        var changes = database.Count("changes");
        await using var scope = process.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<ScopedContext>().Value;
        context.Users.Add(new User { Id = Guid.CreateVersion7(clock.Now), UserName = "eva", NormalizedUserName = "EVA", NormalizedEmail = "ANA@EXAMPLE.COM" });

        await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveChangesAsync(Ct));

        Assert.Equal(changes, database.Count("changes"));
        Assert.Equal(1, database.Count("AspNetUsers"));
    }

    [Fact]
    public async Task A_save_inside_an_open_transaction_is_refused_since_it_would_wait_for_itself()
    {
        await using var scope = process.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<ScopedContext>().Value;
        await using var transaction = await context.Database.BeginTransactionAsync(Ct);

        await Assert.ThrowsAsync<InvalidOperationException>(() => context.SaveChangesAsync(Ct));
    }

    [Fact]
    public async Task Identity_and_the_writer_take_turns()
    {
        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(
            async () =>
            {
                await Tests.People.AddAsync(process, $"user-{i}");
                await process.GetRequiredService<Protocol.Stores.IInteractionStore>().SaveAsync(Build.Interaction(clock), Ct);
            },
            Ct)));

        Assert.Equal(64, database.Count("AspNetUsers"));
        Assert.Equal(64, database.Count("interactions"));
    }

    private ValueTask<UserClaims?> FindAsync(Guid id) => People.FindAsync(id.ToString(), Ct);
}
