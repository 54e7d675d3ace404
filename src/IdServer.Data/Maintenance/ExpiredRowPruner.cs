using IdServer.Data.Audit;
using IdServer.Data.Statements;
using IdServer.Protocol.Options;

namespace IdServer.Data.Maintenance;

/// <summary>
/// Removes rows that nothing can need any more, in small transactions between those of the requests. After each it waits as long as that one took: when the database is
/// busy it steps back, and it has never more than half of it.
/// </summary>
public sealed class ExpiredRowPruner(IDatabase database, ProtocolOptions options, AuditSettings audit, TimeProvider time)
{
    private const int RowsAtATime = 200;

    // The grants that are due. Every one of them leaves this window by one of the statements of its step, so that no pass looks at a row twice.
    private const string DueGrants = "(SELECT id, ended_at FROM grants WHERE expires_at <= $1 ORDER BY expires_at LIMIT 200)";

    private readonly Step[] steps =
    [
        new(TimeSpan.Zero, "DELETE FROM interactions WHERE id IN (SELECT id FROM interactions WHERE expires_at <= $1 LIMIT 200)"),
        new(TimeSpan.Zero, "DELETE FROM replays WHERE digest IN (SELECT digest FROM replays WHERE expires_at <= $1 LIMIT 200)"),
        new(TimeSpan.Zero, "DELETE FROM initial_access_tokens WHERE id IN (SELECT id FROM initial_access_tokens WHERE expires_at <= $1 LIMIT 200)"),
        new(TimeSpan.Zero, "DELETE FROM one_time_tokens WHERE id IN (SELECT id FROM one_time_tokens WHERE expires_at <= $1 LIMIT 200)"),
        new(TimeSpan.Zero, "DELETE FROM known_devices WHERE id IN (SELECT id FROM known_devices WHERE expires_at <= $1 LIMIT 200)"),
        new(TimeSpan.FromDays(7), "DELETE FROM mails WHERE id IN (SELECT id FROM mails WHERE expires_at <= $1 LIMIT 200)"),
        new(TimeSpan.FromHours(1), "DELETE FROM device_codes WHERE id IN (SELECT id FROM device_codes WHERE expires_at <= $1 LIMIT 200)"),

        // An interaction that began with a pushed request spends it at its end.
        new(options.InteractionLifetime, "DELETE FROM pushed_requests WHERE id IN (SELECT id FROM pushed_requests WHERE expires_at <= $1 LIMIT 200)"),

        // A grant stays until the last access token has died that its refresh tokens may have yielded. Its code stays with it, so that reuse is noticed
        // as long as there is something to end (requirement 28).
        new(options.LongestTokenLifetime, "DELETE FROM refresh_tokens WHERE id IN (SELECT id FROM refresh_tokens WHERE expires_at <= $1 LIMIT 200)"),
        new(
            options.LongestTokenLifetime,
            $"""
            DELETE FROM refresh_tokens WHERE id IN
              (SELECT t.id FROM {DueGrants} g JOIN refresh_tokens t ON t.grant_id = g.id WHERE g.ended_at IS NOT NULL LIMIT 200)
            """,
            $"""
            UPDATE grants SET expires_at = (SELECT MAX(t.expires_at) FROM refresh_tokens t WHERE t.grant_id = grants.id)
            WHERE id IN (SELECT id FROM {DueGrants} g WHERE g.ended_at IS NULL) AND EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.grant_id = grants.id)
            """,
            $"""
            DELETE FROM grants
            WHERE id IN (SELECT id FROM {DueGrants} g) AND NOT EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.grant_id = grants.id)
            """),
        new(TimeSpan.Zero, "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= $1 LIMIT 200)"),
        new(TimeSpan.Zero, "DELETE FROM revocations WHERE sequence IN (SELECT sequence FROM revocations WHERE expires_at <= $1 LIMIT 200)"),
        new(TimeSpan.FromDays(1), "DELETE FROM changes WHERE sequence IN (SELECT sequence FROM changes WHERE at <= $1 LIMIT 200)"),
        new(audit.Retention, "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id < $1 LIMIT 200)") { Bound = at => AuditTrail.FirstIdOf(at) },
    ];

    /// <returns>How many rows were removed, or, for grants that live on, given a later time to look at them.</returns>
    public async ValueTask<int> PruneAsync(DateTimeOffset now, CancellationToken ct)
    {
        var total = 0;
        foreach (var step in steps)
        {
            int changed;
            do
            {
                var begun = time.GetTimestamp();
                changed = await database.WriteAsync(statements => RunAsync(statements, step, now), ct);
                total += changed;
                if (changed >= RowsAtATime && time.GetElapsedTime(begun) is { Ticks: > 0 } took)
                {
                    await Task.Delay(took, time, ct);
                }
            }
            while (changed >= RowsAtATime);
        }

        return total;
    }

    private static async ValueTask<int> RunAsync(PreparedStatements statements, Step step, DateTimeOffset now)
    {
        var changed = 0;
        foreach (var sql in step.Statements)
        {
            changed += await statements.ExecuteAsync(sql, step.Bound(now - step.Kept));
        }

        return changed;
    }

    /// <summary>One transaction, repeated while there is more to do. <c>$1</c> is now without <paramref name="Kept"/>.</summary>
    private sealed record Step(TimeSpan Kept, params string[] Statements)
    {
        /// <summary>That time as the column of the statements has it.</summary>
        public Func<DateTimeOffset, object> Bound { get; init; } = at => at;
    }
}
