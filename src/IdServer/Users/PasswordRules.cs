namespace IdServer.Users;

/// <summary>What a password must be: long, and not the obvious (NIST SP 800-63B §3.1.1.2). No rules of composition.</summary>
public static class PasswordRules
{
    public const int MinimumLength = 10;

    /// <summary>Enough for any passphrase, and a bound on what is hashed.</summary>
    public const int MaximumLength = 256;
}
