using IdServer.Data.Statements;

namespace IdServer.Data.Users;

/// <summary>What a password is checked against, read and renewed without EF Core, whose model a server that only signs people in never builds.</summary>
public sealed class StoredPasswords(IDatabase database)
{
    /// <param name="normalizedLogin">A user name or an e-mail address, as Identity writes it.</param>
    /// <returns>Null when there is no such account.</returns>
    public ValueTask<StoredPassword?> FindAsync(string normalizedLogin, CancellationToken ct) => database.ReadAsync(
        statements => statements.FirstAsync(
            """SELECT "Id", "PasswordHash", "DisabledAt" FROM "AspNetUsers" WHERE "NormalizedUserName" = $1 OR "NormalizedEmail" = $1""",
            row => new StoredPassword(row.Id(0), row.TextOrNull(1), row.TimeOrNull(2) is not null),
            normalizedLogin),
        ct);

    /// <summary>Another hash of the same password. One that was set meanwhile stays.</summary>
    public async ValueTask RenewAsync(StoredPassword verified, string hash, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(verified);
        await database.WriteAsync(
            statements => statements.ExecuteAsync("""UPDATE "AspNetUsers" SET "PasswordHash" = $3 WHERE "Id" = $1 AND "PasswordHash" = $2""", verified.UserId, verified.Hash, hash), ct);
    }
}

/// <param name="Hash">Null for who signs in without a password only.</param>
public sealed record StoredPassword(Guid UserId, string? Hash, bool IsDisabled);
