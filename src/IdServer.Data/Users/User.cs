using Microsoft.AspNetCore.Identity;

namespace IdServer.Data.Users;

/// <summary>A person. The id is a UUIDv7 and, with hyphens, the <c>sub</c> of tokens; the other properties are the standard claims (OIDC Core §5.1).</summary>
public sealed class User : IdentityUser<Guid>
{
    public string? Name { get; set; }

    public string? GivenName { get; set; }

    public string? FamilyName { get; set; }

    public string? MiddleName { get; set; }

    public string? Nickname { get; set; }

    public string? Profile { get; set; }

    public string? Picture { get; set; }

    public string? Website { get; set; }

    public string? Gender { get; set; }

    public string? Birthdate { get; set; }

    public string? ZoneInfo { get; set; }

    public string? Locale { get; set; }

    /// <summary>The whole address as one text (OIDC Core §5.1.1), beside or instead of its parts.</summary>
    public string? AddressFormatted { get; set; }

    public string? AddressStreet { get; set; }

    public string? AddressLocality { get; set; }

    public string? AddressRegion { get; set; }

    public string? AddressPostalCode { get; set; }

    public string? AddressCountry { get; set; }

    /// <summary>When the account was disabled, or null: it may sign in.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>When the account goes, with everything it has, or null. Signing in before then keeps it.</summary>
    public DateTimeOffset? DeletesAt { get; set; }

    /// <summary>When the person signed in for the first time with this version or a later one; null when they never did. Every device but that one is announced to them.</summary>
    public DateTimeOffset? FirstSignedInAt { get; set; }

    /// <summary>When the password was set last; null when there is none, or it is older than this column.</summary>
    public DateTimeOffset? PasswordChangedAt { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>A mark of the password the configuration declared last, so that a start with the same one does not hash it again or undo the person's own change.</summary>
    public string? DeclaredPassword { get; set; }
}

/// <summary>What a person may do; its name is a value of the <c>rol</c> claim. The id is a UUIDv7.</summary>
public sealed class Role : IdentityRole<Guid>;
