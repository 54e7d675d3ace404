using IdServer.Protocol.Stores;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Stores;

public sealed class SqliteGrantTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private TestDatabase database = null!;
    private ServiceProvider process = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        process = database.Open(clock);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    [Spec("requirement", "48")]
    public async Task A_grant_that_begins_while_its_session_ends_is_born_ended()
    {
        var sessions = process.GetRequiredService<ISessionStore>();
        var codes = process.GetRequiredService<IAuthorizationCodeStore>();
        var session = Build.Session(clock);
        await sessions.SaveAsync(session, Ct);
        await sessions.EndAsync(session.Id, clock.Now, Ct);

        var (_, code) = Build.Code(clock, Build.Grant(clock, grant => grant with { Subject = session.Subject, SessionId = session.Id }));
        await codes.SaveAsync(code, Ct);

        Assert.False(await codes.TryRedeemAsync(code.Key, Build.RefreshToken(clock, code.Grant.Id).Token, clock.Now, Ct));
        Assert.Equal(0, database.Count("refresh_tokens"));
    }

    [Fact]
    public async Task A_session_that_has_ended_stays_ended_when_it_is_saved_again()
    {
        var sessions = process.GetRequiredService<ISessionStore>();
        var session = Build.Session(clock);
        await sessions.SaveAsync(session, Ct);
        await sessions.EndAsync(session.Id, clock.Now, Ct);

        await sessions.SaveAsync(session, Ct);

        await sessions.EndAsync(session.Id, clock.Now, Ct);
        Assert.Single(await process.GetRequiredService<IRevocationStore>().ReadAsync(0, 10, clock.Now, Ct));
    }

    [Fact]
    public async Task What_was_saved_is_there_after_a_restart()
    {
        var (_, code) = Build.Code(clock);
        var (_, first) = Build.RefreshToken(clock, code.Grant.Id);
        var codes = process.GetRequiredService<IAuthorizationCodeStore>();
        await codes.SaveAsync(code, Ct);
        await codes.TryRedeemAsync(code.Key, first, clock.Now, Ct);
        await process.DisposeAsync();

        var restarted = database.Open(clock);

        Assert.Equal(clock.Now, (await restarted.GetRequiredService<IAuthorizationCodeStore>().FindAsync(code.Key, Ct))!.RedeemedAt);
        Assert.NotNull(await restarted.GetRequiredService<IRefreshTokenStore>().FindAsync(first.Key, Ct));
    }
}
