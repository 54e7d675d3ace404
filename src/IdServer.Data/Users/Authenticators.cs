using System.Security.Cryptography;
using IdServer.Data.Changes;
using IdServer.Data.Statements;
using IdServer.Protocol.Events;
using Microsoft.AspNetCore.DataProtection;

namespace IdServer.Data.Users;

/// <summary>
/// The authenticator app of a person, of which there is one at most. Its secret is sealed with the keys that protect the cookies; the person is part of the purpose, so
/// that one row cannot stand in for another. Each code is good once.
/// </summary>
public sealed class Authenticators(IDatabase database, IDataProtectionProvider protection, IChangeFeed changes, TimeProvider time)
{
    private readonly IDataProtector protector = protection.CreateProtector("IdServer authenticators");

    /// <returns>Since when there is one, or null.</returns>
    public ValueTask<DateTimeOffset?> FindAsync(Guid userId, CancellationToken ct) =>
        database.ReadAsync(statements => statements.FirstAsync("SELECT created_at FROM authenticators WHERE user_id = $1", row => row.TimeOrNull(0), userId), ct);

    /// <summary>From now on the person's sign-ins ask for a code. Proved by one, which is used up thereby.</summary>
    /// <returns>False when the code is not of this secret, or there is an authenticator already.</returns>
    public async ValueTask<bool> TryAddAsync(Guid userId, byte[] secret, string code, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (TimeBasedCode.FindStep(secret, code, now, after: -1) is not { } step)
        {
            return false;
        }

        var closed = SealOf(userId).Protect(secret); // not inside the transaction: it may write the first key
        var added = await database.WriteAsync(
            async statements =>
            {
                await ChangeLog.TakeTurnAsync(statements);
                return await statements.ExecuteAsync(
                    "INSERT INTO authenticators (user_id, secret, last_step, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO NOTHING", userId, closed, step, now) == 1
                    && await MarkAsync(statements, userId, hasSecondFactor: true, now);
            },
            ct);
        Tell(userId, added);
        return added;
    }

    /// <summary>Uses up a code. Of parallel calls with one code exactly one is told true (RFC 6238 §5.2).</summary>
    /// <returns>False when it is wrong, too old, or was used, or there is no authenticator.</returns>
    public async ValueTask<bool> TryUseAsync(Guid userId, string code, CancellationToken ct)
    {
        var (closed, lastStep) = await database.ReadAsync(
            statements => statements.FirstAsync("SELECT secret, last_step FROM authenticators WHERE user_id = $1", row => (Secret: row.Bytes(0), LastStep: row.Number(1)), userId), ct);
        if (closed is null || Open(userId, closed) is not { } secret || TimeBasedCode.FindStep(secret, code, time.GetUtcNow(), lastStep) is not { } step)
        {
            return false;
        }

        // This statement decides who wins.
        return await database.WriteAsync(
            async statements => await statements.ExecuteAsync("UPDATE authenticators SET last_step = $2 WHERE user_id = $1 AND last_step < $2", userId, step) == 1, ct);
    }

    /// <summary>Takes the authenticator away, and what it was needed for: recovery codes, and devices that were trusted in its stead.</summary>
    /// <returns>False when there was none.</returns>
    public async ValueTask<bool> RemoveAsync(Guid userId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var removed = await database.WriteAsync(
            async statements =>
            {
                await ChangeLog.TakeTurnAsync(statements);
                if (await statements.ExecuteAsync("DELETE FROM authenticators WHERE user_id = $1", userId) == 0)
                {
                    return false;
                }

                await statements.ExecuteAsync("DELETE FROM recovery_codes WHERE user_id = $1", userId);
                await statements.ExecuteAsync(KnownDevices.DistrustAll, userId);
                return await MarkAsync(statements, userId, hasSecondFactor: false, now);
            },
            ct);
        Tell(userId, removed);
        return removed;
    }

    // Identity saves whole accounts: a new stamp makes it notice that it has read the mark before it changed.
    private static async ValueTask<bool> MarkAsync(PreparedStatements statements, Guid userId, bool hasSecondFactor, DateTimeOffset now)
    {
        await statements.ExecuteAsync(
            """UPDATE "AspNetUsers" SET "TwoFactorEnabled" = $2, "ConcurrencyStamp" = $3 WHERE "Id" = $1""", userId, hasSecondFactor, Guid.CreateVersion7(now).ToString());
        await ChangeLog.AppendAsync(statements, ChangeKind.User, userId.ToString(), now);
        return true;
    }

    private void Tell(Guid userId, bool changed)
    {
        if (changed)
        {
            changes.Publish(new Change(ChangeKind.User, userId.ToString()));
        }
    }

    private IDataProtector SealOf(Guid userId) => protector.CreateProtector(userId.ToString());

    // Null when the keys it was sealed with are lost: the recovery codes remain.
    private byte[]? Open(Guid userId, byte[] closed)
    {
        try
        {
            return SealOf(userId).Unprotect(closed);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
