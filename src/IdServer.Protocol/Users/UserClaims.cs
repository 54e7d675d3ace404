using System.Globalization;
using System.Text.Json;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.Users;

/// <summary>What is known of a person: the standard claims of OIDC Core §5.1 and the roles. Immutable; may be cached and shared.</summary>
public sealed record UserClaims
{
    /// <summary>Stable, never reassigned (OIDC Core §2): the user's id as a UUID with hyphens.</summary>
    public required string Subject { get; init; }

    /// <summary>The name to sign in with; <c>preferred_username</c>.</summary>
    public required string Username { get; init; }

    public string? Email { get; init; }

    public bool EmailVerified { get; init; }

    public string? Name { get; init; }

    public string? GivenName { get; init; }

    public string? FamilyName { get; init; }

    public string? MiddleName { get; init; }

    public string? Nickname { get; init; }

    public string? Profile { get; init; }

    public string? Picture { get; init; }

    public string? Website { get; init; }

    public string? Gender { get; init; }

    public string? Birthdate { get; init; }

    public string? ZoneInfo { get; init; }

    public string? Locale { get; init; }

    public string? PhoneNumber { get; init; }

    public bool PhoneNumberVerified { get; init; }

    public PostalAddress? Address { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>In alphabetical order.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Whether a password alone does not sign this person in: there is an authenticator app.</summary>
    public bool HasSecondFactor { get; init; }

    public bool HasPasskey { get; init; }

    /// <summary>Whether the person can be asked for more than a password.</summary>
    public bool CanStepUp => HasSecondFactor || HasPasskey;

    /// <summary><c>nombre</c> in access tokens: the full name, else the user name.</summary>
    public string DisplayName => Name ?? Username;

    /// <summary>Writes one claim in its JSON type (OIDC Core §5.1); nothing when the person has no such value or the name is unknown.</summary>
    public void Write(Utf8JsonWriter writer, string claim)
    {
        ArgumentNullException.ThrowIfNull(writer);
        switch (claim)
        {
            case ClaimNames.EmailVerified when Email is not null: writer.WriteBoolean(claim, EmailVerified); break;
            case ClaimNames.PhoneNumberVerified when PhoneNumber is not null: writer.WriteBoolean(claim, PhoneNumberVerified); break;
            case ClaimNames.UpdatedAt: writer.WriteNumber(claim, UpdatedAt.ToUnixTimeSeconds()); break;
            case ClaimNames.Address: Address?.Write(writer); break;
            case ClaimNames.Rol when Roles.Count == 1: writer.WriteString(claim, Roles[0]); break;
            case ClaimNames.Rol when Roles.Count > 1:
                writer.WriteStartArray(claim);
                foreach (var role in Roles)
                {
                    writer.WriteStringValue(role);
                }

                writer.WriteEndArray();
                break;
            default:
                if (Text(claim) is { } text)
                {
                    writer.WriteString(claim, text);
                }

                break;
        }
    }

    /// <summary>One claim as text, for comparing; booleans and numbers as in JSON. Null when the person has no such value or it is an object.</summary>
    public string? TextOf(string claim) => claim switch
    {
        ClaimNames.EmailVerified => Email is null ? null : EmailVerified ? "true" : "false",
        ClaimNames.PhoneNumberVerified => PhoneNumber is null ? null : PhoneNumberVerified ? "true" : "false",
        ClaimNames.UpdatedAt => UpdatedAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        _ => Text(claim),
    };

    private string? Text(string claim) => claim switch
    {
        ClaimNames.Name => Name,
        ClaimNames.GivenName => GivenName,
        ClaimNames.FamilyName => FamilyName,
        ClaimNames.MiddleName => MiddleName,
        ClaimNames.Nickname => Nickname,
        ClaimNames.PreferredUsername => Username,
        ClaimNames.Profile => Profile,
        ClaimNames.Picture => Picture,
        ClaimNames.Website => Website,
        ClaimNames.Gender => Gender,
        ClaimNames.Birthdate => Birthdate,
        ClaimNames.ZoneInfo => ZoneInfo,
        ClaimNames.Locale => Locale,
        ClaimNames.Email => Email,
        ClaimNames.PhoneNumber => PhoneNumber,
        ClaimNames.Nombre => DisplayName,
        _ => null,
    };
}

/// <summary>The <c>address</c> claim (OIDC Core §5.1.1).</summary>
public sealed record PostalAddress(string? Formatted, string? StreetAddress, string? Locality, string? Region, string? PostalCode, string? Country)
{
    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject(ClaimNames.Address);
        Member("formatted", Formatted);
        Member("street_address", StreetAddress);
        Member("locality", Locality);
        Member("region", Region);
        Member("postal_code", PostalCode);
        Member("country", Country);
        writer.WriteEndObject();

        void Member(string name, string? value)
        {
            if (value is not null)
            {
                writer.WriteString(name, value);
            }
        }
    }
}
