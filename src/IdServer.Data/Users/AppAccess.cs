using IdServer.Data.Statements;

namespace IdServer.Data.Users;

/// <summary>Which applications have access to a person's account: by a consent that is remembered, or by a grant that lives.</summary>
public sealed class AppAccess(IDatabase database)
{
    /// <summary>The one that was used last first.</summary>
    public async ValueTask<IReadOnlyList<AppWithAccess>> ListAsync(string subject, CancellationToken ct)
    {
        var parts = await database.ReadAsync(
            statements => statements.ListAsync(
                """
                SELECT c.client_id, c.scopes, c.updated_at, NULL FROM consents c WHERE c.subject = $1
                UNION ALL
                SELECT g.client_id, g.scopes, g.created_at, COALESCE((SELECT MAX(t.created_at) FROM refresh_tokens t WHERE t.grant_id = g.id), g.created_at)
                FROM grants g WHERE g.subject = $1 AND g.ended_at IS NULL
                """,
                row => new AppWithAccess(row.Text(0), row.Words(1), row.Time(2), row.TimeOrNull(3)),
                subject),
            ct);
        return [.. parts.GroupBy(part => part.ClientId, StringComparer.Ordinal).Select(Together).OrderByDescending(app => app.LastUsed ?? app.Since)];
    }

    private static AppWithAccess Together(IGrouping<string, AppWithAccess> parts) =>
        new(parts.Key, [.. parts.SelectMany(part => part.Scopes).Distinct(StringComparer.Ordinal)], parts.Min(part => part.Since), parts.Max(part => part.LastUsed));
}

/// <summary>An application with access to an account.</summary>
/// <param name="Since">The oldest of its grants, or of what is allowed to it.</param>
/// <param name="LastUsed">When a token was last given out with somebody's sign-in or a refresh token; null when nothing of it lives.</param>
public sealed record AppWithAccess(string ClientId, IReadOnlyList<string> Scopes, DateTimeOffset Since, DateTimeOffset? LastUsed);
