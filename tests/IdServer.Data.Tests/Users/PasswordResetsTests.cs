using IdServer.Data.Statements;
using IdServer.Data.Users;
using IdServer.Protocol.Users;
using IdServer.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Users;

public abstract class PasswordResetsTests : OnEitherDatabase
{
    private const string Address = "ana@example.com";

    private PasswordResets Resets => Get<PasswordResets>();

    [Fact]
    [Spec("NIST SP 800-63B", "§4.2.1")]
    public async Task A_verified_account_gets_the_password_and_keeps_what_it_has()
    {
        var ana = await AddAsync(isVerified: true);
        var token = await IssueAsync(ana);
        var verify = await Get<OneTimeTokens>().IssueAsync("verify", ana, Address, TimeSpan.FromDays(1), Ct);

        var reset = await Resets.TryAsync(token, "new hash", Ct);

        Assert.True(reset!.WasVerified);
        var user = await FindAsync();
        Assert.Equal(("new hash", true, Clock.Now), (user.PasswordHash, user.TwoFactorEnabled, user.PasswordChangedAt));
        Assert.All(await BelongingsAsync(ana), count => Assert.Equal(1, count));
        Assert.Null(await Get<OneTimeTokens>().FindAsync(verify, "verify", Ct));
    }

    [Fact]
    [Attack("pre-hijacking")]
    public async Task An_address_that_nobody_had_verified_is_verified_and_what_was_added_before_is_gone()
    {
        var ana = await AddAsync(isVerified: false);
        var berta = await People.AddAsync(Process, "berta", user => user.TwoFactorEnabled = true);
        await AddBelongingsAsync(berta);
        Assert.False((await Get<IUserClaimsSource>().FindAsync(ana.ToString(), Ct))!.EmailVerified);

        var reset = await Resets.TryAsync(await IssueAsync(ana), "new hash", Ct);

        Assert.False(reset!.WasVerified);
        var user = await FindAsync();
        Assert.Equal(("new hash", true, false), (user.PasswordHash, user.EmailConfirmed, user.TwoFactorEnabled));
        Assert.All(await BelongingsAsync(ana), count => Assert.Equal(0, count));
        Assert.All(await BelongingsAsync(berta), count => Assert.Equal(1, count));
        Assert.True((await Get<IUserClaimsSource>().FindAsync(ana.ToString(), Ct))!.EmailVerified); // whoever remembered the person was told
    }

    [Fact]
    public async Task Of_64_resets_by_one_link_one_wins_and_its_password_stands()
    {
        var token = await IssueAsync(await AddAsync(isVerified: true));
        var winner = "";
        var number = 0;

        var won = await RaceAsync(async () =>
        {
            var hash = $"hash {Interlocked.Increment(ref number)}";
            if (await Resets.TryAsync(token, hash, Ct) is null)
            {
                return false;
            }

            winner = hash;
            return true;
        });

        Assert.Equal(1, won);
        Assert.Equal(winner, (await FindAsync()).PasswordHash);
    }

    [Fact]
    public async Task A_link_is_not_good_for_an_account_that_is_disabled_or_has_another_address()
    {
        var ana = await AddAsync(isVerified: true);
        var disabled = await IssueAsync(ana);
        await People.ChangeAsync(Process, "ana", user => user.DisabledAt = Clock.Now);
        Assert.Null(await Resets.TryAsync(disabled, "new hash", Ct));

        await People.ChangeAsync(Process, "ana", user => (user.DisabledAt, user.Email) = (null, "moved@example.com"));
        Assert.Null(await Resets.TryAsync(await IssueAsync(ana), "new hash", Ct));

        Assert.Equal("old hash", (await FindAsync()).PasswordHash);
    }

