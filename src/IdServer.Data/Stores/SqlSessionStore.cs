using IdServer.Data.Statements;
using IdServer.Protocol.Events;
using IdServer.Protocol.Options;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Revocations;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlSessionStore(IDatabase database, IChangeFeed changes, ProtocolOptions options) : ISessionStore
{
    /// <summary>Saves a new session, or the same one after credentials were entered again. One that has ended stays ended.</summary>
    public async ValueTask SaveAsync(SsoSession session, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(session);
        await database.WriteAsync(
            statements => statements.ExecuteAsync(
                """
                INSERT INTO sessions (id, subject, auth_time, amr, acr, expires_at, started_at, user_agent, address, device_id)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT (id) DO UPDATE SET auth_time = $3, amr = $4, acr = $5, expires_at = $6, user_agent = $8, address = $9, device_id = $10
                """,
                session.Id,
                session.Subject,
                session.AuthTime,
                string.Join(' ', session.Amr),
                session.Acr,
                session.ExpiresAt,
                session.Origin?.StartedAt ?? session.AuthTime,
                session.Origin?.UserAgent,
                session.Origin?.Address,
                session.Origin?.DeviceId),
            ct);
    }

    public async ValueTask<string?> EndAsync(Guid sessionId, DateTimeOffset now, CancellationToken ct)
    {
        var (subject, revocations) = await database.WriteAsync<(string?, List<Revocation>)>(
            async statements =>
            {
                if (await statements.FirstAsync("UPDATE sessions SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL RETURNING subject", row => row.Text(0), now, sessionId) is not { } subject)
                {
                    return (null, []);
                }

                await SqlLogoutNoticeStore.InsertOfSessionAsync(statements, sessionId, now);

                // Requirement 48: signing out ends the grants without offline_access.
                var revocations = await SqlGrantStore.EndAsync(statements, "session_id = $2 AND NOT offline", sessionId, now, options);
                revocations.Add(await SqlRevocationStore.InsertAsync(statements, RevocationKind.Session, sessionId, now, now + Remembered(options)));
                return (subject, revocations);
            },
            ct);
        SqlRevocationStore.Publish(changes, revocations);
        return subject;
    }

    public ValueTask<IReadOnlyList<SsoSession>> ListAsync(string subject, DateTimeOffset now, CancellationToken ct) => database.ReadAsync(
        statements => statements.ListAsync(
            """
            SELECT id, auth_time, amr, acr, expires_at, started_at, user_agent, address, device_id FROM sessions
            WHERE subject = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY auth_time DESC
            """,
            row => new SsoSession
            {
                Id = row.Id(0),
                Subject = subject,
                AuthTime = row.Time(1),
                Amr = row.Words(2),
                Acr = row.Text(3),
                ExpiresAt = row.Time(4),
                Origin = new SessionOrigin(row.Time(5), row.TextOrNull(6), row.TextOrNull(7), row.IdOrNull(8)),
            },
            subject,
            now),
        ct);

    public ValueTask<IReadOnlyList<string>> ClientsOfAsync(Guid sessionId, CancellationToken ct) => database.ReadAsync(
        statements => statements.ListAsync("SELECT DISTINCT client_id FROM grants WHERE session_id = $1 ORDER BY client_id", row => row.Text(0), sessionId), ct);

    /// <summary>How long the end of a session must be remembered: as long as its cookie or a token that names it may be shown.</summary>
    internal static TimeSpan Remembered(ProtocolOptions options) =>
        options.SessionLifetime > options.LongestTokenLifetime ? options.SessionLifetime : options.LongestTokenLifetime;
}
