using IdServer.Data.Statements;

namespace IdServer.Data.Users;

/// <summary>Reads accounts without EF Core, whose model a start on which nothing declared has changed need not build.</summary>
public sealed class StoredUsers(IDatabase database)
{
    /// <summary>An account with its profile, the mark of its declared password and its roles, by the normalized user name. What else an account has is not read.</summary>
    public ValueTask<StoredUser?> FindAsync(string normalizedUsername, CancellationToken ct) => database.ReadAsync(
        async statements =>
        {
            var user = await statements.FirstAsync(
                """
                SELECT "Id", "UserName", "Email", "EmailConfirmed", "Name", "GivenName", "FamilyName", "MiddleName", "Nickname", "Profile", "Picture", "Website", "Gender",
                  "Birthdate", "ZoneInfo", "Locale", "PhoneNumber", "PhoneNumberConfirmed", "AddressFormatted", "AddressStreet", "AddressLocality", "AddressRegion",
                  "AddressPostalCode", "AddressCountry", "DeclaredPassword"
                FROM "AspNetUsers" WHERE "NormalizedUserName" = $1
                """,
                Read,
                normalizedUsername);
            return user is null ? null : new StoredUser(user, await statements.ListAsync(
                """SELECT r."Name" FROM "AspNetUserRoles" m JOIN "AspNetRoles" r ON r."Id" = m."RoleId" WHERE m."UserId" = $1""", row => row.Text(0), user.Id));
        },
        ct);

    /// <summary>The id of the account with this user name or e-mail address, or null.</summary>
    public ValueTask<Guid?> FindIdAsync(string login, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(login);
        var normalized = login.Normalize().ToUpperInvariant(); // as Identity does
        return database.ReadAsync(
            async statements => await statements.FirstAsync("""SELECT "Id" FROM "AspNetUsers" WHERE "NormalizedUserName" = $1""", row => row.IdOrNull(0), normalized)
                ?? await statements.FirstAsync("""SELECT "Id" FROM "AspNetUsers" WHERE "NormalizedEmail" = $1""", row => row.IdOrNull(0), normalized),
            ct);
    }

    /// <summary>The normalized names of all roles.</summary>
    public ValueTask<IReadOnlyList<string>> RolesAsync(CancellationToken ct) =>
        database.ReadAsync(statements => statements.ListAsync("""SELECT "NormalizedName" FROM "AspNetRoles" WHERE "NormalizedName" IS NOT NULL""", row => row.Text(0)), ct);

    private static User Read(Row row) => new()
    {
        Id = row.Id(0),
        UserName = row.TextOrNull(1),
        Email = row.TextOrNull(2),
        EmailConfirmed = row.Flag(3),
        Name = row.TextOrNull(4),
        GivenName = row.TextOrNull(5),
        FamilyName = row.TextOrNull(6),
        MiddleName = row.TextOrNull(7),
        Nickname = row.TextOrNull(8),
        Profile = row.TextOrNull(9),
        Picture = row.TextOrNull(10),
        Website = row.TextOrNull(11),
        Gender = row.TextOrNull(12),
        Birthdate = row.TextOrNull(13),
        ZoneInfo = row.TextOrNull(14),
        Locale = row.TextOrNull(15),
        PhoneNumber = row.TextOrNull(16),
        PhoneNumberConfirmed = row.Flag(17),
        AddressFormatted = row.TextOrNull(18),
        AddressStreet = row.TextOrNull(19),
        AddressLocality = row.TextOrNull(20),
        AddressRegion = row.TextOrNull(21),
        AddressPostalCode = row.TextOrNull(22),
        AddressCountry = row.TextOrNull(23),
        DeclaredPassword = row.TextOrNull(24),
    };
}

/// <summary>An account as <see cref="StoredUsers"/> reads it.</summary>
public sealed record StoredUser(User User, IReadOnlyList<string> Roles);
