using IdServer.Data.Statements;
using IdServer.Data.Users;
using IdServer.Protocol.Users;
using IdServer.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Users;

public abstract class SecondFactorTests : OnEitherDatabase
{
    private readonly byte[] secret = TimeBasedCode.NewSecret();

    private Authenticators Apps => Get<Authenticators>();

    private RecoveryCodes Codes => Get<RecoveryCodes>();

    [Fact]
    public async Task An_authenticator_counts_once_a_code_has_proved_it_and_the_account_says_so_at_once()
    {
        var ana = await AddAsync("ana");
        Assert.False((await ClaimsAsync(ana)).HasSecondFactor);

        Assert.False(await Apps.TryAddAsync(ana, secret, "000000" == Code() ? "000001" : "000000", Ct));
        Assert.Null(await Apps.FindAsync(ana, Ct));

        Assert.True(await Apps.TryAddAsync(ana, secret, Code(), Ct));
        Assert.Equal(Clock.Now, await Apps.FindAsync(ana, Ct));
        Assert.True((await ClaimsAsync(ana)).HasSecondFactor);
    }

    [Fact]
    public async Task A_second_authenticator_does_not_replace_the_first()
    {
        var ana = await EnrolAsync();
        var other = TimeBasedCode.NewSecret();

        Assert.False(await Apps.TryAddAsync(ana, other, TimeBasedCode.Of(other, TimeBasedCode.StepAt(Clock.Now)), Ct));

        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await Apps.TryUseAsync(ana, Code(), Ct));
    }

    [Fact]
    [Attack("replay of a one-time code")]
    [Spec("RFC 6238", "§5.2")]
    public async Task Of_64_parallel_calls_with_one_code_one_uses_it_and_the_one_it_was_proved_with_is_used()
    {
        var ana = await EnrolAsync();
        Assert.False(await Apps.TryUseAsync(ana, Code(), Ct));

        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await RaceAsync(() => Apps.TryUseAsync(ana, Code(), Ct)));
        Assert.False(await Apps.TryUseAsync(ana, Code(), Ct));
    }

    [Fact]
    public async Task A_code_is_good_for_its_person_only_and_a_row_of_another_person_opens_for_nobody()
    {
        var ana = await EnrolAsync();
        var berta = await AddAsync("berta");
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await Apps.TryUseAsync(berta, Code(), Ct));

        await Get<IDatabase>().WriteAsync(
            statements => statements.ExecuteAsync("INSERT INTO authenticators (user_id, secret, last_step, created_at) SELECT $2, secret, last_step, created_at FROM authenticators WHERE user_id = $1", ana, berta), Ct);

        Assert.False(await Apps.TryUseAsync(berta, Code(), Ct));
        Assert.True(await Apps.TryUseAsync(ana, Code(), Ct));
    }

    [Fact]
    public async Task The_secret_is_not_readable_in_the_database()
    {
        var ana = await EnrolAsync();

        var stored = await Get<IDatabase>().ReadAsync(statements => statements.FirstAsync("SELECT secret FROM authenticators WHERE user_id = $1", row => row.Bytes(0), ana), Ct);

        Assert.True(stored.AsSpan().IndexOf(secret.AsSpan(0, 8)) < 0);
    }

    [Fact]
    public async Task Removing_it_takes_the_recovery_codes_and_the_trust_in_devices_along()
    {
        var ana = await EnrolAsync();
        await Codes.ReplaceAsync(ana, Ct);
        await Get<IDatabase>().WriteAsync(
            statements => statements.ExecuteAsync(
                "INSERT INTO known_devices (id, digest, user_id, name, created_at, last_used_at, trusted_until, expires_at) VALUES ($1, $2, $3, 'Firefox', $4, $4, $5, $5)",
                Guid.CreateVersion7(Clock.Now), new byte[32], ana, Clock.Now, Clock.Now.AddDays(30)), Ct);

        Assert.True(await Apps.RemoveAsync(ana, Ct));

        Assert.Equal((null, 0, false), (await Apps.FindAsync(ana, Ct), await Codes.LeftAsync(ana, Ct), (await ClaimsAsync(ana)).HasSecondFactor));
        Assert.Equal(0, await Get<IDatabase>().ReadAsync(statements => statements.FirstAsync("SELECT COUNT(*) FROM known_devices WHERE trusted_until IS NOT NULL", row => row.Number(0)), Ct));
        Assert.False(await Apps.RemoveAsync(ana, Ct));
    }

    [Fact]
    public async Task An_account_that_was_read_before_its_authenticator_was_added_cannot_be_saved_without_it()
    {
        var ana = await AddAsync("ana");
        await using var scope = Get<IServiceScopeFactory>().CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var stale = (await users.FindByIdAsync(ana.ToString()))!;
        Assert.True(await Apps.TryAddAsync(ana, secret, Code(), Ct));

        stale.Name = "Ana";
        Assert.False((await users.UpdateAsync(stale)).Succeeded);

        Assert.True((await ClaimsAsync(ana)).HasSecondFactor);
    }

    [Fact]
    public async Task A_set_of_recovery_codes_has_ten_that_are_easy_to_read_and_differ()
    {
        var codes = await Codes.ReplaceAsync(await AddAsync("ana"), Ct);

        Assert.Equal(10, codes.Distinct().Count());
        Assert.All(codes, code => Assert.Matches("^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$", code)); // 16 of 32 symbols: 80 bits
    }

    [Fact]
    [Attack("replay of a one-time code")]
    public async Task Of_64_parallel_calls_with_one_recovery_code_one_uses_it()
    {
        var ana = await AddAsync("ana");
        var codes = await Codes.ReplaceAsync(ana, Ct);

        Assert.Equal(1, await RaceAsync(() => Codes.TryUseAsync(ana, codes[3], Ct)));
        Assert.False(await Codes.TryUseAsync(ana, codes[3], Ct));
        Assert.Equal(9, await Codes.LeftAsync(ana, Ct));
    }

    [Fact]
    public async Task A_recovery_code_may_be_typed_as_people_type()
    {
        var ana = await AddAsync("ana");
        var code = (await Codes.ReplaceAsync(ana, Ct))[0];

        Assert.True(await Codes.TryUseAsync(ana, $" {code.Replace("-", " ", StringComparison.Ordinal).ToLowerInvariant().Replace('0', 'o').Replace('1', 'l')} ", Ct));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0000-0000-0000-0000")]
    [InlineData("what is this?!??")]
    public async Task What_is_no_recovery_code_of_the_person_is_refused(string? typed)
    {
        var ana = await AddAsync("ana");
        await Codes.ReplaceAsync(ana, Ct);
        var others = await Codes.ReplaceAsync(await AddAsync("berta"), Ct);

        Assert.False(await Codes.TryUseAsync(ana, typed!, Ct));
        Assert.False(await Codes.TryUseAsync(ana, others[0], Ct));
        Assert.Equal(10, await Codes.LeftAsync(ana, Ct));
    }

    [Fact]
    public async Task A_new_set_ends_the_one_before()
    {
        var ana = await AddAsync("ana");
        var old = await Codes.ReplaceAsync(ana, Ct);
        await Codes.TryUseAsync(ana, old[0], Ct);

        var codes = await Codes.ReplaceAsync(ana, Ct);

        Assert.False(await Codes.TryUseAsync(ana, old[1], Ct));
        Assert.True(await Codes.TryUseAsync(ana, codes[1], Ct));
        Assert.Equal(9, await Codes.LeftAsync(ana, Ct));
    }

    private async Task<Guid> EnrolAsync()
    {
        var ana = await AddAsync("ana");
        Assert.True(await Apps.TryAddAsync(ana, secret, Code(), Ct));
        return ana;
    }

    private Task<Guid> AddAsync(string name) => Tests.People.AddAsync(Get<IServiceProvider>(), name);

    private async Task<UserClaims> ClaimsAsync(Guid id) => (await Get<IUserClaimsSource>().FindAsync(id.ToString(), Ct))!;

    private string Code() => TimeBasedCode.Of(secret, TimeBasedCode.StepAt(Clock.Now));
}

public sealed class SqliteSecondFactorTests : SecondFactorTests
{
    protected override bool IsPostgres => false;
}

public sealed class PostgresSecondFactorTests : SecondFactorTests
{
    protected override bool IsPostgres => true;
}
