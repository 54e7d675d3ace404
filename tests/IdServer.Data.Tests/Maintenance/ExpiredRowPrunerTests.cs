using IdServer.Data.Admin;
using IdServer.Data.Audit;
using IdServer.Data.Maintenance;
using IdServer.Data.Statements;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Tokens.Replay;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Maintenance;

public sealed class ExpiredRowPrunerTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private TestDatabase database = null!;
    private ServiceProvider process = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    private IRefreshTokenStore RefreshTokens => process.GetRequiredService<IRefreshTokenStore>();

    private IAuthorizationCodeStore Codes => process.GetRequiredService<IAuthorizationCodeStore>();

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        process = database.Open(clock);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task An_empty_database_has_nothing_to_prune() => Assert.Equal(0, await PruneAsync());

    [Fact]
    public async Task Interactions_go_when_they_expire()
    {
        var interactions = process.GetRequiredService<IInteractionStore>();
        await interactions.SaveAsync(Build.Interaction(clock), Ct);
        clock.Advance(TimeSpan.FromMinutes(15));
        await interactions.SaveAsync(Build.Interaction(clock), Ct);
        clock.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal(1, await PruneAsync());
        Assert.Equal(1, database.Count("interactions"));
    }

    [Fact]
    [Spec("requirement", "23")]
    public async Task Pushed_requests_go_when_no_interaction_can_need_them()
    {
        var pushed = process.GetRequiredService<IPushedRequestStore>();
        await pushed.SaveAsync(Build.PushedRequest(clock).Request, Ct);
        clock.Advance(TimeSpan.FromSeconds(90) + TimeSpan.FromMinutes(15));
        await pushed.SaveAsync(Build.PushedRequest(clock).Request, Ct);
        Assert.Equal(0, await PruneAsync());
        clock.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal(1, await PruneAsync());
        Assert.Equal(1, database.Count("pushed_requests"));
    }

    [Fact]
    public async Task Used_assertions_and_proofs_go_when_they_expire()
    {
        var replays = process.GetRequiredService<IReplayCache>();
        await replays.TryAddAsync("one", clock.Now.AddMinutes(1), Ct);
        await replays.TryAddAsync("other", clock.Now.AddMinutes(2), Ct);
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(1, await PruneAsync());
        Assert.False(await replays.TryAddAsync("other", clock.Now.AddMinutes(2), Ct));
        Assert.Equal(1, database.Count("replays"));
    }

    [Fact]
    public async Task Device_codes_go_an_hour_after_they_have_expired()
    {
        var devices = process.GetRequiredService<IDeviceCodeStore>();
        await devices.TrySaveAsync(Build.DeviceCode(clock).Code, Ct);
        clock.Advance(TimeSpan.FromMinutes(69));
        await devices.TrySaveAsync(Build.DeviceCode(clock).Code, Ct);
        Assert.Equal(0, await PruneAsync());
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(1, await PruneAsync());
        Assert.Equal(1, database.Count("device_codes"));
    }

    [Fact]
    public async Task Sessions_go_when_they_expire()
    {
        var sessions = process.GetRequiredService<ISessionStore>();
        await sessions.SaveAsync(Build.Session(clock), Ct);
        clock.Advance(TimeSpan.FromHours(11));
        await sessions.SaveAsync(Build.Session(clock), Ct);
        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, await PruneAsync());
        Assert.Equal(1, database.Count("sessions"));
    }

    [Fact]
    public async Task Revocations_go_when_the_last_token_they_concern_has_expired()
    {
        var revocations = process.GetRequiredService<IRevocationStore>();
        await revocations.RevokeTokenAsync(Guid.CreateVersion7(clock.Now), clock.Now.AddHours(1), clock.Now, Ct);
        await revocations.RevokeTokenAsync(Guid.CreateVersion7(clock.Now), clock.Now.AddHours(2), clock.Now, Ct);
        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, await PruneAsync());
        Assert.Equal(1, database.Count("revocations"));
    }

    [Fact]
    public async Task Changes_go_after_a_day()
    {
        await process.GetRequiredService<ClientAdmin>().UpsertAsync(Build.Metadata(), Build.ClientSecret, Ct);
        clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(0, await PruneAsync());
        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, await PruneAsync());
        Assert.Equal(0, database.Count("changes"));
    }

    [Fact]
    [Spec("requirement", "28")]
    public async Task A_redeemed_code_stays_as_long_as_there_is_something_that_its_reuse_would_end()
    {
        var (code, first) = await RedeemAsync();
        clock.Advance(TimeSpan.FromDays(29));
        var second = await RotateAsync(first);
        clock.Advance(TimeSpan.FromDays(29)); // the first token has expired, its successor has not
        await PruneAsync();

        Assert.NotNull((await Codes.FindAsync(code.Key, Ct))?.RedeemedAt);
        Assert.Null(await RefreshTokens.FindAsync(first.Key, Ct));
        await RotateAsync(second);

        clock.Advance(TimeSpan.FromDays(30) + Build.Options().LongestTokenLifetime - TimeSpan.FromSeconds(1)); // an access token issued last may live
        await PruneAsync();
        Assert.NotNull(await Codes.FindAsync(code.Key, Ct));

        clock.Advance(TimeSpan.FromSeconds(1));
        await PruneAsync();
        Assert.Equal((0, 0, 0), (database.Count("grants"), database.Count("authorization_codes"), database.Count("refresh_tokens")));
    }

    [Fact]
    public async Task A_code_that_nobody_redeemed_goes_a_day_after_it_expired()
    {
        var (_, code) = Build.Code(clock);
        await Codes.SaveAsync(code, Ct);
        clock.Advance(TimeSpan.FromHours(24));
        await PruneAsync();
        Assert.NotNull(await Codes.FindAsync(code.Key, Ct));
        clock.Advance(TimeSpan.FromSeconds(60));

        await PruneAsync();

        Assert.Equal((0, 0), (database.Count("grants"), database.Count("authorization_codes")));
    }

    [Fact]
    public async Task An_ended_grant_goes_with_its_living_tokens_when_its_revocation_is_no_longer_needed()
    {
        var (_, first) = await RedeemAsync();
        await RotateAsync(first);
        await process.GetRequiredService<IGrantStore>().EndAsync(first.GrantId, clock.Now, Ct);
        clock.Advance(TimeSpan.FromHours(23));
        await PruneAsync();
        Assert.NotNull(await RefreshTokens.FindAsync(first.Key, Ct));
        clock.Advance(TimeSpan.FromHours(1));

        await PruneAsync();

        Assert.Equal((0, 0, 0), (database.Count("grants"), database.Count("authorization_codes"), database.Count("refresh_tokens")));
        Assert.Equal(0, database.Count("revocations"));
    }

    [Fact]
    public async Task A_living_token_can_be_rotated_after_any_number_of_prunings()
    {
        var (_, token) = await RedeemAsync();
        for (var day = 0; day < 100; day++)
        {
            token = await RotateAsync(token);
            clock.Advance(TimeSpan.FromDays(1));
            await PruneAsync();
        }

        Assert.Equal(RotationOutcome.Rotated, await TryRotateAsync(token, Build.RefreshToken(clock, token.GrantId).Token));
        Assert.InRange(database.Count("refresh_tokens"), 2, 33);
    }

    [Fact]
    public async Task Many_rows_go_in_transactions_of_at_most_200()
    {
        var interactions = process.GetRequiredService<IInteractionStore>();
        await Task.WhenAll(Enumerable.Range(0, 1203).Select(_ => interactions.SaveAsync(Build.Interaction(clock), Ct).AsTask()));
        await Task.WhenAll(Enumerable.Range(0, 1203).Select(_ => RedeemAsync()));
        await Task.WhenAll(Enumerable.Range(0, 707).Select(async _ =>
        {
            var (_, token) = await RedeemAsync();
            await RotateAsync(token);
            await process.GetRequiredService<IGrantStore>().EndAsync(token.GrantId, clock.Now, Ct);
        }));
        clock.Advance(TimeSpan.FromDays(1));
        var recorder = new Recorder(process.GetRequiredService<IDatabase>());

        await new ExpiredRowPruner(recorder, Build.Options(), new AuditSettings(), clock).PruneAsync(clock.Now, Ct);

        Assert.Equal(1203, database.Count("grants")); // the living ones
        Assert.Equal(1203, database.Count("refresh_tokens"));
        Assert.Equal((0, 0), (database.Count("interactions"), database.Count("revocations")));
        Assert.True(recorder.Transactions.Count > 6);
        Assert.All(recorder.Transactions, rows => Assert.InRange(rows, 0, 600)); // a pass over grants is three statements of at most 200 rows

        clock.Advance(TimeSpan.FromDays(31));
        await new ExpiredRowPruner(recorder, Build.Options(), new AuditSettings(), clock).PruneAsync(clock.Now, Ct);

        Assert.Equal((0, 0, 0), (database.Count("grants"), database.Count("authorization_codes"), database.Count("refresh_tokens")));
    }

    private ValueTask<int> PruneAsync() => process.GetRequiredService<ExpiredRowPruner>().PruneAsync(clock.Now, Ct);

    private async Task<(AuthorizationCode Code, RefreshToken First)> RedeemAsync()
    {
        var (_, code) = Build.Code(clock);
        var (_, first) = Build.RefreshToken(clock, code.Grant.Id);
        await Codes.SaveAsync(code, Ct);
        Assert.True(await Codes.TryRedeemAsync(code.Key, first, clock.Now, Ct));
        return (code, first);
    }

    private async Task<RefreshToken> RotateAsync(RefreshToken token)
    {
        var (_, successor) = Build.RefreshToken(clock, token.GrantId);
        Assert.Equal(RotationOutcome.Rotated, await TryRotateAsync(token, successor));
        return successor;
    }

    private async Task<RotationOutcome> TryRotateAsync(RefreshToken token, RefreshToken successor) =>
        (await RefreshTokens.TryRotateAsync(token.Key, successor, Handle.New(clock).Seal(Handle.New(clock)), clock.Now, TimeSpan.Zero, Ct)).Outcome;

    /// <summary>The real database, which writes down how many rows each transaction changed.</summary>
    private sealed class Recorder(IDatabase database) : IDatabase
    {
        public List<int> Transactions { get; } = [];

        public ValueTask<T> ReadAsync<T>(Func<PreparedStatements, ValueTask<T>> read, CancellationToken ct) => database.ReadAsync(read, ct);

        public async ValueTask<T> WriteAsync<T>(Func<PreparedStatements, ValueTask<T>> write, CancellationToken ct)
        {
            var result = await database.WriteAsync(write, ct);
            Transactions.Add(Assert.IsType<int>(result));
            return result;
        }
    }
}
