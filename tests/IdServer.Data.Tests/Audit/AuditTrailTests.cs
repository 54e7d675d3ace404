using System.Net;
using IdServer.Data.Admin;
using IdServer.Data.Audit;
using IdServer.Data.Maintenance;
using IdServer.Protocol.Events;
using IdServer.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Audit;

/// <summary>What holds on every database.</summary>
public abstract class AuditTrailTests : IAsyncLifetime
{
    private static readonly ProtocolEvent Full = new(
        EventKind.ConsentGiven, "app", "ana", Guid.Parse("018f0000-0000-7000-8000-000000000001"), "ignored", "access_denied", "openid profile", IPAddress.Parse("2001:db8::1"), Guid.Parse("018f0000-0000-7000-8000-000000000002"));

    private ServiceProvider process = null!;

    protected static CancellationToken Ct => TestDatabase.Ct;

    protected ManualClock Clock { get; } = new();

    public async ValueTask InitializeAsync() => process = await StartAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task An_event_is_kept_with_everything_it_says_when_it_is_asked_for_a_moment_later()
    {
        process.GetRequiredService<AuditTrail>().Add(Full);

        IReadOnlyList<AuditEntry> kept = [];
        await Eventually.TrueAsync(async () => (kept = await ListAsync(new AuditFilter())).Count > 0);

        Assert.Equal(
            new AuditEntry(kept[0].Id, Clock.Now, EventKind.ConsentGiven, "app", "ana", Full.SessionId, Full.GrantId, "2001:db8::1", "access_denied", "openid profile"),
            Assert.Single(kept));
    }

    [Fact]
    public async Task The_newest_come_first_and_each_filter_leaves_what_fits()
    {
        var trail = process.GetRequiredService<AuditTrail>();
        ProtocolEvent[] events =
        [
            new(EventKind.SignedIn, Subject: "ana"),
            new(EventKind.SignedIn, Subject: "berta"),
            new(EventKind.ConsentGiven, "app", "ana"),
            new(EventKind.ClientAdded, "app"),
            new(EventKind.SignedIn, Subject: "ana", Detail: "again"),
        ];
        foreach (var e in events)
        {
            trail.Add(e);
            Clock.Advance(TimeSpan.FromMinutes(1));
        }

        await Eventually.TrueAsync(async () => (await ListAsync(new AuditFilter())).Count == events.Length);

        Assert.Equal("4 3 2 1 0", await PlacesAsync(new AuditFilter()));
        Assert.Equal("4 2 0", await PlacesAsync(new AuditFilter(Subject: "ana")));
        Assert.Equal("3 2", await PlacesAsync(new AuditFilter(ClientId: "app")));
        Assert.Equal("4 1 0", await PlacesAsync(new AuditFilter(Kind: EventKind.SignedIn)));
        Assert.Equal("4 3", await PlacesAsync(new AuditFilter(Since: Clock.Now.AddMinutes(-2))));
        Assert.Equal("4", await PlacesAsync(new AuditFilter("ana", Kind: EventKind.SignedIn, Since: Clock.Now.AddMinutes(-2))));
        Assert.Empty(await PlacesAsync(new AuditFilter("nobody")));
        Assert.Equal(2, (await process.GetRequiredService<AuditQueries>().ListAsync(new AuditFilter(), 2, Ct)).Count);

        async Task<string> PlacesAsync(AuditFilter filter) =>
            string.Join(' ', (await ListAsync(filter)).Select(entry => Array.FindIndex(events, e => (e.Kind, e.Subject, e.Detail) == (entry.Kind, entry.Subject, entry.Detail))));
    }

    [Fact]
    public async Task Stopping_writes_what_waits()
    {
        var trail = process.GetRequiredService<AuditTrail>();
        for (var i = 0; i < 1000; i++)
        {
            trail.Add(new ProtocolEvent(EventKind.SignedIn, Subject: "ana"));
        }

        await trail.DisposeAsync();

        Assert.Equal(1000, (await ListAsync(new AuditFilter())).Count);
        Assert.Equal(0, trail.Lost);
        trail.Add(new ProtocolEvent(EventKind.SignedIn));
        Assert.Equal(1, trail.Lost);
    }

    [Fact]
    public async Task What_is_older_than_the_retention_is_pruned()
    {
        var trail = process.GetRequiredService<AuditTrail>();
        trail.Add(new ProtocolEvent(EventKind.SignedIn, Subject: "old"));
        Clock.Advance(TimeSpan.FromDays(1));
        trail.Add(new ProtocolEvent(EventKind.SignedIn, Subject: "new"));
        await trail.DisposeAsync();
        Clock.Advance(TimeSpan.FromDays(89));

        Assert.Equal(0, await process.GetRequiredService<ExpiredRowPruner>().PruneAsync(Clock.Now, Ct));
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await process.GetRequiredService<ExpiredRowPruner>().PruneAsync(Clock.Now, Ct));

        Assert.Equal("new", Assert.Single(await ListAsync(new AuditFilter())).Subject);
    }

    protected abstract Task<ServiceProvider> StartAsync();

    private async Task<IReadOnlyList<AuditEntry>> ListAsync(AuditFilter filter) => await process.GetRequiredService<AuditQueries>().ListAsync(filter, 10_000, Ct);
}

