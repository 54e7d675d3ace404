using System.Security.Cryptography;
using IdServer.Data.Statements;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlPushedRequestStore(IDatabase database) : IPushedRequestStore
{
    public async ValueTask SaveAsync(PushedRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        await database.WriteAsync(
            statements => statements.ExecuteAsync(
                "INSERT INTO pushed_requests (id, digest, client_id, parameters, expires_at) VALUES ($1, $2, $3, $4, $5)",
                request.Key.Id,
                request.Key.Digest,
                request.ClientId,
                request.Parameters,
                request.ExpiresAt),
            ct);
    }

    public ValueTask<PushedRequest?> FindAsync(HandleKey key, CancellationToken ct) => database.ReadAsync(
        async statements =>
        {
            var found = await statements.FirstAsync(
                "SELECT digest, client_id, parameters, expires_at, spent_at FROM pushed_requests WHERE id = $1",
                row => new PushedRequest
                {
                    Key = new HandleKey(key.Id, row.Bytes(0)),
                    ClientId = row.Text(1),
                    Parameters = row.Text(2),
                    ExpiresAt = row.Time(3),
                    SpentAt = row.TimeOrNull(4),
                },
                key.Id);
            return found is not null && CryptographicOperations.FixedTimeEquals(found.Key.Digest, key.Digest) ? found : null;
        },
        ct);

    // Requirement 23: this statement decides who wins.
    public ValueTask<bool> TrySpendAsync(Guid id, DateTimeOffset now, CancellationToken ct) => database.WriteAsync(
        async statements => await statements.ExecuteAsync("UPDATE pushed_requests SET spent_at = $1 WHERE id = $2 AND spent_at IS NULL", now, id) == 1, ct);
}
