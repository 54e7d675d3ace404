using IdServer.Data.Changes;
using IdServer.Data.Statements;
using IdServer.Protocol.Events;

namespace IdServer.Data.Users;

/// <summary>
/// The end of accounts. What names the person goes in one transaction with the account. The audit trail keeps its rows until they are too old, under an id that is nobody's any
/// more and without network address and detail; mails that wait are sent, and expire.
/// </summary>
public sealed class AccountRemoval(IDatabase database, IChangeFeed changes)
{
    private const int MostAtATime = 100;

    // The grants take their codes and tokens with them, the account its roles, logins and passkeys, whether the database does that by itself or not.
    private static readonly string[] BySubject =
    [
        "DELETE FROM refresh_tokens WHERE grant_id IN (SELECT id FROM grants WHERE subject = $1)",
        "DELETE FROM authorization_codes WHERE grant_id IN (SELECT id FROM grants WHERE subject = $1)",
        "DELETE FROM device_codes WHERE grant_id IN (SELECT id FROM grants WHERE subject = $1)",
        "DELETE FROM grants WHERE subject = $1",
        "DELETE FROM consents WHERE subject = $1",
        "DELETE FROM sessions WHERE subject = $1",
        "DELETE FROM logout_notices WHERE subject = $1",
        "UPDATE audit SET remote_address = NULL, detail = NULL WHERE subject = $1",
    ];

    private static readonly string[] ByUser =
    [
        "DELETE FROM one_time_tokens WHERE user_id = $1",
        "DELETE FROM known_devices WHERE user_id = $1",
        "DELETE FROM authenticators WHERE user_id = $1",
        "DELETE FROM recovery_codes WHERE user_id = $1",
        "UPDATE mails SET user_id = NULL WHERE user_id = $1",
        """DELETE FROM "AspNetUserPasskeys" WHERE "UserId" = $1""",
        """DELETE FROM "AspNetUserLogins" WHERE "UserId" = $1""",
        """DELETE FROM "AspNetUserTokens" WHERE "UserId" = $1""",
        """DELETE FROM "AspNetUserClaims" WHERE "UserId" = $1""",
        """DELETE FROM "AspNetUserRoles" WHERE "UserId" = $1""",
        """DELETE FROM "AspNetUsers" WHERE "Id" = $1""",
    ];

    /// <summary>The account goes then, unless somebody signs in to it before.</summary>
    public async ValueTask ScheduleAsync(Guid userId, DateTimeOffset deletesAt, CancellationToken ct) => await database.WriteAsync(
        statements => statements.ExecuteAsync("""UPDATE "AspNetUsers" SET "DeletesAt" = $2 WHERE "Id" = $1""", userId, deletesAt), ct);

    /// <summary>Accounts whose time has come, not more than a hundred.</summary>
    public ValueTask<IReadOnlyList<Guid>> DueAsync(DateTimeOffset now, CancellationToken ct) => database.ReadAsync(
        statements => statements.ListAsync("""SELECT "Id" FROM "AspNetUsers" WHERE "DeletesAt" <= $1 LIMIT $2""", row => row.Id(0), now, MostAtATime), ct);

    /// <summary>Removes an account whose time has come.</summary>
    /// <returns>False when it is gone, or somebody has signed in meanwhile: then everything is as it was.</returns>
    public async ValueTask<bool> RemoveAsync(Guid userId, DateTimeOffset now, CancellationToken ct)
    {
        var subject = userId.ToString();
        var isRemoved = await database.WriteAsync(
            async statements =>
            {
                // From this statement on the row is ours: a sign-in that would keep the account waits, and finds it gone.
                if (await statements.ExecuteAsync("""UPDATE "AspNetUsers" SET "DisabledAt" = $2 WHERE "Id" = $1 AND "DeletesAt" <= $2""", userId, now) == 0)
                {
                    return false;
                }

                foreach (var sql in BySubject)
                {
                    await statements.ExecuteAsync(sql, subject);
                }

                foreach (var sql in ByUser)
                {
                    await statements.ExecuteAsync(sql, userId);
                }

                await ChangeLog.AppendAsync(statements, ChangeKind.User, subject, now);
                return true;
            },
            ct);
        if (isRemoved)
        {
            changes.Publish(new Change(ChangeKind.User, subject));
        }

        return isRemoved;
    }

    /// <summary>Whether this account, and no other that may sign in and stays, has a role.</summary>
    public ValueTask<bool> IsLastOfRoleAsync(Guid userId, string role, CancellationToken ct) => database.ReadAsync(
        async statements =>
        {
            var holders = await statements.ListAsync(
                """
                SELECT m."UserId" FROM "AspNetUserRoles" m JOIN "AspNetRoles" r ON r."Id" = m."RoleId" JOIN "AspNetUsers" u ON u."Id" = m."UserId"
                WHERE r."NormalizedName" = $1 AND u."DisabledAt" IS NULL AND u."DeletesAt" IS NULL LIMIT 2
                """,
                row => row.Id(0),
                role.ToUpperInvariant());
            return holders.Count == 1 && holders[0] == userId;
        },
        ct);
}
