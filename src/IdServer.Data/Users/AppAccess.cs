using System.Text.Json;
using IdServer.Data.Statements;
using IdServer.Data.Stores;
using IdServer.Protocol.Events;
using IdServer.Protocol.Options;
using IdServer.Tokens.Revocations;

namespace IdServer.Data.Users;

/// <summary>Which applications have access to a person's account: by a consent that is remembered, or by a grant that lives.</summary>
public sealed class AppAccess(IDatabase database, IChangeFeed changes, ProtocolOptions options, TimeProvider time)
{
    /// <summary>The one that was used last first.</summary>
    public async ValueTask<IReadOnlyList<AppWithAccess>> ListAsync(string subject, CancellationToken ct)
    {
        var parts = await database.ReadAsync(
            statements => statements.ListAsync(
                """
                SELECT c.client_id, c.scopes, c.claims, c.updated_at, NULL FROM consents c WHERE c.subject = $1
                UNION ALL
                SELECT g.client_id, g.scopes, '[]', g.created_at, COALESCE((SELECT MAX(t.created_at) FROM refresh_tokens t WHERE t.grant_id = g.id), g.created_at)
                FROM grants g WHERE g.subject = $1 AND g.ended_at IS NULL
                """,
                row => new AppWithAccess(row.Text(0), row.Words(1), JsonSerializer.Deserialize<string[]>(row.Text(2)) ?? [], row.Time(3), row.TimeOrNull(4)),
                subject),
            ct);
        return [.. parts.GroupBy(part => part.ClientId, StringComparer.Ordinal).Select(Together).OrderByDescending(app => app.LastUsed ?? app.Since)];
    }

    /// <summary>Forgets what was allowed to an application, and ends its grants and with them its tokens.</summary>
    /// <returns>False when it had no access.</returns>
    public async ValueTask<bool> WithdrawAsync(string subject, string clientId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var (forgotten, revocations) = await database.WriteAsync<(bool, List<Revocation>)>(
            async statements =>
            {
                var consents = await statements.ExecuteAsync("DELETE FROM consents WHERE subject = $1 AND client_id = $2", subject, clientId);
                var ended = new List<Revocation>();
                foreach (var grant in await statements.ListAsync("SELECT id FROM grants WHERE subject = $1 AND client_id = $2 AND ended_at IS NULL", row => row.Id(0), subject, clientId))
                {
                    ended.AddRange(await SqlGrantStore.EndAsync(statements, "id = $2", grant, now, options));
                }

                return (consents > 0, ended);
            },
            ct);
        SqlRevocationStore.Publish(changes, revocations);
        return forgotten || revocations.Count > 0;
    }

    /// <summary>Ends every grant that was begun in a session, also those that would outlive it.</summary>
    public async ValueTask EndOfSessionAsync(Guid sessionId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        SqlRevocationStore.Publish(changes, await database.WriteAsync(statements => SqlGrantStore.EndAsync(statements, "session_id = $2", sessionId, now, options), ct));
    }

    private static AppWithAccess Together(IGrouping<string, AppWithAccess> parts) => new(
        parts.Key,
        [.. parts.SelectMany(part => part.Scopes).Distinct(StringComparer.Ordinal)],
        [.. parts.SelectMany(part => part.Claims).Distinct(StringComparer.Ordinal)],
        parts.Min(part => part.Since),
        parts.Max(part => part.LastUsed));
}

/// <summary>An application with access to an account.</summary>
/// <param name="Claims">What it was allowed by name.</param>
/// <param name="Since">The oldest of its grants, or of what is allowed to it.</param>
/// <param name="LastUsed">When it last came with somebody's sign-in or a refresh token; null when nothing of it lives.</param>
public sealed record AppWithAccess(string ClientId, IReadOnlyList<string> Scopes, IReadOnlyList<string> Claims, DateTimeOffset Since, DateTimeOffset? LastUsed);