public sealed class PostgresAuditTrailTests : AuditTrailTests
{
    private PostgresTestDatabase database = null!;

    public override ValueTask DisposeAsync() => database.DisposeAsync();

    protected override async Task<ServiceProvider> StartAsync()
    {
        database = await PostgresTestDatabase.CreateAsync();
        return database.Open(Clock);
    }
}

public sealed class SqliteAuditTrailTests : AuditTrailTests
{
    private TestDatabase database = null!;

    public override ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task The_daily_business_of_tokens_is_not_kept()
    {
        await using var process = database.Open(Clock);
        var trail = process.GetRequiredService<AuditTrail>();
        foreach (var kind in Enum.GetValues<EventKind>())
        {
            trail.Add(new ProtocolEvent(kind));
        }

        await trail.DisposeAsync();

        var kept = (await process.GetRequiredService<AuditQueries>().ListAsync(new AuditFilter(), 1000, Ct)).Select(entry => entry.Kind).ToHashSet();
        Assert.DoesNotContain(EventKind.AuthorizationGranted, kept);
        Assert.DoesNotContain(EventKind.TokenIssued, kept);
        Assert.DoesNotContain(EventKind.TokenRefused, kept);
        Assert.DoesNotContain(EventKind.IntrospectionRefused, kept);
        Assert.DoesNotContain(EventKind.UserInfoRefused, kept);
        Assert.Superset(
            new HashSet<EventKind>
            {
                EventKind.SignedIn, EventKind.SignInFailed, EventKind.UserRegistered, EventKind.PasswordChanged, EventKind.UserDisabled, EventKind.UserEnabled,
                EventKind.ConsentGiven, EventKind.ConsentDenied, EventKind.ClientAuthenticationFailed, EventKind.CodeReuseDetected, EventKind.RefreshTokenReuseDetected, EventKind.DeviceCodeReuseDetected,
                EventKind.TokenRevoked, EventKind.SessionEnded, EventKind.SigningKeyAdded, EventKind.SigningKeyRemoved, EventKind.ClientAdded, EventKind.ClientChanged, EventKind.ClientRemoved, EventKind.RegistrationRefused,
            },
            kept);
    }

    [Fact]
    public async Task A_flood_of_failures_is_kept_in_part_and_the_last_row_says_so()
    {
        await using var process = database.Open(Clock, with: services => services.AddSingleton(new AuditSettings(FailuresPerMinute: 100)));
        var trail = process.GetRequiredService<AuditTrail>();
        for (var i = 0; i < 5000; i++)
        {
            trail.Add(new ProtocolEvent(EventKind.SignInFailed, Detail: "wrong password", RemoteAddress: IPAddress.Loopback));
        }

        await trail.DisposeAsync();

        var kept = await process.GetRequiredService<AuditQueries>().ListAsync(new AuditFilter(), 1000, Ct);
        Assert.Equal(11, kept.Count);
        Assert.Equal("wrong password (further ones of this minute are in the log only)", Assert.Single(kept, entry => entry.Detail != "wrong password").Detail);
        Assert.Equal(0, trail.Lost);
    }

    [Fact]
    public async Task While_the_database_is_locked_nobody_waits_rows_do_and_what_exceeds_them_is_counted()
    {
        await using var process = database.Open(Clock, lockTimeoutSeconds: 1);
        var trail = process.GetRequiredService<AuditTrail>();
        using (var connection = database.Connect())
        {
            using var command = connection.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();

            for (var i = 0; i < 10_000; i++)
            {
                trail.Add(new ProtocolEvent(EventKind.SignedIn, Subject: "ana"));
            }

            Assert.InRange(trail.Lost, 10_000 - 4096 - 64, 10_000 - 4096);
        }

        await Eventually.TrueAsync(() => database.Count("audit") + trail.Lost == 10_000);
    }

    [Fact]
    public async Task A_row_that_cannot_be_written_takes_no_other_with_it()
    {
        using (var connection = database.Connect())
        {
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TRIGGER refuse BEFORE INSERT ON audit WHEN NEW.subject = 'nobody' BEGIN SELECT RAISE(ABORT, 'no'); END";
            command.ExecuteNonQuery();
        }

        await using var process = database.Open(Clock);
        var trail = process.GetRequiredService<AuditTrail>();
        for (var i = 0; i < 30; i++)
        {
            trail.Add(new ProtocolEvent(EventKind.SignedIn, Subject: i % 10 == 0 ? "nobody" : "ana"));
        }

        await trail.DisposeAsync();

        Assert.Equal((27, 3), (database.Count("audit"), trail.Lost));
    }

    [Fact]
    public async Task A_stop_while_the_database_is_locked_ends_and_counts_what_is_lost()
    {
        await using var process = database.Open(Clock, lockTimeoutSeconds: 1);
        var trail = process.GetRequiredService<AuditTrail>();
        using var connection = database.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        for (var i = 0; i < 1000; i++)
        {
            trail.Add(new ProtocolEvent(EventKind.SignedIn, Subject: "ana"));
        }

        await trail.DisposeAsync();

        Assert.Equal(1000, trail.Lost);
    }

    protected override async Task<ServiceProvider> StartAsync()
    {
        database = await TestDatabase.CreateAsync();
        return database.Open(Clock);
    }
}
