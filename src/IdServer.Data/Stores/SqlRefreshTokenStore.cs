using System.Security.Cryptography;
using IdServer.Data.Statements;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlRefreshTokenStore(IDatabase database) : IRefreshTokenStore
{
    public async ValueTask SaveAsync(Grant grant, RefreshToken first, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(first);
        await database.WriteAsync(
            async statements =>
            {
                await SqlGrantStore.InsertAsync(statements, grant, first.ExpiresAt);
                return await InsertAsync(statements, first);
            },
            ct);
    }

    public ValueTask<StoredRefreshToken?> FindAsync(HandleKey key, CancellationToken ct) => database.ReadAsync(
        async statements =>
        {
            const int Next = SqlGrantStore.ColumnCount;
            var found = await statements.FirstAsync(
                $"""
                SELECT {SqlGrantStore.Columns}, t.digest, t.proof_key, t.created_at, t.expires_at, t.rotated_at, g.ended_at, t.certificate
                FROM refresh_tokens t JOIN grants g ON g.id = t.grant_id WHERE t.id = $1
                """,
                row =>
                {
                    var grant = SqlGrantStore.Read(row);
                    var token = new RefreshToken
                    {
                        Key = new HandleKey(key.Id, row.Bytes(Next)),
                        GrantId = grant.Id,
                        ProofKey = row.TextOrNull(Next + 1),
                        Certificate = row.TextOrNull(Next + 6),
                        CreatedAt = row.Time(Next + 2),
                        ExpiresAt = row.Time(Next + 3),
                    };
                    return new StoredRefreshToken(token, grant, row.TimeOrNull(Next + 4), row.TimeOrNull(Next + 5));
                },
                key.Id);
            return found is not null && CryptographicOperations.FixedTimeEquals(found.Token.Key.Digest, key.Digest) ? found : null;
        },
        ct);

    public ValueTask<Rotation> TryRotateAsync(HandleKey current, RefreshToken successor, byte[] sealedSecret, DateTimeOffset now, TimeSpan overlap, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(successor);
        return database.WriteAsync(
            async statements =>
            {
                // This statement decides who wins. What it compares are digests, of which timing tells nothing about a secret.
                var rotated = await statements.ExecuteAsync(
                    """
                    UPDATE refresh_tokens SET rotated_at = $1, successor_id = $2, sealed_secret = $3
                    WHERE id = $4 AND digest = $5 AND rotated_at IS NULL AND expires_at > $1
                      AND EXISTS (SELECT 1 FROM grants g WHERE g.id = refresh_tokens.grant_id AND g.ended_at IS NULL)
                    """,
                    now,
                    successor.Key.Id,
                    sealedSecret,
                    current.Id,
                    current.Digest);
                if (rotated == 1)
                {
                    await InsertAsync(statements, successor);
                    return new Rotation(RotationOutcome.Rotated);
                }

                return await CurrentAsync(statements, current.Id) switch
                {
                    { } lost when !CryptographicOperations.FixedTimeEquals(lost.Digest, current.Digest) => new Rotation(RotationOutcome.Ended),
                    { GrantEndedAt: null, RotatedAt: { } at, SuccessorId: { } id } lost when now - at <= overlap => new Rotation(RotationOutcome.Repeated, id, lost.SealedSecret),
                    { GrantEndedAt: null, RotatedAt: not null } => new Rotation(RotationOutcome.Reused),
                    _ => new Rotation(RotationOutcome.Ended),
                };
            },
            ct);
    }

    internal static ValueTask<int> InsertAsync(PreparedStatements statements, RefreshToken token) => statements.ExecuteAsync(
        "INSERT INTO refresh_tokens (id, digest, grant_id, proof_key, certificate, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        token.Key.Id,
        token.Key.Digest,
        token.GrantId,
        token.ProofKey,
        token.Certificate,
        token.CreatedAt,
        token.ExpiresAt);

    private static ValueTask<CurrentToken?> CurrentAsync(PreparedStatements statements, Guid id) => statements.FirstAsync(
        """
        SELECT t.digest, t.rotated_at, t.successor_id, t.sealed_secret, g.ended_at
        FROM refresh_tokens t JOIN grants g ON g.id = t.grant_id WHERE t.id = $1
        """,
        row => new CurrentToken(row.Bytes(0), row.TimeOrNull(1), row.IdOrNull(2), row.BytesOrNull(3), row.TimeOrNull(4)),
        id);

    private sealed record CurrentToken(byte[] Digest, DateTimeOffset? RotatedAt, Guid? SuccessorId, byte[]? SealedSecret, DateTimeOffset? GrantEndedAt);
}
