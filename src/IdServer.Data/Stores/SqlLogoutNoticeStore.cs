using IdServer.Data.Statements;
using IdServer.Protocol.Stores;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlLogoutNoticeStore(IDatabase database) : ILogoutNoticeStore
{
    // Only clients that want to be told: their metadata is JSON text.
    private const string Insert =
        """
        INSERT INTO logout_notices (session_id, client_id, subject, due_at, attempts)
        SELECT DISTINCT g.session_id, g.client_id, g.subject, $1, 0 FROM grants g JOIN clients c ON c.client_id = g.client_id
        WHERE c.metadata LIKE '%"backchannel_logout_uri"%' AND 
        """;

    public ValueTask<IReadOnlyList<LogoutNotice>> TakeDueAsync(DateTimeOffset now, DateTimeOffset againAt, int most, CancellationToken ct) => database.TakeDueAsync(
        "logout_notices",
        "(session_id, client_id)",
        "session_id, client_id, subject, attempts",
        row => new LogoutNotice(row.Id(0), row.Text(1), row.Text(2), (int)row.Number(3)),
        now,
        againAt,
        most,
        ct);

    public async ValueTask PutOffAsync(LogoutNotice notice, DateTimeOffset dueAt, CancellationToken ct) => await database.WriteAsync(
        statements => statements.ExecuteAsync("UPDATE logout_notices SET due_at = $1 WHERE session_id = $2 AND client_id = $3", dueAt, notice.SessionId, notice.ClientId), ct);

    public async ValueTask RemoveAsync(LogoutNotice notice, CancellationToken ct) => await database.WriteAsync(
        statements => statements.ExecuteAsync("DELETE FROM logout_notices WHERE session_id = $1 AND client_id = $2", notice.SessionId, notice.ClientId), ct);

    /// <summary>Notices of one session, in the transaction that ends it.</summary>
    internal static async ValueTask InsertOfSessionAsync(PreparedStatements statements, Guid sessionId, DateTimeOffset now) =>
        await statements.ExecuteAsync(Insert + "g.session_id = $2 ON CONFLICT DO NOTHING", now, sessionId);

    /// <summary>Notices of every session of a person, in the transaction that ends them.</summary>
    internal static async ValueTask InsertOfSubjectAsync(PreparedStatements statements, string subject, DateTimeOffset now) =>
        await statements.ExecuteAsync(Insert + "g.subject = $2 AND g.session_id IN (SELECT s.id FROM sessions s WHERE s.subject = $2 AND s.ended_at IS NULL) ON CONFLICT DO NOTHING", now, subject);
}
