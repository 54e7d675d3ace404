using System.Net;
using IdServer.Configuration;
using IdServer.Protocol.Events;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Users;
using Xunit;

namespace IdServer.Tests.Users;

public sealed class AccountsTests : IAsyncLifetime
{
    private static readonly IPAddress Source = IPAddress.Parse("192.0.2.1");

    private UsersOnDisk users = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => users = await UsersOnDisk.StartAsync();

    public ValueTask DisposeAsync() => users.DisposeAsync();

    [Fact]
    public async Task Who_registers_gets_the_role_of_registration_and_nothing_they_claim_for_themselves()
    {
        var outcome = await users.Accounts.RegisterAsync(
            Person("ana") with { Name = "Ana García", Roles = ["admin"], EmailVerified = true, PhoneNumber = "+34 600 000 000", PhoneNumberVerified = true }, Source, Ct);

        var claims = await users.Get<IUserClaimsSource>().FindAsync(outcome.Subject!, Ct);
        Assert.Equal(["usuario"], claims!.Roles);
        Assert.Equal(("Ana García", "ana@example.com", false, false), (claims.Name, claims.Email, claims.EmailVerified, claims.PhoneNumberVerified));
    }

    [Fact]
    public async Task Every_member_is_kept()
    {
        var written = Person("ana") with
        {
            EmailVerified = true,
            Name = "n",
            GivenName = "g",
            FamilyName = "f",
            MiddleName = "m",
            Nickname = "k",
            Profile = "https://a.example/p",
            Picture = "https://a.example/i",
            Website = "https://a.example",
            Gender = "x",
            Birthdate = "1990-01-02",
            ZoneInfo = "Europe/Madrid",
            Locale = "es-ES",
            PhoneNumber = "+34 600 000 000",
            PhoneNumberVerified = true,
            Address = new PostalAddress("all", "s", "l", "r", "p", "c"),
            Roles = ["editor", "admin"],
        };

        var outcome = await users.Accounts.AddAsync(written, Ct);

        var claims = (await users.Get<IUserClaimsSource>().FindAsync(outcome.Subject!, Ct))!;
        var kept = new DeclaredUser
        {
            Username = claims.Username,
            Email = claims.Email,
            EmailVerified = claims.EmailVerified,
            Password = written.Password,
            Name = claims.Name,
            GivenName = claims.GivenName,
            FamilyName = claims.FamilyName,
            MiddleName = claims.MiddleName,
            Nickname = claims.Nickname,
            Profile = claims.Profile,
            Picture = claims.Picture,
            Website = claims.Website,
            Gender = claims.Gender,
            Birthdate = claims.Birthdate,
            ZoneInfo = claims.ZoneInfo,
            Locale = claims.Locale,
            PhoneNumber = claims.PhoneNumber,
            PhoneNumberVerified = claims.PhoneNumberVerified,
            Address = claims.Address,
            Roles = written.Roles,
        };
        Assert.Equal(written, kept);
        Assert.Equal(["admin", "editor"], claims.Roles);
    }

    [Theory]
    [InlineData("ANA", "new@example.com", "username")]
    [InlineData("new", "ANA@EXAMPLE.COM", "email")]
    public async Task User_names_and_addresses_are_unique_in_any_case(string username, string email, string member)
    {
        await users.AddAsync();

        var outcome = await users.Accounts.AddAsync(new DeclaredUser { Username = username, Email = email, Password = Build.Password }, Ct);

        Assert.Equal((member, UserFaultKind.Taken), outcome.Faults.Select(f => (f.Member, f.Kind)).Single());
        Assert.Equal(1, await users.CountAsync());
    }

    [Fact]
    public async Task An_address_that_is_somebodys_user_name_is_taken()
    {
        await users.Accounts.AddAsync(new DeclaredUser { Username = "ana@example.com", Email = "ana@example.com", Password = Build.Password }, Ct);
        await users.ChangeRowAsync("ana@example.com", row => row.Email = "moved@example.com");

        var outcome = await users.Accounts.AddAsync(new DeclaredUser { Username = "other", Email = "ana@example.com", Password = Build.Password }, Ct);

        Assert.Equal(("email", UserFaultKind.Taken), outcome.Faults.Select(f => (f.Member, f.Kind)).Single());
    }

