using IdServer.Tokens.Registries;

namespace IdServer.Users;

/// <summary>What a password must be: long, and not the obvious (NIST SP 800-63B §3.1.1.2). No rules of composition.</summary>
public static class PasswordRules
{
    public const int MinimumLength = 10;

    /// <summary>Enough for any passphrase, and a bound on what is hashed.</summary>
    public const int MaximumLength = 256;

    /// <summary>The fault of a password, or null when it is acceptable.</summary>
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
            ? new(member, UserFaultKind.TooObvious, "is the user name, the e-mail address or the product's name: write one that nobody would guess first.")
            : null;
    }
}
