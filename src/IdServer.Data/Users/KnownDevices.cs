using IdServer.Data.Statements;

namespace IdServer.Data.Users;

/// <summary>
/// The browsers on which people have signed in, each known by the digest of a secret that it keeps. Several people on one browser have a row each, with the same digest.
/// </summary>
public sealed class KnownDevices(IDatabase database, TimeProvider time)
{
    /// <summary>Of one person; beyond that the one that was used longest ago is forgotten.</summary>
    public const int Most = 50;

    /// <summary>No device of <c>$1</c> counts as a second factor any more.</summary>
    internal const string DistrustAll = "UPDATE known_devices SET trusted_until = NULL WHERE user_id = $1";

    private const string Columns = "id, name, address, created_at, last_used_at, trusted_until";

    /// <returns>The row of this person on this device; null when they have not signed in there.</returns>
    public ValueTask<KnownDevice?> FindAsync(byte[] digest, Guid userId, CancellationToken ct) => database.ReadAsync(
        statements => statements.FirstAsync(
            $"SELECT {Columns} FROM known_devices WHERE digest = $1 AND user_id = $2 AND expires_at > $3", Read, digest, userId, time.GetUtcNow()),
        ct);

    /// <summary>For the brake, before anybody has proved anything.</summary>
    /// <param name="normalizedLogin">A user name or an e-mail address, as Identity writes it.</param>
    /// <returns>The row of that account on this device, or null; alike whether there is such an account or not.</returns>
    public ValueTask<Guid?> FindIdAsync(byte[] digest, string normalizedLogin, CancellationToken ct) => database.ReadAsync(
        statements => statements.FirstAsync(
            """
            SELECT d.id FROM known_devices d JOIN "AspNetUsers" u ON u."Id" = d.user_id
            WHERE d.digest = $1 AND (u."NormalizedUserName" = $2 OR u."NormalizedEmail" = $2) AND d.expires_at > $3
            """,
            row => row.IdOrNull(0),
            digest,
            normalizedLogin,
            time.GetUtcNow()),
        ct);

    /// <summary>
    /// Somebody has signed in. On a device of theirs the visit is noted. Elsewhere the device becomes theirs and gets a new secret, also for the other people who use it:
    /// whoever has put a secret of theirs into this browser before, or has copied the one that was there, knows none of this person's.
    /// </summary>
    /// <param name="digest">Of the secret that the browser brought, if any.</param>
    /// <param name="fresh">Of the secret to keep if the device is new.</param>
    public ValueTask<RememberedDevice> RememberAsync(byte[]? digest, byte[] fresh, Guid userId, string name, string? address, TimeSpan lifetime, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return database.WriteAsync(
            async statements =>
            {
                if (digest is not null && await statements.FirstAsync(
                    "UPDATE known_devices SET name = $4, address = $5, last_used_at = $3, expires_at = $6 WHERE digest = $1 AND user_id = $2 AND expires_at > $3 RETURNING id",
                    row => row.IdOrNull(0),
                    digest,
                    userId,
                    now,
                    name,
                    address,
                    now + lifetime) is { } known)
                {
                    return new RememberedDevice(known, IsNew: false, IsFirst: false);
                }

                if (digest is not null)
                {
                    await statements.ExecuteAsync("UPDATE known_devices SET digest = $2 WHERE digest = $1 AND expires_at > $3", digest, fresh, now);
                }

                var isFirst = await statements.ExecuteAsync("""UPDATE "AspNetUsers" SET "FirstSignedInAt" = $2 WHERE "Id" = $1 AND "FirstSignedInAt" IS NULL""", userId, now) > 0;
                var id = Guid.CreateVersion7(now);
                await statements.ExecuteAsync(
                    "INSERT INTO known_devices (id, digest, user_id, name, address, created_at, last_used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
                    id,
                    fresh,
                    userId,
                    name,
                    address,
                    now,
                    now + lifetime);
                await statements.ExecuteAsync(
                    $"DELETE FROM known_devices WHERE id IN (SELECT id FROM known_devices WHERE user_id = $1 ORDER BY last_used_at DESC, id DESC LIMIT {Most} OFFSET {Most})", userId);
                return new RememberedDevice(id, IsNew: true, isFirst);
            },
            ct);
    }

    /// <summary>Until then this device is the second factor of its person.</summary>
    public async ValueTask TrustAsync(Guid id, DateTimeOffset until, CancellationToken ct) =>
        await database.WriteAsync(statements => statements.ExecuteAsync("UPDATE known_devices SET trusted_until = $2 WHERE id = $1 AND expires_at > $3", id, until, time.GetUtcNow()), ct);

    /// <summary>No device of the person is their second factor any more.</summary>
    public async ValueTask DistrustAllAsync(Guid userId, CancellationToken ct) => await database.WriteAsync(statements => statements.ExecuteAsync(DistrustAll, userId), ct);

    /// <summary>One device of the person is their second factor no more.</summary>
    public async ValueTask DistrustAsync(Guid userId, Guid id, CancellationToken ct) =>
        await database.WriteAsync(statements => statements.ExecuteAsync(DistrustAll + " AND id = $2", userId, id), ct);

    /// <returns>False when the person has no such device.</returns>
    public ValueTask<bool> ForgetAsync(Guid userId, Guid id, CancellationToken ct) => database.WriteAsync(
        async statements => await statements.ExecuteAsync("DELETE FROM known_devices WHERE id = $1 AND user_id = $2", id, userId) > 0, ct);

    public async ValueTask ForgetAllAsync(Guid userId, CancellationToken ct) => await database.WriteAsync(
        statements => statements.ExecuteAsync("DELETE FROM known_devices WHERE user_id = $1", userId), ct);

    /// <summary>Every device of a person, the one that was used last first.</summary>
    public ValueTask<IReadOnlyList<KnownDevice>> ListAsync(Guid userId, CancellationToken ct) => database.ReadAsync(
        statements => statements.ListAsync(
            $"SELECT {Columns} FROM known_devices WHERE user_id = $1 AND expires_at > $2 ORDER BY last_used_at DESC, id DESC", Read, userId, time.GetUtcNow()),
        ct);

    private static KnownDevice Read(Row row) => new(row.Id(0), row.Text(1), row.TextOrNull(2), row.Time(3), row.Time(4), row.TimeOrNull(5));
}

/// <summary>A browser on which a person has signed in.</summary>
/// <param name="Name">Such as <c>Firefox, Windows</c>; empty when it did not say what it is.</param>
/// <param name="Address">The network address of the last sign-in.</param>
/// <param name="TrustedUntil">How long it counts as a second factor; null when it never did.</param>
public sealed record KnownDevice(Guid Id, string Name, string? Address, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset? TrustedUntil)
{
    public bool IsTrustedAt(DateTimeOffset now) => TrustedUntil > now;
}

/// <summary>What became of a sign-in on a device.</summary>
/// <param name="Id">The row of the person on the device.</param>
/// <param name="IsNew">Whether the device has the new secret from now on.</param>
/// <param name="IsFirst">Whether the person never signed in anywhere before.</param>
public readonly record struct RememberedDevice(Guid Id, bool IsNew, bool IsFirst);
