namespace IdServer.Users;

/// <summary>One thing that keeps an account from being made or changed.</summary>
/// <param name="Member">The member of <see cref="DeclaredUser"/> it is about.</param>
/// <param name="Kind">For pages, which have words of their own in every language.</param>
/// <param name="Sentence">Continues the member's name and says what to write instead; never holds the password.</param>
public readonly record struct UserFault(string Member, UserFaultKind Kind, string Sentence);

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

    /// <summary>A password that is the user name, the e-mail address or the product's name.</summary>
    TooObvious,
}
