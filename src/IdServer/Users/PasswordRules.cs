using IdServer.Data.Users;
using IdServer.Protocol.Users;
using IdServer.Tokens.Registries;

namespace IdServer.Users;

/// <summary>What a password must be: long, and not what is guessed early (NIST SP 800-63B §3.1.1.2). No rules of composition.</summary>
public static class PasswordRules
{
    public const int MinimumLength = 10;

    /// <summary>Enough for any passphrase, and a bound on what is hashed.</summary>
    public const int MaximumLength = 256;

    /// <summary>The fault of a password's form, or null; costs nothing. Before one is set, <see cref="CheckStrength"/> looks at it as well.</summary>
    public static UserFault? Check(string? password, string? username, string? email, string productName)
    {
        const string member = Parameters.Password;
        if (string.IsNullOrEmpty(password))
        {
            return new(member, UserFaultKind.Missing, $"is missing: write one of at least {MinimumLength} characters.");
        }

        if (password.Length < MinimumLength)
        {
            return new(member, UserFaultKind.TooShort, $"is shorter than {MinimumLength} characters: write a longer one, for example several words.");
        }

        if (password.Length > MaximumLength)
        {
            return new(member, UserFaultKind.TooLong, $"is longer than {MaximumLength} characters: write a shorter one.");
        }

        return new[] { username, email, productName }.Contains(password, StringComparer.OrdinalIgnoreCase)
            ? new(member, UserFaultKind.TooObvious, "is the user name, the e-mail address or the product's name: write one that nobody would guess first.", [PasswordWeakness.Personal])
            : null;
    }

    /// <summary>The fault of a password of good form that is easy to guess, or null. Milliseconds.</summary>
    public static UserFault? CheckStrength(string password, IEnumerable<string?> personal)
    {
        var strength = PasswordStrength.Of(password, personal);
        return strength.IsEnough
            ? null
            : new(Parameters.Password, UserFaultKind.TooObvious, $"is easy to guess{Reasons(strength.Weaknesses)}: write several words that have nothing to do with each other.", strength.Weaknesses);
    }

    /// <summary>What others know about this person and this site.</summary>
    public static IEnumerable<string?> Personal(DeclaredUser user, string productName)
    {
        ArgumentNullException.ThrowIfNull(user);
        return [user.Username, user.Email, user.Name, user.GivenName, user.FamilyName, user.MiddleName, user.Nickname, user.Birthdate, user.PhoneNumber, productName];
    }

    /// <inheritdoc cref="Personal(DeclaredUser, string)"/>
    public static IEnumerable<string?> Personal(User user, string productName)
    {
        ArgumentNullException.ThrowIfNull(user);
        return [user.UserName, user.Email, user.Name, user.GivenName, user.FamilyName, user.MiddleName, user.Nickname, user.Birthdate, user.PhoneNumber, productName];
    }

    /// <inheritdoc cref="Personal(DeclaredUser, string)"/>
    public static IEnumerable<string?> Personal(UserClaims user, string productName)
    {
        ArgumentNullException.ThrowIfNull(user);
        return [user.Username, user.Email, user.Name, user.GivenName, user.FamilyName, user.MiddleName, user.Nickname, user.Birthdate, user.PhoneNumber, productName];
    }

    private static string Reasons(IReadOnlyList<PasswordWeakness> weaknesses) =>
        weaknesses.Count == 0 ? "" : $" (it holds {string.Join(", ", weaknesses.Select(Words))})";

    private static string Words(PasswordWeakness weakness) => weakness switch
    {
        PasswordWeakness.Personal => "a part of the person's name or address, or of the product's name",
        PasswordWeakness.Common => "a common word, name or password",
        PasswordWeakness.Keyboard => "keys that lie side by side",
        PasswordWeakness.Sequence => "a sequence such as 123 or abc",
        PasswordWeakness.Repeat => "a part that repeats itself",
        PasswordWeakness.Date => "a date or a year",
        _ => throw new ArgumentOutOfRangeException(nameof(weakness)),
    };
}
