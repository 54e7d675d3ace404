using System.Text.Json;
using IdServer.Data.Statements;
using IdServer.Protocol.Stores;

namespace IdServer.Data.Stores;

/// <inheritdoc/>
internal sealed class SqlConsentStore(IDatabase database) : IConsentStore
{
    public ValueTask<Consent?> FindAsync(string subject, string clientId, CancellationToken ct) =>
        database.ReadAsync(statements => FindAsync(statements, subject, clientId), ct);

    public async ValueTask RememberAsync(string subject, string clientId, IReadOnlyList<string> scopes, IReadOnlyList<string> claims, DateTimeOffset now, CancellationToken ct) =>
        await database.WriteAsync(
            async statements =>
            {
                // From this statement on the row is there and ours: nobody else adds to it between reading and writing it.
                await statements.ExecuteAsync(
                    """
                    INSERT INTO consents (subject, client_id, scopes, claims, updated_at) VALUES ($1, $2, '', '[]', $3)
                    ON CONFLICT (subject, client_id) DO UPDATE SET updated_at = $3
                    """,
                    subject,
                    clientId,
                    now);
                var before = await FindAsync(statements, subject, clientId) ?? new Consent([], []);
                return await statements.ExecuteAsync(
                    "UPDATE consents SET scopes = $1, claims = $2 WHERE subject = $3 AND client_id = $4",
                    string.Join(' ', before.Scopes.Union(scopes, StringComparer.Ordinal)),
                    JsonSerializer.Serialize(before.Claims.Union(claims, StringComparer.Ordinal)),
                    subject,
                    clientId);
            },
            ct);

    public async ValueTask WithdrawAsync(string subject, string clientId, CancellationToken ct) => await database.WriteAsync(
        statements => statements.ExecuteAsync("DELETE FROM consents WHERE subject = $1 AND client_id = $2", subject, clientId), ct);

    private static ValueTask<Consent?> FindAsync(PreparedStatements statements, string subject, string clientId) => statements.FirstAsync(
        "SELECT scopes, claims FROM consents WHERE subject = $1 AND client_id = $2",
        row => new Consent(row.Words(0), JsonSerializer.Deserialize<string[]>(row.Text(1)) ?? []),
        subject,
        clientId);
}
