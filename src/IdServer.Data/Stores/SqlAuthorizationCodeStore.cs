using System.Security.Cryptography;
using IdServer.Data.Statements;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlAuthorizationCodeStore(IDatabase database) : IAuthorizationCodeStore
{
    public async ValueTask SaveAsync(AuthorizationCode code, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(code);
        await database.WriteAsync(
            async statements =>
            {
                await SqlGrantStore.InsertAsync(statements, code.Grant, code.ExpiresAt);
                return await statements.ExecuteAsync(
                    """
                    INSERT INTO authorization_codes (id, digest, grant_id, redirect_uri, code_challenge, nonce, proof_key, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                    """,
                    code.Key.Id,
                    code.Key.Digest,
                    code.Grant.Id,
                    code.RedirectUri,
                    code.CodeChallenge,
                    code.Nonce,
                    code.ProofKey,
                    code.ExpiresAt);
            },
            ct);
    }

    public ValueTask<AuthorizationCode?> FindAsync(HandleKey key, CancellationToken ct) => database.ReadAsync(statements => FindAsync(statements, key), ct);

    public ValueTask<bool> TryRedeemAsync(HandleKey key, RefreshToken? first, DateTimeOffset now, CancellationToken ct) => database.WriteAsync(
        async statements =>
        {
            // Requirement 27: this statement decides who wins. What it compares are digests, of which timing tells nothing about a secret.
            var redeemed = await statements.ExecuteAsync(
                """
                UPDATE authorization_codes SET redeemed_at = $1
                WHERE id = $2 AND digest = $3 AND redeemed_at IS NULL AND expires_at > $1
                  AND EXISTS (SELECT 1 FROM grants g WHERE g.id = authorization_codes.grant_id AND g.ended_at IS NULL)
                """,
                now,
                key.Id,
                key.Digest);
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

    private static async ValueTask<AuthorizationCode?> FindAsync(PreparedStatements statements, HandleKey key)
    {
        const int Next = SqlGrantStore.ColumnCount;
        var found = await statements.FirstAsync(
            $"""
            SELECT {SqlGrantStore.Columns}, c.digest, c.redirect_uri, c.code_challenge, c.nonce, c.proof_key, c.expires_at, c.redeemed_at
            FROM authorization_codes c JOIN grants g ON g.id = c.grant_id WHERE c.id = $1
            """,
            row => new AuthorizationCode
            {
                Key = new HandleKey(key.Id, row.Bytes(Next)),
                Grant = SqlGrantStore.Read(row),
                RedirectUri = row.Text(Next + 1),
                CodeChallenge = row.TextOrNull(Next + 2),
                Nonce = row.TextOrNull(Next + 3),
                ProofKey = row.TextOrNull(Next + 4),
                ExpiresAt = row.Time(Next + 5),
                RedeemedAt = row.TimeOrNull(Next + 6),
            },
            key.Id);
        return found is not null && CryptographicOperations.FixedTimeEquals(found.Key.Digest, key.Digest) ? found : null;
    }
}
