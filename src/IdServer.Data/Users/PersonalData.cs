using System.Text.Json;
using System.Text.Json.Nodes;
using IdServer.Data.Statements;
using IdServer.Protocol.Events;

namespace IdServer.Data.Users;

/// <summary>Everything that is kept about a person, for that person to read. Neither secrets nor digests of them.</summary>
public sealed class PersonalData(IDatabase database)
{
    private static readonly Section Account = new(
        "account",
        """
        SELECT "Id", "UserName", "Email", "EmailConfirmed", "Name", "GivenName", "FamilyName", "MiddleName", "Nickname", "Profile", "Picture", "Website", "Gender", "Birthdate", "ZoneInfo", "Locale",
          "PhoneNumber", "PhoneNumberConfirmed", "AddressFormatted", "AddressStreet", "AddressLocality", "AddressRegion", "AddressPostalCode", "AddressCountry",
          "PasswordHash" IS NOT NULL, "PasswordChangedAt", "TwoFactorEnabled", "CreatedAt", "UpdatedAt", "DeletesAt"
        FROM "AspNetUsers" WHERE "Id" = $1
        """,
        [
            new("sub", Kind.Id), new("username"), new("email"), new("email_verified", Kind.Flag), new("name"), new("given_name"), new("family_name"), new("middle_name"), new("nickname"), new("profile"),
            new("picture"), new("website"), new("gender"), new("birthdate"), new("zoneinfo"), new("locale"), new("phone_number"), new("phone_number_verified", Kind.Flag), new("address_formatted"),
            new("address_street_address"), new("address_locality"), new("address_region"), new("address_postal_code"), new("address_country"), new("has_password", Kind.Flag),
            new("password_changed_at", Kind.Time), new("second_factor", Kind.Flag), new("created_at", Kind.Time), new("updated_at", Kind.Time), new("deletes_at", Kind.Time),
        ]);

    private static readonly Section[] ByUser =
    [
        new("roles", """SELECT r."Name" FROM "AspNetUserRoles" m JOIN "AspNetRoles" r ON r."Id" = m."RoleId" WHERE m."UserId" = $1 ORDER BY r."Name" """, [new("role")]),
        new("logins", """SELECT "ProviderDisplayName", "LoginProvider", "ProviderKey", "CreatedAt" FROM "AspNetUserLogins" WHERE "UserId" = $1 ORDER BY "CreatedAt" """,
            [new("provider"), new("issuer"), new("subject"), new("linked_at", Kind.Time)]),
        new("passkeys", """SELECT "Data" FROM "AspNetUserPasskeys" WHERE "UserId" = $1""", [new("passkey", Kind.Passkey)]),
        new("authenticators", "SELECT created_at FROM authenticators WHERE user_id = $1", [new("created_at", Kind.Time)]),
        new("recovery_codes", "SELECT created_at, used_at FROM recovery_codes WHERE user_id = $1 ORDER BY created_at", [new("created_at", Kind.Time), new("used_at", Kind.Time)]),
        new("devices", "SELECT name, address, created_at, last_used_at, trusted_until FROM known_devices WHERE user_id = $1 ORDER BY created_at",
            [new("name"), new("network_address"), new("created_at", Kind.Time), new("last_used_at", Kind.Time), new("trusted_until", Kind.Time)]),
        new("links_sent", "SELECT purpose, address, expires_at, used_at FROM one_time_tokens WHERE user_id = $1 ORDER BY expires_at",
            [new("purpose"), new("address"), new("expires_at", Kind.Time), new("used_at", Kind.Time)]),
        new("mails", "SELECT kind, sent_at, expires_at FROM mails WHERE user_id = $1 ORDER BY id", [new("kind"), new("sent_at", Kind.Time), new("expires_at", Kind.Time)]),
    ];

    private static readonly Section[] BySubject =
    [
        new("sessions", "SELECT started_at, auth_time, expires_at, ended_at, amr, user_agent, address FROM sessions WHERE subject = $1 ORDER BY started_at",
            [new("started_at", Kind.Time), new("auth_time", Kind.Time), new("expires_at", Kind.Time), new("ended_at", Kind.Time), new("amr"), new("user_agent"), new("network_address")]),
        new("consents", "SELECT client_id, scopes, claims, updated_at FROM consents WHERE subject = $1 ORDER BY client_id",
            [new("client_id"), new("scopes"), new("claims"), new("updated_at", Kind.Time)]),
        new("grants", "SELECT client_id, scopes, created_at, auth_time, ended_at, expires_at FROM grants WHERE subject = $1 ORDER BY created_at",
            [new("client_id"), new("scopes"), new("created_at", Kind.Time), new("auth_time", Kind.Time), new("ended_at", Kind.Time), new("expires_at", Kind.Time)]),
        new("events", "SELECT at, kind, client_id, remote_address, error, detail FROM audit WHERE subject = $1 ORDER BY id",
            [new("at", Kind.Time), new("kind", Kind.Event), new("client_id"), new("network_address"), new("error"), new("detail")]),
    ];

    private enum Kind
    {
        Text,
        Id,
        Flag,
        Time,
        Event,
        Passkey,
    }

    /// <summary>One member for each thing that is kept: <c>account</c> is an object, the others are lists. What is not there is left out.</summary>
    public ValueTask<JsonObject> ReadAsync(Guid userId, CancellationToken ct) => database.ReadAsync(
        async statements =>
        {
            var data = new JsonObject { [Account.Name] = await statements.FirstAsync(Account.Sql, row => Read(row, Account), userId) };
            foreach (var (section, key) in ByUser.Select(s => (s, (object)userId)).Concat(BySubject.Select(s => (s, (object)userId.ToString()))))
            {
                data[section.Name] = new JsonArray([.. await statements.ListAsync(section.Sql, row => Read(row, section), key)]);
            }

            return data;
        },
        ct);

    private static JsonObject Read(Row row, Section section)
    {
        var values = new JsonObject();
        for (var column = 0; column < section.Columns.Length; column++)
        {
            if (!row.IsNull(column))
            {
                Add(values, section.Columns[column], row, column);
            }
        }

        return values;
    }

    private static void Add(JsonObject values, Column column, Row row, int index)
    {
        switch (column.Kind)
        {
            case Kind.Id: values[column.Name] = row.Id(index).ToString(); break;
            case Kind.Flag: values[column.Name] = row.Flag(index); break;
            case Kind.Time: values[column.Name] = row.Time(index); break;
            case Kind.Event: values[column.Name] = ((EventKind)row.Number(index)).ToString(); break;
            case Kind.Passkey: AddPasskey(values, row.Text(index)); break;
            default: values[column.Name] = row.Text(index); break;
        }
    }

    // Identity keeps a passkey as JSON, with its public key and more that says nothing about the person.
    private static void AddPasskey(JsonObject values, string json)
    {
        using var passkey = JsonDocument.Parse(json);
        foreach (var (member, name) in new[] { ("Name", "name"), ("CreatedAt", "created_at") })
        {
            if (passkey.RootElement.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String)
            {
                values[name] = value.GetString();
            }
        }
    }

    private sealed record Section(string Name, string Sql, Column[] Columns);

    private sealed record Column(string Name, Kind Kind = Kind.Text);
}