    [Fact]
    public async Task Of_parallel_registrations_with_one_address_exactly_one_wins()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(
            async () => await users.Accounts.AddAsync(new DeclaredUser { Username = $"user{i}", Email = "one@example.com", Password = Build.Password }, Ct), Ct)));

        Assert.Single(outcomes, o => o.Subject is not null);
        Assert.All(outcomes.Where(o => o.Subject is null), o => Assert.Equal(("email", UserFaultKind.Taken), o.Faults.Select(f => (f.Member, f.Kind)).Single()));
        Assert.Equal(1, await users.CountAsync());
    }

    [Theory]
    [InlineData(null, UserFaultKind.Missing)]
    [InlineData("nine char", UserFaultKind.TooShort)]
    [InlineData("LongUserName", UserFaultKind.TooObvious)]
    [InlineData("longusername@example.com", UserFaultKind.TooObvious)]
    [InlineData("LongUserName2026", UserFaultKind.TooObvious)]
    [InlineData("password123", UserFaultKind.TooObvious)]
    public async Task A_bad_password_is_refused_and_nothing_is_written(string? password, UserFaultKind kind)
    {
        var outcome = await users.Accounts.AddAsync(Person("longusername") with { Password = password }, Ct);

        Assert.Equal(("password", kind), outcome.Faults.Select(f => (f.Member, f.Kind)).Single());
        Assert.Equal(0, await users.CountAsync());
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public async Task Length_is_all_that_a_password_needs(int length, bool accepted)
    {
        var outcome = await users.Accounts.AddAsync(Person("ana") with { Password = "kvrtnqzhwd".PadRight(length, 'a') }, Ct);

        Assert.Equal(accepted, outcome.Subject is not null);
    }

    [Fact]
    public async Task Registrations_of_one_source_are_limited_and_failed_ones_do_not_count()
    {
        await users.RestartAsync(s => s with { RateLimits = new RateLimitSettings(RegistrationsPerHour: 2) });
        for (var i = 0; i < 5; i++)
        {
            Assert.NotEmpty((await users.Accounts.RegisterAsync(Person("x") with { Email = "x" }, Source, Ct)).Faults);
        }

        Assert.NotNull((await users.Accounts.RegisterAsync(Person("a"), Source, Ct)).Subject);
        Assert.NotNull((await users.Accounts.RegisterAsync(Person("b"), Source, Ct)).Subject);

        Assert.Equal(TimeSpan.FromHours(1), (await users.Accounts.RegisterAsync(Person("c"), Source, Ct)).RetryAfter);
        Assert.NotNull((await users.Accounts.RegisterAsync(Person("d"), IPAddress.Parse("192.0.2.2"), Ct)).Subject);
        Assert.NotNull((await users.Accounts.AddAsync(Person("e"), Ct)).Subject);
        users.Clock.Advance(TimeSpan.FromHours(1));
        Assert.NotNull((await users.Accounts.RegisterAsync(Person("c"), Source, Ct)).Subject);
    }

    [Fact]
    public async Task A_disabled_account_is_dead_at_once_until_it_is_enabled()
    {
        var subject = await users.AddAsync();
        Assert.NotNull(await users.Get<IUserClaimsSource>().FindAsync(subject, Ct));

        var outcome = await users.Accounts.DisableAsync("ana@example.com", Ct);

        Assert.Equal(subject, outcome.Subject);
        Assert.Null(await users.Get<IUserClaimsSource>().FindAsync(subject, Ct));
        Assert.False(await users.CanSignInAsync("ana", Build.Password));
        Assert.True(await users.HasEndedAsync(subject));
        await users.Accounts.EnableAsync("ana", Ct);
        Assert.True(await users.CanSignInAsync("ana", Build.Password));
        Assert.Contains(new ProtocolEvent(EventKind.UserDisabled, Subject: subject), users.Events.Raised);
        Assert.Contains(new ProtocolEvent(EventKind.UserEnabled, Subject: subject), users.Events.Raised);
    }

    [Fact]
    public async Task A_new_password_replaces_the_old_one_and_ends_what_it_opened()
    {
        var subject = await users.AddAsync();

        Assert.Empty((await users.Accounts.SetPasswordAsync("ana", "quite another password", Ct)).Faults);

        Assert.True(await users.HasEndedAsync(subject));
        Assert.False(await users.CanSignInAsync("ana", Build.Password));
        Assert.True(await users.CanSignInAsync("ana", "quite another password"));
        Assert.Contains(new ProtocolEvent(EventKind.PasswordChanged, Subject: subject), users.Events.Raised);
    }

    [Fact]
    public async Task A_bad_new_password_changes_nothing()
    {
        var subject = await users.AddAsync();

        Assert.Equal(UserFaultKind.TooShort, (await users.Accounts.SetPasswordAsync("ana", "short", Ct)).Faults.Single().Kind);

        Assert.False(await users.HasEndedAsync(subject));
        Assert.True(await users.CanSignInAsync("ana", Build.Password));
        Assert.DoesNotContain(EventKind.PasswordChanged, users.Events.Kinds);
    }

    [Fact]
    public async Task An_unknown_login_changes_nothing()
    {
        Assert.Equal(UserFaultKind.Unknown, (await users.Accounts.DisableAsync("nobody", Ct)).Faults.Single().Kind);
        Assert.Equal(UserFaultKind.Unknown, (await users.Accounts.SetPasswordAsync("nobody", "quite another password", Ct)).Faults.Single().Kind);
    }

    private static DeclaredUser Person(string username) => new() { Username = username, Email = username + "@example.com", Password = Build.Password };
}
