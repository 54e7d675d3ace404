using System.Security.Cryptography;
using IdServer.Data.Statements;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlInitialAccessTokenStore(IDatabase database) : IInitialAccessTokenStore
{
    public async ValueTask SaveAsync(InitialAccessToken token, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(token);
        await database.WriteAsync(
            statements => statements.ExecuteAsync(
                "INSERT INTO initial_access_tokens (id, digest, uses_left, expires_at) VALUES ($1, $2, $3, $4)", token.Key.Id, token.Key.Digest, token.UsesLeft, token.ExpiresAt),
            ct);
    }

    public ValueTask<InitialAccessToken?> FindAsync(HandleKey key, CancellationToken ct) => database.ReadAsync(
        async statements =>
        {
            var found = await statements.FirstAsync(
                "SELECT digest, uses_left, expires_at FROM initial_access_tokens WHERE id = $1", row => new InitialAccessToken(new HandleKey(key.Id, row.Bytes(0)), (int)row.Number(1), row.Time(2)), key.Id);
            return found is not null && CryptographicOperations.FixedTimeEquals(found.Key.Digest, key.Digest) ? found : null;
        },
        ct);

    // This statement decides who wins.
    public ValueTask<bool> TrySpendAsync(Guid id, DateTimeOffset now, CancellationToken ct) => database.WriteAsync(
        async statements => await statements.ExecuteAsync("UPDATE initial_access_tokens SET uses_left = uses_left - 1 WHERE id = $1 AND uses_left > 0 AND expires_at > $2", id, now) == 1, ct);
}
