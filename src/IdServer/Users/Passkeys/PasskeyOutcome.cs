namespace IdServer.Users.Passkeys;

/// <summary>What an authenticator's answer was worth.</summary>
/// <param name="Subject">Whose passkey it is.</param>
/// <param name="Amr">What it proves (RFC 8176 §2).</param>
/// <param name="RetryAfter">Set when nothing was looked at, because too many answers from this source were wrong.</param>
public sealed record PasskeyOutcome(string? Subject, IReadOnlyList<string> Amr, PasskeyFault? Fault = null, TimeSpan? RetryAfter = null)
{
    internal static PasskeyOutcome Of(string subject, IReadOnlyList<string> amr) => new(subject, amr);

    internal static PasskeyOutcome Refused(PasskeyFault fault, TimeSpan? retryAfter = null) => new(null, [], fault, retryAfter);
}

/// <summary>Why a passkey was not accepted, as far as people are told.</summary>
public enum PasskeyFault
{
    /// <summary>It belongs to no account, or did not prove itself: one answer for everything.</summary>
    Refused,

    /// <summary>The challenge is too old, spent, or was another browser's: ask again.</summary>
    Stale,

    /// <summary>Too many failures.</summary>
    Wait,

    /// <summary>The account has <see cref="AccountPasskeys.Most"/> already.</summary>
    TooMany,

    /// <summary>It is the last way in.</summary>
    LastWayIn,
}
