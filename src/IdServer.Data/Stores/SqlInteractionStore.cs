using System.Security.Cryptography;
using IdServer.Data.Statements;
using IdServer.Protocol.Stores;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlInteractionStore(IDatabase database) : IInteractionStore
{
    public async ValueTask SaveAsync(Interaction interaction, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(interaction);
        await database.WriteAsync(
            statements => statements.ExecuteAsync(
                """
                INSERT INTO interactions (id, browser_digest, kind, parameters, pushed_request_id, created_at, expires_at, consented_scopes, refused, completed)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """,
                interaction.Id,
                interaction.BrowserDigest,
                (int)interaction.Kind,
                interaction.Parameters,
                interaction.PushedRequestId,
                interaction.CreatedAt,
                interaction.ExpiresAt,
                interaction.ConsentedScopes is { } scopes ? string.Join(' ', scopes) : null,
                interaction.Refused,
                interaction.Completed),
            ct);
    }

    public ValueTask<Interaction?> FindAsync(Guid id, byte[] browserDigest, DateTimeOffset now, CancellationToken ct) => database.ReadAsync(
        async statements =>
        {
            var found = await statements.FirstAsync(
                """
                SELECT browser_digest, kind, parameters, created_at, expires_at, consented_scopes, refused, completed, pushed_request_id
                FROM interactions WHERE id = $1 AND expires_at > $2
                """,
                row => new Interaction
                {
                    Id = id,
                    BrowserDigest = row.Bytes(0),
                    Kind = (InteractionKind)row.Number(1),
                    Parameters = row.Text(2),
                    CreatedAt = row.Time(3),
                    ExpiresAt = row.Time(4),
                    ConsentedScopes = row.IsNull(5) ? null : row.Words(5),
                    Refused = row.Flag(6),
                    Completed = row.Flag(7),
                    PushedRequestId = row.IdOrNull(8),
                },
                id,
                now);
            return found is not null && CryptographicOperations.FixedTimeEquals(found.BrowserDigest, browserDigest) ? found : null;
        },
        ct);

    public async ValueTask RecordConsentAsync(Guid id, IReadOnlyList<string> scopes, CancellationToken ct) => await database.WriteAsync(
        statements => statements.ExecuteAsync("UPDATE interactions SET consented_scopes = $1 WHERE id = $2 AND NOT completed", string.Join(' ', scopes), id), ct);

    public async ValueTask RecordRefusalAsync(Guid id, CancellationToken ct) => await database.WriteAsync(
        statements => statements.ExecuteAsync("UPDATE interactions SET refused = TRUE WHERE id = $1 AND NOT completed", id), ct);

    public ValueTask<bool> TryCompleteAsync(Guid id, DateTimeOffset now, CancellationToken ct) => database.WriteAsync(
        async statements => await statements.ExecuteAsync("UPDATE interactions SET completed = TRUE WHERE id = $1 AND NOT completed AND expires_at > $2", id, now) == 1, ct);
}
