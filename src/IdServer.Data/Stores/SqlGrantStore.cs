using IdServer.Data.Statements;
using IdServer.Data.Users;
using IdServer.Protocol.Events;
using IdServer.Protocol.Options;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Revocations;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlGrantStore(IDatabase database, IChangeFeed changes, ProtocolOptions options) : IGrantStore
{
    /// <summary>The columns of the table alias <c>g</c> that <see cref="Read"/> reads.</summary>
    internal const string Columns = "g.id, g.client_id, g.subject, g.scopes, g.created_at, g.session_id, g.auth_time, g.amr, g.acr, g.claims";

    /// <summary>How many <see cref="Columns"/> there are: where the others begin.</summary>
    internal const int ColumnCount = 10;

    private static readonly string Insert = InsertText("");
    private static readonly string InsertHoldingSession = InsertText(" FOR SHARE");

    public async ValueTask<bool> EndAsync(Guid grantId, DateTimeOffset now, CancellationToken ct)
    {
        var revocations = await database.WriteAsync(statements => EndAsync(statements, "id = $2", grantId, now, options), ct);
        SqlRevocationStore.Publish(changes, revocations);
        return revocations.Count > 0;
    }

    public async ValueTask EndAllOfSubjectAsync(string subject, DateTimeOffset now, CancellationToken ct)
    {
        // One revocation stands for all: tokens by the time of their issue, sessions by the time they began (RevokedSet).
        SqlRevocationStore.Publish(changes, await database.WriteAsync(
            async statements =>
            {
                await SqlLogoutNoticeStore.InsertOfSubjectAsync(statements, subject, now);

                // Sessions first: a grant that is just being begun holds its session, and is there to be ended when that is released.
                await statements.ExecuteAsync("UPDATE sessions SET ended_at = $1 WHERE subject = $2 AND ended_at IS NULL", now, subject);
                await statements.ExecuteAsync(
                    "UPDATE grants SET ended_at = $1, expires_at = $1 WHERE subject = $2 AND ended_at IS NULL", now, subject);
                await statements.ExecuteAsync(KnownDevices.DistrustAll, Guid.Parse(subject));
                return await SqlRevocationStore.InsertAsync(statements, RevocationKind.Subject, Guid.Parse(subject), now, now + SqlSessionStore.Remembered(options));
            },
            ct));
    }

    /// <summary>Begins a grant in the caller's transaction. One whose session has ended meanwhile is born ended.</summary>
    /// <param name="tokenExpiresAt">When its first code or token expires.</param>
    internal static async ValueTask InsertAsync(PreparedStatements statements, Grant grant, DateTimeOffset tokenExpiresAt) =>
        await statements.ExecuteAsync(
            statements.HasNeighbours ? InsertHoldingSession : Insert,
            grant.Id,
            grant.ClientId,
            grant.Subject,
            string.Join(' ', grant.Scopes),
            grant.CreatedAt,
            grant.SessionId,
            grant.AuthTime,
            string.Join(' ', grant.Amr),
            grant.Acr,
            grant.Claims,
            grant.IsOffline,
            tokenExpiresAt);

    /// <summary>Ends the living grants for which a condition about <c>$2</c> holds, in the caller's transaction.</summary>
    /// <returns>The revocations to publish after it.</returns>
    internal static async ValueTask<List<Revocation>> EndAsync(PreparedStatements statements, string condition, object key, DateTimeOffset now, ProtocolOptions options)
    {
        var ended = await statements.ListAsync(
            "UPDATE grants SET ended_at = $1, expires_at = $1 WHERE " + condition + " AND ended_at IS NULL RETURNING id", row => row.Id(0), now, key);
        var revocations = new List<Revocation>(ended.Count);
        foreach (var id in ended)
        {
            revocations.Add(await SqlRevocationStore.InsertAsync(statements, RevocationKind.Grant, id, now, now + options.LongestTokenLifetime));
        }

        return revocations;
    }

    internal static Grant Read(Row row) => new()
    {
        Id = row.Id(0),
        ClientId = row.Text(1),
        Subject = row.Text(2),
        Scopes = row.Words(3),
        CreatedAt = row.Time(4),
        SessionId = row.IdOrNull(5),
        AuthTime = row.TimeOrNull(6),
        Amr = row.Words(7),
        Acr = row.TextOrNull(8),
        Claims = row.TextOrNull(9),
    };

    // FOR SHARE: the session neither ends unseen before this grant commits, nor without seeing it.
    private static string InsertText(string holding) =>
        $"""
        INSERT INTO grants (id, client_id, subject, scopes, created_at, session_id, auth_time, amr, acr, claims, offline, expires_at, ended_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, (SELECT s.ended_at FROM sessions s WHERE s.id = $6{holding}))
        """;
}
