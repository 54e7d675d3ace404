using IdServer.Data.Changes;
using IdServer.Data.Statements;
using IdServer.Protocol.Events;

namespace IdServer.Data.Users;

/// <summary>Gives a password to whoever has the mailbox of an account: a <see cref="OneTimeToken"/> for <see cref="Purpose"/> is spent, all in one transaction.</summary>
public sealed class PasswordResets(IDatabase database, IChangeFeed changes, TimeProvider time)
{
    public const string Purpose = "reset";

    // Who made them has never shown that the account is theirs.
    private static readonly string[] Unproved =
    [
        """DELETE FROM "AspNetUserPasskeys" WHERE "UserId" = $1""",
        """DELETE FROM "AspNetUserLogins" WHERE "UserId" = $1""",
        "DELETE FROM authenticators WHERE user_id = $1",
        "DELETE FROM recovery_codes WHERE user_id = $1",
        "DELETE FROM known_devices WHERE user_id = $1",
    ];

    /// <summary>
    /// Sets the password and ends every link that was sent to the person. An address that nobody had verified is verified now, and what was added to the account before goes:
    /// passkeys, logins, authenticator, recovery codes, devices, consents. Of parallel calls one wins. Sessions and grants are the caller's to end, afterwards.
    /// </summary>
    /// <returns>Null when the token was spent or has expired, or the account is disabled or has another address now.</returns>
    public async ValueTask<PasswordReset?> TryAsync(OneTimeToken token, string passwordHash, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(token);
        var now = time.GetUtcNow();
        var reset = await database.WriteAsync(
            async statements =>
            {
                await ChangeLog.TakeTurnAsync(statements);
                if (await statements.ExecuteAsync(
                    "UPDATE one_time_tokens SET used_at = $2 WHERE id = $1 AND purpose = $3 AND used_at IS NULL AND expires_at > $2", token.Id, now, Purpose) == 0)
                {
                    return null;
                }

                var wasVerified = await statements.FirstAsync(
                    """
                    UPDATE "AspNetUsers" SET "PasswordHash" = $3, "PasswordChangedAt" = $4, "UpdatedAt" = $4, "ConcurrencyStamp" = $5
                    WHERE "Id" = $1 AND "Email" = $2 AND "DisabledAt" IS NULL RETURNING "EmailConfirmed"
                    """,
                    row => (bool?)row.Flag(0),
                    token.UserId,
                    token.Address,
                    passwordHash,
                    now,
                    Guid.CreateVersion7(now).ToString());
                if (wasVerified is null)
                {
                    return null;
                }

                await statements.ExecuteAsync("DELETE FROM one_time_tokens WHERE user_id = $1 AND id <> $2", token.UserId, token.Id);
                if (wasVerified is false)
                {
                    await ClaimAsync(statements, token.UserId);
                }

                await ChangeLog.AppendAsync(statements, ChangeKind.User, token.UserId.ToString(), now);
                return new PasswordReset(wasVerified.Value);
            },
            ct);
        if (reset is not null)
        {
            changes.Publish(new Change(ChangeKind.User, token.UserId.ToString()));
        }

        return reset;
    }

    private static async ValueTask ClaimAsync(PreparedStatements statements, Guid userId)
    {
        await statements.ExecuteAsync("""UPDATE "AspNetUsers" SET "EmailConfirmed" = $2, "TwoFactorEnabled" = $3 WHERE "Id" = $1""", userId, true, false);
        foreach (var statement in Unproved)
        {
            await statements.ExecuteAsync(statement, userId);
        }

        await statements.ExecuteAsync("DELETE FROM consents WHERE subject = $1", userId.ToString());
    }
}

/// <summary>A password that was set by a link.</summary>
/// <param name="WasVerified">False when the address is verified by it, and the account was emptied of what had been added before.</param>
public sealed record PasswordReset(bool WasVerified);
