using System.Text.Json.Serialization;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;

namespace IdServer.Users;

/// <summary>A person in the claim names of OIDC Core §5.1 (JSON names are snake_case): the one vocabulary for configuration, the users API and the command line.</summary>
public sealed record DeclaredUser
{
    /// <summary>The name to sign in with, unique without regard to case.</summary>
    public string? Username { get; init; }

    /// <summary>Unique without regard to case.</summary>
    public string? Email { get; init; }

    public bool? EmailVerified { get; init; }

    /// <summary>In input only, at least <see cref="PasswordRules.MinimumLength"/> characters.</summary>
    public string? Password { get; init; }

    public string? Name { get; init; }

    public string? GivenName { get; init; }

    public string? FamilyName { get; init; }

    public string? MiddleName { get; init; }

    public string? Nickname { get; init; }

    /// <summary>Address of a page about the person.</summary>
    public string? Profile { get; init; }

    /// <summary>Address of an image of the person.</summary>
    public string? Picture { get; init; }

    public string? Website { get; init; }

    public string? Gender { get; init; }

    /// <summary>YYYY-MM-DD, or YYYY (OIDC Core §5.1).</summary>
    public string? Birthdate { get; init; }

    /// <summary>A name of the IANA time zone database, such as Europe/Madrid.</summary>
    [JsonPropertyName(ClaimNames.ZoneInfo)]
    public string? ZoneInfo { get; init; }

    /// <summary>A language tag (BCP 47), such as es-ES.</summary>
    public string? Locale { get; init; }

    public string? PhoneNumber { get; init; }

    public bool? PhoneNumberVerified { get; init; }

    public PostalAddress? Address { get; init; }

    /// <summary>Letters, digits, hyphen, underscore and dot each. Absent: the role of registration.</summary>
    public IReadOnlyList<string>? Roles { get; init; }
}

/// <summary>JSON of <see cref="DeclaredUser"/>: snake_case, absent members left out, unknown and repeated ones refused, source-generated.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DeclaredUser))]
internal sealed partial class DeclaredUserJson : JsonSerializerContext;
