using IdServer.Data.Changes;
using IdServer.Data.Statements;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Revocations;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlRevocationStore(IDatabase database, IChangeFeed changes) : IRevocationStore
{
    public async ValueTask RevokeTokenAsync(Guid tokenId, DateTimeOffset expiresAt, DateTimeOffset now, CancellationToken ct) =>
        Publish(changes, await database.WriteAsync(statements => InsertAsync(statements, RevocationKind.Token, tokenId, now, expiresAt), ct));

    public ValueTask<IReadOnlyList<Revocation>> ReadAsync(long after, int limit, DateTimeOffset now, CancellationToken ct) =>
        database.ReadAsync(statements => ReadAsync(statements, after, now, limit), ct);

    internal static ValueTask<IReadOnlyList<Revocation>> ReadAsync(PreparedStatements statements, long after, DateTimeOffset now, int limit) =>
        statements.ListAsync(
            "SELECT sequence, kind, key, at, expires_at FROM revocations WHERE sequence > $1 AND expires_at > $2 ORDER BY sequence LIMIT $3",
            row => new Revocation(row.Number(0), (RevocationKind)row.Number(1), row.Id(2), row.Time(3), row.Time(4)),
            after,
            now,
            limit);

    /// <summary>Writes a revocation into the caller's transaction, which publishes it when it has been committed.</summary>
    internal static async ValueTask<Revocation> InsertAsync(PreparedStatements statements, RevocationKind kind, Guid key, DateTimeOffset at, DateTimeOffset expiresAt)
    {
        await ChangeLog.TakeTurnAsync(statements);
        var sequence = await statements.FirstAsync(
            "INSERT INTO revocations (kind, key, at, expires_at) VALUES ($1, $2, $3, $4) RETURNING sequence",
            row => row.Number(0),
            (int)kind,
            key,
            at,
            expiresAt);
        return new Revocation(sequence, kind, key, at, expiresAt);
    }

    internal static void Publish(IChangeFeed changes, params IEnumerable<Revocation> revocations)
    {
        foreach (var revocation in revocations)
        {
            changes.Publish(new Change(ChangeKind.Revocation, Revocation: revocation));
        }
    }
}
