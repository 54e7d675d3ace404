using IdServer.Data.Statements;

namespace IdServer.Data.Users;

/// <summary>The logins at other providers that open a person's account.</summary>
public sealed class LinkedLogins(IDatabase database)
{
    /// <summary>The oldest first.</summary>
    public ValueTask<IReadOnlyList<LinkedLogin>> ListAsync(Guid userId, CancellationToken ct) => database.ReadAsync(
        statements => statements.ListAsync(
            """SELECT "LoginProvider", "ProviderKey", "CreatedAt" FROM "AspNetUserLogins" WHERE "UserId" = $1 ORDER BY "CreatedAt", "LoginProvider", "ProviderKey" """,
            row => new LinkedLogin(row.Text(0), row.Text(1), row.Time(2)),
            userId),
        ct);
}

/// <param name="Issuer">Of the provider.</param>
/// <param name="Key">What the provider calls the person, as it is stored.</param>
public sealed record LinkedLogin(string Issuer, string Key, DateTimeOffset CreatedAt);
