namespace IdServer.Users;

/// <summary>One thing that keeps an account from being made or changed.</summary>
/// <param name="Member">The member of <see cref="DeclaredUser"/> it is about.</param>
/// <param name="Kind">For pages, which have words of their own in every language.</param>
/// <param name="Sentence">Continues the member's name and says what to write instead; never holds the password.</param>
/// <param name="Weaknesses">Of a password that is <see cref="UserFaultKind.TooObvious"/>.</param>
public readonly record struct UserFault(string Member, UserFaultKind Kind, string Sentence, IReadOnlyList<PasswordWeakness>? Weaknesses = null);

/// <summary>What is wrong with a member.</summary>
public enum UserFaultKind
{
    Missing,
    Malformed,

    /// <summary>Another account has it.</summary>
    Taken,

    /// <summary>No account has it.</summary>
    Unknown,
    TooShort,
    TooLong,

    /// <summary>A password that would be guessed early.</summary>
    TooObvious,
}
