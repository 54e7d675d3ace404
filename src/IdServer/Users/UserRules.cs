using System.Globalization;
using System.Net.Mail;
using IdServer.Tokens.Registries;

namespace IdServer.Users;

/// <summary>What a user must satisfy, whoever wrote it: configuration file, command line, registration page, users API.</summary>
public static class UserRules
{
    private const int LongestText = 200;
    /// <summary>Of a user name or an e-mail address.</summary>
    public const int LongestLogin = 254; // RFC 5321 §4.5.3.1.3, less the brackets

    /// <summary>Every fault but those that only the database knows; none when the user is acceptable.</summary>
    public static IEnumerable<UserFault> Check(DeclaredUser user, string productName)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (UsernameFault(user) is { } usernameFault)
        {
            yield return usernameFault;
        }

        if (string.IsNullOrEmpty(user.Email))
        {
            yield return new(ClaimNames.Email, UserFaultKind.Missing, "is missing: write an address such as ana@example.com.");
        }
        else if (!IsEmail(user.Email))
        {
            yield return new(ClaimNames.Email, UserFaultKind.Malformed, $"is \"{user.Email}\": write an address such as ana@example.com.");
        }

        if (PasswordRules.Check(user.Password, user.Username, user.Email, productName) is { } passwordFault)
        {
            yield return passwordFault;
        }

        foreach (var role in (user.Roles ?? []).Where(r => !IsRole(r)))
        {
            yield return new("roles", UserFaultKind.Malformed, $"holds \"{role}\": write 1 to 50 letters, digits, hyphens, underscores or dots.");
        }

        foreach (var fault in CheckProfile(user))
        {
            yield return fault;
        }
    }

    /// <summary>The faults of everything that is neither a login, a password nor a role.</summary>
    public static IEnumerable<UserFault> CheckProfile(DeclaredUser user)
    {
        ArgumentNullException.ThrowIfNull(user);
        foreach (var (member, uri) in new[] { (ClaimNames.Profile, user.Profile), (ClaimNames.Picture, user.Picture), (ClaimNames.Website, user.Website) })
        {
            if (uri is not null && (uri.Length > 2000 || !Uri.TryCreate(uri, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("https" or "http")))
            {
                yield return new(member, UserFaultKind.Malformed, "is not a web address: write one that begins with https.");
            }
        }

        if (user.Birthdate is not null && !IsBirthdate(user.Birthdate))
        {
            yield return new(ClaimNames.Birthdate, UserFaultKind.Malformed, $"is \"{user.Birthdate}\": write YYYY-MM-DD, or YYYY alone.");
        }

        if (user.ZoneInfo is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(user.ZoneInfo, out _))
        {
            yield return new(ClaimNames.ZoneInfo, UserFaultKind.Malformed, $"is \"{user.ZoneInfo}\": write a name of the IANA time zone database, such as Europe/Madrid.");
        }

        if (user.Locale is not null && !IsLanguageTag(user.Locale))
        {
            yield return new(ClaimNames.Locale, UserFaultKind.Malformed, $"is \"{user.Locale}\": write a language tag such as es-ES.");
        }

        if (user.PhoneNumber is not null && !IsPhoneNumber(user.PhoneNumber))
        {
            yield return new(ClaimNames.PhoneNumber, UserFaultKind.Malformed, $"is \"{user.PhoneNumber}\": write it with its country, such as +34 600 000 000.");
        }

        foreach (var (member, text) in Texts(user))
        {
            if (text is not null && (text.Length > LongestText || text.Any(char.IsControl)))
            {
                yield return new(member, UserFaultKind.TooLong, $"is longer than {LongestText} characters or holds a control character: write a shorter, plain text.");
            }
        }
    }

    public static bool IsRole(string role) => role.Length is > 0 and <= 50 && role.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    public static bool IsEmail(string text) =>
        text.Length <= LongestLogin && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) && MailAddress.TryCreate(text, out var parsed) && parsed.Address == text;

    private static UserFault? UsernameFault(DeclaredUser user)
    {
        const string member = ClaimNames.Username;
        if (string.IsNullOrEmpty(user.Username))
        {
            return new(member, UserFaultKind.Missing, "is missing: write the name to sign in with.");
        }

        // Only one's own address: with another's, two accounts would answer to one login.
        return IsUsername(user.Username) || user.Username.Equals(user.Email, StringComparison.OrdinalIgnoreCase)
            ? null
            : new(member, UserFaultKind.Malformed, $"is \"{user.Username}\": write 1 to 100 letters, digits, dots, hyphens, underscores or plus signs, or the e-mail address itself.");
    }

    private static IEnumerable<(string Member, string? Text)> Texts(DeclaredUser user) =>
    [
        (ClaimNames.Name, user.Name), (ClaimNames.GivenName, user.GivenName), (ClaimNames.FamilyName, user.FamilyName), (ClaimNames.MiddleName, user.MiddleName),
        (ClaimNames.Nickname, user.Nickname), (ClaimNames.Gender, user.Gender), ("address.street_address", Lines(user.Address?.StreetAddress)), ("address.formatted", Lines(user.Address?.Formatted)),
        ("address.locality", user.Address?.Locality), ("address.region", user.Address?.Region), ("address.postal_code", user.Address?.PostalCode), ("address.country", user.Address?.Country),
    ];

    // OIDC Core §5.1.1: these two may have several lines.
    private static string? Lines(string? text) => text?.ReplaceLineEndings(" ");

    private static bool IsUsername(string text) => text.Length <= 100 && text.All(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '+');

    private static bool IsBirthdate(string text) =>
        DateOnly.TryParseExact(text, ["yyyy-MM-dd", "yyyy"], CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    // BCP 47 §2.1, the shape only.
    private static bool IsLanguageTag(string text)
    {
        var parts = text.Split('-', '_');
        return parts[0].Length is >= 2 and <= 8 && Array.TrueForAll(parts, p => p.Length is > 0 and <= 8 && p.All(char.IsAsciiLetterOrDigit));
    }

    // OIDC Core §5.1 recommends E.164 and allows RFC 3966 extensions.
    private static bool IsPhoneNumber(string text) =>
        text.Length <= 40 && text.Count(char.IsAsciiDigit) >= 3 && text.All(c => char.IsAsciiLetterOrDigit(c) || "+ ()./;=-".Contains(c));
}
