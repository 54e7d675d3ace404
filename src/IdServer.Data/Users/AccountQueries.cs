using IdServer.Data.Statements;

namespace IdServer.Data.Users;

/// <summary>What an account has, for the person whose it is.</summary>
public sealed class AccountQueries(IDatabase database)
{
    /// <returns>Null when there is no such account.</returns>
    public ValueTask<AccountSummary?> FindAsync(Guid userId, CancellationToken ct) => database.ReadAsync(
        statements => statements.FirstAsync(
            """
            SELECT u."CreatedAt", u."PasswordHash" IS NOT NULL, u."TwoFactorEnabled",
              (SELECT COUNT(*) FROM "AspNetUserPasskeys" p WHERE p."UserId" = u."Id"), (SELECT COUNT(*) FROM "AspNetUserLogins" l WHERE l."UserId" = u."Id"),
              u."PasswordChangedAt"
            FROM "AspNetUsers" u WHERE u."Id" = $1
            """,
            row => new AccountSummary(row.Time(0), row.Flag(1), row.Flag(2), (int)row.Number(3), (int)row.Number(4), row.TimeOrNull(5)),
            userId),
        ct);
}

/// <summary>An account at a glance.</summary>
/// <param name="HasSecondFactor">Whether a sign-in asks for one.</param>
/// <param name="Logins">At other providers.</param>
/// <param name="PasswordChangedAt">Null when there is no password, or nobody knows.</param>
public sealed record AccountSummary(DateTimeOffset CreatedAt, bool HasPassword, bool HasSecondFactor, int Passkeys, int Logins, DateTimeOffset? PasswordChangedAt);
