using IdServer.Data.Statements;
using IdServer.Protocol.Events;
using IdServer.Protocol.Users;
using IdServer.Tokens.Memory;

namespace IdServer.Data.Users;

/// <summary>The claims of users, kept in memory for a minute and dropped when the change feed says so. Bounded.</summary>
public sealed class UserClaimsSource : IUserClaimsSource, IDisposable
{
    private const int MostUsers = 50_000; // some 700 bytes each
    private const int RoleColumn = 27;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private readonly RecentlyUsed<string, Entry> users = new(MostUsers, StringComparer.Ordinal);
    private readonly IDatabase database;
    private readonly TimeProvider time;
    private readonly IDisposable subscription;

    public UserClaimsSource(IDatabase database, IChangeFeed changes, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(changes);
        this.database = database;
        this.time = time;
        subscription = changes.Subscribe(Drop);
    }

    public ValueTask<UserClaims?> FindAsync(string subject, CancellationToken ct)
    {
        if (users.Find(subject) is { } known && known.ExpiresAt > time.GetUtcNow())
        {
            return new(known.Claims);
        }

        return Guid.TryParseExact(subject, "D", out var id) ? ReadAsync(subject, id, ct) : default;
    }

    public void Dispose() => subscription.Dispose();

    private async ValueTask<UserClaims?> ReadAsync(string subject, Guid id, CancellationToken ct)
    {
        var before = users.Epoch;
        var now = time.GetUtcNow();
        var claims = await database.ReadAsync(statements => ReadAsync(statements, id), ct);
        if (claims is not null)
        {
            users.Remember(subject, new Entry(claims, now + Lifetime), before);
        }

        return claims;
    }

    // One row per role; a user without one has a row too.
    private static async ValueTask<UserClaims?> ReadAsync(PreparedStatements statements, Guid id)
    {
        UserClaims? claims = null;
        var roles = await statements.ListAsync(
            """
            SELECT u."UserName", u."Email", u."EmailConfirmed", u."Name", u."GivenName", u."FamilyName", u."MiddleName", u."Nickname", u."Profile", u."Picture", u."Website",
              u."Gender", u."Birthdate", u."ZoneInfo", u."Locale", u."PhoneNumber", u."PhoneNumberConfirmed", u."AddressFormatted", u."AddressStreet", u."AddressLocality",
              u."AddressRegion", u."AddressPostalCode", u."AddressCountry", u."UpdatedAt", u."TwoFactorEnabled",
              EXISTS (SELECT 1 FROM "AspNetUserPasskeys" p WHERE p."UserId" = u."Id"), CASE WHEN u."LockoutEnabled" THEN u."LockoutEnd" END, r."Name"
            FROM "AspNetUsers" u LEFT JOIN "AspNetUserRoles" m ON m."UserId" = u."Id" LEFT JOIN "AspNetRoles" r ON r."Id" = m."RoleId"
            WHERE u."Id" = $1 AND u."DisabledAt" IS NULL
            """,
            row =>
            {
                claims ??= IsLockedOutForGood(row.TimeOrNull(RoleColumn - 1)) ? null : Read(id, row);
                return row.TextOrNull(RoleColumn);
            },
            id);
        return claims is null ? null : claims with { Roles = [.. roles.OfType<string>().Order(StringComparer.Ordinal)] };
    }

    // A lockout that ends some day is a brake on guessing and no reason to end what was signed in before it; one without an end is meant for good.
    private static bool IsLockedOutForGood(DateTimeOffset? end) => end?.Year == DateTimeOffset.MaxValue.Year;

    private static UserClaims Read(Guid id, Row row) => new()
    {
        Subject = id.ToString(),
        Username = row.TextOrNull(0) ?? "",
        Email = row.TextOrNull(1),
        EmailVerified = row.Flag(2),
        Name = row.TextOrNull(3),
        GivenName = row.TextOrNull(4),
        FamilyName = row.TextOrNull(5),
        MiddleName = row.TextOrNull(6),
        Nickname = row.TextOrNull(7),
        Profile = row.TextOrNull(8),
        Picture = row.TextOrNull(9),
        Website = row.TextOrNull(10),
        Gender = row.TextOrNull(11),
        Birthdate = row.TextOrNull(12),
        ZoneInfo = row.TextOrNull(13),
        Locale = row.TextOrNull(14),
        PhoneNumber = row.TextOrNull(15),
        PhoneNumberVerified = row.Flag(16),
        Address = AddressOf(new(row.TextOrNull(17), row.TextOrNull(18), row.TextOrNull(19), row.TextOrNull(20), row.TextOrNull(21), row.TextOrNull(22))),
        UpdatedAt = row.Time(23),
        HasSecondFactor = row.Flag(24),
        HasPasskey = row.Flag(25),
    };

    private static PostalAddress? AddressOf(PostalAddress address) => address == new PostalAddress(null, null, null, null, null, null) ? null : address;

    private void Drop(Change change)
    {
        if (change is { Kind: ChangeKind.User, Key: { } subject })
        {
            users.Forget(subject);
        }
        else if (change.Kind is ChangeKind.User or ChangeKind.Everything)
        {
            users.Clear();
        }
    }

    private sealed record Entry(UserClaims Claims, DateTimeOffset ExpiresAt);
}