    [Fact]
    public async Task A_link_of_another_purpose_or_that_has_expired_sets_nothing()
    {
        var ana = await AddAsync(isVerified: true);
        var tokens = Get<OneTimeTokens>();
        var verify = await tokens.FindAsync(await tokens.IssueAsync("verify", ana, Address, TimeSpan.FromMinutes(30), Ct), "verify", Ct);
        var late = await IssueAsync(ana);

        Assert.Null(await Resets.TryAsync(verify!, "new hash", Ct));
        Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Null(await Resets.TryAsync(late, "new hash", Ct));

        Assert.Equal("old hash", (await FindAsync()).PasswordHash);
    }

    private async Task<Guid> AddAsync(bool isVerified)
    {
        var id = await People.AddAsync(Process, "ana", user => (user.Email, user.EmailConfirmed, user.PasswordHash, user.TwoFactorEnabled) = (Address, isVerified, "old hash", true));
        await AddBelongingsAsync(id);
        return id;
    }

    private async Task AddBelongingsAsync(Guid id)
    {
        await using (var scope = Process.CreateAsyncScope())
        {
            var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
            var user = (await users.FindByIdAsync(id.ToString()))!;
            Assert.True((await users.AddLoginAsync(user, new UserLoginInfo("https://accounts.example", id.ToString(), "Example"))).Succeeded);
            var passkey = new UserPasskeyInfo(id.ToByteArray(), [1], Clock.Now, 0, null, true, false, false, [], []);
            Assert.True((await users.AddOrUpdatePasskeyAsync(user, passkey)).Succeeded);
        }

        await Get<KnownDevices>().RememberAsync(null, id.ToByteArray(), id, "Firefox", null, TimeSpan.FromDays(1), Ct);
        await Get<IDatabase>().WriteAsync(
            async statements =>
            {
                await statements.ExecuteAsync("INSERT INTO authenticators (user_id, secret, created_at, last_step) VALUES ($1, $2, $3, 0)", id, new byte[] { 1 }, Clock.Now);
                await statements.ExecuteAsync("INSERT INTO consents (subject, client_id, scopes, claims, updated_at) VALUES ($1, 'app', 'openid', '[]', $2)", id.ToString(), Clock.Now);
                return await statements.ExecuteAsync("INSERT INTO recovery_codes (user_id, digest, created_at) VALUES ($1, $2, $3)", id, new byte[] { 1 }, Clock.Now);
            },
            Ct);
    }

    private ValueTask<long[]> BelongingsAsync(Guid id) => Get<IDatabase>().ReadAsync(
        async statements => new[]
        {
            await statements.FirstAsync("""SELECT COUNT(*) FROM "AspNetUserPasskeys" WHERE "UserId" = $1""", row => row.Number(0), id),
            await statements.FirstAsync("""SELECT COUNT(*) FROM "AspNetUserLogins" WHERE "UserId" = $1""", row => row.Number(0), id),
            await statements.FirstAsync("SELECT COUNT(*) FROM authenticators WHERE user_id = $1", row => row.Number(0), id),
            await statements.FirstAsync("SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1", row => row.Number(0), id),
            await statements.FirstAsync("SELECT COUNT(*) FROM known_devices WHERE user_id = $1", row => row.Number(0), id),
            await statements.FirstAsync("SELECT COUNT(*) FROM consents WHERE subject = $1", row => row.Number(0), id.ToString()),
        },
        Ct);

    private async Task<OneTimeToken> IssueAsync(Guid id)
    {
        var tokens = Get<OneTimeTokens>();
        return (await tokens.FindAsync(await tokens.IssueAsync(PasswordResets.Purpose, id, Address, TimeSpan.FromMinutes(30), Ct), PasswordResets.Purpose, Ct))!;
    }

    private async Task<User> FindAsync()
    {
        await using var scope = Process.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<UserManager<User>>().FindByNameAsync("ana"))!;
    }
}

public sealed class SqlitePasswordResetsTests : PasswordResetsTests
{
    protected override bool IsPostgres => false;
}

public sealed class PostgresPasswordResetsTests : PasswordResetsTests
{
    protected override bool IsPostgres => true;
}
