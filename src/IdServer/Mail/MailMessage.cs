namespace IdServer.Mail;

/// <summary>
/// What is to be said by mail; <see cref="MailWriter"/> has the words. Nothing in it was written by a stranger but what a program or a page has checked: an address, a browser's name.
/// </summary>
public sealed record MailMessage
{
    private MailMessage(MailKind kind) => Kind = kind;

    public MailKind Kind { get; }

    /// <summary>Where its button goes: an absolute address.</summary>
    public string? Link { get; private init; }

    /// <summary>How long the link is good.</summary>
    public TimeSpan? ValidFor { get; private init; }

    /// <summary>When it happened, or will.</summary>
    public DateTimeOffset? At { get; private init; }

    /// <summary>Facts besides the time, each under the last word of its text <c>Mail.Fact.*</c>.</summary>
    internal IReadOnlyList<(string Name, string Value)> Facts { get; private init; } = [];

    /// <summary>A fact that has words in every language: the key of its text.</summary>
    internal string? Change { get; private init; }

    /// <summary>To a new account: the address is yours?</summary>
    public static MailMessage VerifyAddress(string url, TimeSpan validFor) => new(MailKind.VerifyAddress) { Link = url, ValidFor = validFor };

    /// <summary>To the owner of an account, when somebody registers with its address: there is an account already.</summary>
    /// <param name="url">Where to sign in.</param>
    public static MailMessage AlreadyRegistered(string url) => new(MailKind.AlreadyRegistered) { Link = url };

    public static MailMessage ResetPassword(string url, TimeSpan validFor) => new(MailKind.ResetPassword) { Link = url, ValidFor = validFor };

    /// <summary>Somebody wanted to reset the password of an account with this address, and there is none.</summary>
    public static MailMessage NoAccount() => new(MailKind.NoAccount);

    /// <summary>To the new address of an account: it counts when the link has been opened.</summary>
    public static MailMessage ChangeAddress(string url, TimeSpan validFor) => new(MailKind.ChangeAddress) { Link = url, ValidFor = validFor };

    /// <summary>To the owner of an account, who wants to sign in to it at another provider: the account is yours?</summary>
    /// <param name="provider">The name people know it by.</param>
    public static MailMessage LinkLogin(string provider, string url, TimeSpan validFor) => new(MailKind.LinkLogin) { Link = url, ValidFor = validFor, Facts = [("Provider", provider)] };

    /// <summary>To the old address.</summary>
    public static MailMessage AddressChanged(string newAddress) => new(MailKind.AddressChanged) { Facts = [("NewAddress", newAddress)] };

    public static MailMessage PasswordChanged(DateTimeOffset at) => new(MailKind.PasswordChanged) { At = at };

    /// <param name="device">Such as "Firefox, Linux"; empty when it did not say.</param>
    /// <param name="place">Such as its address.</param>
    public static MailMessage NewDevice(string device, string place, DateTimeOffset at) => new(MailKind.NewDevice) { At = at, Facts = [("Device", device), ("Place", place)] };

    public static MailMessage SecondFactorChanged(SecondFactorChange change, DateTimeOffset at) => new(MailKind.SecondFactorChanged) { At = at, Change = $"Mail.SecondFactor.{change}" };

    /// <param name="provider">The name people know it by.</param>
    public static MailMessage LoginLinked(string provider, DateTimeOffset at) => new(MailKind.LoginLinked) { At = at, Facts = [("Provider", provider)] };

    /// <inheritdoc cref="LoginLinked"/>
    public static MailMessage LoginUnlinked(string provider, DateTimeOffset at) => new(MailKind.LoginUnlinked) { At = at, Facts = [("Provider", provider)] };

    public static MailMessage PasskeyChanged(PasskeyChange change, DateTimeOffset at) => new(MailKind.PasskeyChanged) { At = at, Change = $"Mail.Passkey.{change}" };

    public static MailMessage DeletionScheduled(DateTimeOffset when) => new(MailKind.DeletionScheduled) { At = when };
}

/// <summary>What a mail is about; the texts of one are <c>Mail.{Kind}.*</c>.</summary>
public enum MailKind
{
    VerifyAddress,
    AlreadyRegistered,
    ResetPassword,
    NoAccount,
    ChangeAddress,
    LinkLogin,
    AddressChanged,
    PasswordChanged,
    NewDevice,
    SecondFactorChanged,
    LoginLinked,
    LoginUnlinked,
    PasskeyChanged,
    DeletionScheduled,
}

/// <summary>What happened to a person's second factor.</summary>
public enum SecondFactorChange
{
    AppAdded,
    AppRemoved,
    CodesRenewed,
    CodeUsed,
}

/// <summary>What happened to one of a person's passkeys.</summary>
public enum PasskeyChange
{
    Added,
    Renamed,
    Removed,
}
