using IdServer.Data.Users;
using IdServer.Testing;
using Xunit;

namespace IdServer.Data.Tests.Users;

public abstract class StoredPasswordsTests : OnEitherDatabase
{
    private StoredPasswords Passwords => Get<StoredPasswords>();

    [Theory]
    [InlineData("ANA")]
    [InlineData("ANA@EXAMPLE.COM")]
    public async Task An_account_is_found_by_user_name_and_by_address(string login)
    {
        await AddAsync("berta", "another hash");
        var ana = await AddAsync("ana", "hash");

        Assert.Equal(new StoredPassword(ana, "hash", IsDisabled: false), await Passwords.FindAsync(login, Ct));
    }

    [Theory]
    [InlineData("NOBODY")]
    [InlineData("")]
    [InlineData("ANA\0")]
    [InlineData("\uD800")]
    public async Task What_is_no_login_finds_nothing(string login)
    {
        await AddAsync("ana", "hash");

        Assert.Null(await Passwords.FindAsync(login, Ct));
    }

    [Fact]
    public async Task A_disabled_account_and_one_without_a_password_say_so()
    {
        var ana = await AddAsync("ana", hash: null);
        await People.ChangeAsync(Process, "ana", user => user.DisabledAt = Clock.Now);

        Assert.Equal(new StoredPassword(ana, null, IsDisabled: true), await Passwords.FindAsync("ANA", Ct));
    }

    [Fact]
    public async Task A_hash_is_renewed_and_nothing_else_is()
    {
        var ana = await AddAsync("ana", "old hash");
        await AddAsync("berta", "old hash");
        Clock.Advance(TimeSpan.FromMinutes(1));

        await Passwords.RenewAsync(new StoredPassword(ana, "old hash", IsDisabled: false), "new hash", Ct);

        var row = await People.FindAsync(Process, "ana");
        Assert.Equal(("new hash", Clock.Now.AddMinutes(-1), (DateTimeOffset?)null), (row.PasswordHash, row.UpdatedAt, row.PasswordChangedAt));
        Assert.Equal("old hash", (await Passwords.FindAsync("BERTA", Ct))!.Hash);
    }

    [Fact]
    [Spec("requirement", "50")]
    public async Task A_password_that_was_set_meanwhile_stays()
    {
        var ana = await AddAsync("ana", "old hash");
        var verified = (await Passwords.FindAsync("ANA", Ct))!;
        await People.ChangeAsync(Process, "ana", user => user.PasswordHash = "hash of another password");

        await Passwords.RenewAsync(verified, "new hash of the old password", Ct);

        Assert.Equal(new StoredPassword(ana, "hash of another password", IsDisabled: false), await Passwords.FindAsync("ANA", Ct));
    }

    private Task<Guid> AddAsync(string name, string? hash) => People.AddAsync(Process, name, user => (user.Email, user.PasswordHash) = (name + "@example.com", hash));
}

public sealed class SqliteStoredPasswordsTests : StoredPasswordsTests
{
    protected override bool IsPostgres => false;
}

public sealed class PostgresStoredPasswordsTests : StoredPasswordsTests
{
    protected override bool IsPostgres => true;
}
