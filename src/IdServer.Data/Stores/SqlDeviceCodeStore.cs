using System.Security.Cryptography;
using IdServer.Data.Statements;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlDeviceCodeStore(IDatabase database) : IDeviceCodeStore
{
    private const string Columns = "d.id, d.digest, d.user_code, d.client_id, d.scopes, d.created_at, d.expires_at, d.poll_interval, d.decided_at, d.redeemed_at, d.grant_id";

    // RFC 8628 §3.5. One statement decides: on PostgreSQL a poll waits for the one beside it, and sees what that has left.
    private const string TooEarly = "(polled_at IS NOT NULL AND $1 < polled_at + poll_interval * 1000 - 1000)";

    public ValueTask<bool> TrySaveAsync(DeviceCode code, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(code);
        return database.WriteAsync(
            async statements => await statements.ExecuteAsync(
                """
                INSERT INTO device_codes (id, digest, user_code, client_id, scopes, created_at, expires_at, poll_interval, too_early)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, FALSE) ON CONFLICT (user_code) DO NOTHING
                """,
                code.Key.Id,
                code.Key.Digest,
                code.UserCode,
                code.ClientId,
                string.Join(' ', code.Scopes),
                code.CreatedAt,
                code.ExpiresAt,
                (long)code.PollInterval.TotalSeconds) == 1,
            ct);
    }

    public ValueTask<DeviceCode?> FindAsync(string userCode, CancellationToken ct) => database.ReadAsync(
        statements => FirstAsync(statements, "d.user_code = $1", userCode), ct);

    public ValueTask<bool> TryApproveAsync(Guid id, Grant grant, DateTimeOffset now, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return database.WriteAsync(
            async statements =>
            {
                if (await DecideAsync(statements, id, now) is not { } expiresAt)
                {
                    return false;
                }

                await SqlGrantStore.InsertAsync(statements, grant, expiresAt);
                await statements.ExecuteAsync("UPDATE device_codes SET grant_id = $1 WHERE id = $2", grant.Id, id);
                return true;
            },
            ct);
    }

    public ValueTask<bool> TryDenyAsync(Guid id, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(async statements => await DecideAsync(statements, id, now) is not null, ct);

    public ValueTask<DevicePoll?> PollAsync(HandleKey key, string clientId, DateTimeOffset now, CancellationToken ct) => database.WriteAsync(
        async statements =>
        {
            if (await FindAsync(statements, key) is not { } code || code.ClientId != clientId)
            {
                return null;
            }

            if (code.StateAt(now) != DeviceCodeState.Pending)
            {
                return new DevicePoll(code, false);
            }

            var polled = await statements.FirstAsync(
                $"""
                UPDATE device_codes SET too_early = {TooEarly}, poll_interval = poll_interval + CASE WHEN {TooEarly} THEN 5 ELSE 0 END, polled_at = $1
                WHERE id = $2 AND decided_at IS NULL RETURNING too_early, poll_interval
                """,
                row => new Polled(row.Flag(0), TimeSpan.FromSeconds(row.Number(1))),
                now,
                key.Id);
            return polled is null
                ? await FindAsync(statements, key) is { } decided ? new DevicePoll(decided, false) : null
                : new DevicePoll(code with { PollInterval = polled.Interval }, polled.TooEarly);
        },
        ct);

    public ValueTask<bool> TryRedeemAsync(HandleKey key, RefreshToken? first, DateTimeOffset now, CancellationToken ct) => database.WriteAsync(
        async statements =>
        {
            if (await FindAsync(statements, key) is null)
            {
                return false;
            }

            // Requirement 27: this statement decides who wins.
            var redeemed = await statements.ExecuteAsync(
                """
                UPDATE device_codes SET redeemed_at = $1
                WHERE id = $2 AND redeemed_at IS NULL AND expires_at > $1
                  AND EXISTS (SELECT 1 FROM grants g WHERE g.id = device_codes.grant_id AND g.ended_at IS NULL)
                """,
                now,
                key.Id);
            if (redeemed == 0)
            {
                return false;
            }

            if (first is not null)
            {
                await SqlRefreshTokenStore.InsertAsync(statements, first);
            }

            return true;
        },
        ct);

    /// <returns>When the code expires; null when it has, or was decided already.</returns>
    private static ValueTask<DateTimeOffset?> DecideAsync(PreparedStatements statements, Guid id, DateTimeOffset now) => statements.FirstAsync(
        "UPDATE device_codes SET decided_at = $1 WHERE id = $2 AND decided_at IS NULL AND expires_at > $1 RETURNING expires_at", row => row.TimeOrNull(0), now, id);

    private static async ValueTask<DeviceCode?> FindAsync(PreparedStatements statements, HandleKey key) =>
        await FirstAsync(statements, "d.id = $1", key.Id) is { } found && CryptographicOperations.FixedTimeEquals(found.Key.Digest, key.Digest) ? found : null;

    private static async ValueTask<DeviceCode?> FirstAsync(PreparedStatements statements, string condition, object key)
    {
        const int First = SqlGrantStore.ColumnCount;
        return await statements.FirstAsync(
            $"SELECT {SqlGrantStore.Columns}, {Columns} FROM device_codes d LEFT JOIN grants g ON g.id = d.grant_id WHERE {condition}",
            row => new DeviceCode
            {
                Key = new HandleKey(row.Id(First), row.Bytes(First + 1)),
                UserCode = row.Text(First + 2),
                ClientId = row.Text(First + 3),
                Scopes = row.Words(First + 4),
                CreatedAt = row.Time(First + 5),
                ExpiresAt = row.Time(First + 6),
                PollInterval = TimeSpan.FromSeconds(row.Number(First + 7)),
                DecidedAt = row.TimeOrNull(First + 8),
                RedeemedAt = row.TimeOrNull(First + 9),
                Grant = row.IsNull(First + 10) ? null : SqlGrantStore.Read(row),
            },
            key);
    }

    private sealed record Polled(bool TooEarly, TimeSpan Interval);
}
