using IdServer.Data.Statements;

namespace IdServer.Data.Users;

/// <summary>What decides, besides the proof itself, whether somebody is signed in.</summary>
public sealed class AccountStates(IDatabase database)
{
    /// <returns>Null when there is no such account.</returns>
    public ValueTask<AccountState?> FindAsync(Guid userId, CancellationToken ct) => database.ReadAsync(
        statements => statements.FirstAsync<AccountState?>(
            """SELECT "DisabledAt", "TwoFactorEnabled", "DeletesAt" FROM "AspNetUsers" WHERE "Id" = $1""",
            row => new AccountState(row.TimeOrNull(0) is not null, row.Flag(1), row.TimeOrNull(2)),
            userId),
        ct);

    /// <summary>An account that was to be deleted stays.</summary>
    /// <returns>Whether it was to be.</returns>
    public ValueTask<bool> KeepAsync(Guid userId, CancellationToken ct) => database.WriteAsync(
        async statements => await statements.ExecuteAsync("""UPDATE "AspNetUsers" SET "DeletesAt" = NULL WHERE "Id" = $1 AND "DeletesAt" IS NOT NULL""", userId) == 1, ct);
}

/// <param name="HasSecondFactor">Whether an authenticator has been confirmed.</param>
/// <param name="DeletesAt">When it goes, or null.</param>
public sealed record AccountState(bool IsDisabled, bool HasSecondFactor, DateTimeOffset? DeletesAt);
