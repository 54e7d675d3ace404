using IdServer.Data.Audit;
using IdServer.Data.Statements;
using IdServer.Protocol.Events;

namespace IdServer.Data.Admin;

/// <summary>Reads the audit trail (<see cref="AuditTrail"/>).</summary>
public sealed class AuditQueries(IDatabase database)
{
    /// <summary>The newest first.</summary>
    public ValueTask<IReadOnlyList<AuditEntry>> ListAsync(AuditFilter filter, int limit, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var sql = "SELECT id, at, kind, client_id, subject, session_id, grant_id, remote_address, error, detail FROM audit WHERE id >= $1";
        var values = new List<object?> { filter.Since is { } since ? AuditTrail.FirstIdOf(since) : Guid.Empty };
        Restrict(" AND subject = $", filter.Subject);
        Restrict(" AND client_id = $", filter.ClientId);
        Restrict(" AND kind = $", (int?)filter.Kind);
        Restrict(" AND id < $", filter.Before);
        Restrict(" ORDER BY id DESC LIMIT $", limit);
        return database.ReadAsync(
            statements => statements.ListAsync(
                sql,
                row => new AuditEntry(
                    row.Id(0), row.Time(1), (EventKind)row.Number(2), row.TextOrNull(3), row.TextOrNull(4), row.IdOrNull(5), row.IdOrNull(6), row.TextOrNull(7), row.TextOrNull(8), row.TextOrNull(9)),
                [.. values]),
            ct);

        void Restrict(string words, object? value)
        {
            if (value is not null)
            {
                values.Add(value);
                sql += words + values.Count;
            }
        }
    }
}

/// <summary>Which security events: those that fit everything that is set.</summary>
/// <param name="Since">This time and later.</param>
/// <param name="Before">The id of an event: those that came before it.</param>
public sealed record AuditFilter(string? Subject = null, string? ClientId = null, EventKind? Kind = null, DateTimeOffset? Since = null, Guid? Before = null);

/// <summary>One security event as it was kept.</summary>
/// <param name="RemoteAddress">Where it came from; null when it came from the command line or the configuration, or nobody said.</param>
public sealed record AuditEntry(
    Guid Id, DateTimeOffset At, EventKind Kind, string? ClientId, string? Subject, Guid? SessionId, Guid? GrantId, string? RemoteAddress, string? Error, string? Detail);
