using System.Net;

namespace IdServer.Protocol.Users;

/// <summary>Checks a password for the password grant and for the login page, behind one brake on guessing (requirement 50).</summary>
public interface IPasswordVerifier
{
    /// <param name="login">A user name or an e-mail address.</param>
    /// <param name="source">Where the attempt comes from; counted together with the account.</param>
    /// <param name="device">SHA-256 of the secret of the browser it comes from, which may be a known device of the account and is then counted apart; null when there is none.</param>
    ValueTask<PasswordOutcome> VerifyAsync(string login, string password, IPAddress? source, byte[]? device, CancellationToken ct);
}

/// <summary>
/// Whether a password was right. Unknown account, wrong password and disabled account are one outcome, with one wording and one duration.
/// A braked attempt is refused at once: its password is not looked at, and the brake is the same for accounts that do not exist.
/// </summary>
/// <param name="Subject">The user, or null.</param>
/// <param name="RetryAfter">How long attempts for this account from this source will be refused, whatever the password; null when the brake is off.</param>
/// <param name="Overloaded">True when the password was not looked at, because too many are being hashed: answer 503 with <paramref name="RetryAfter"/>.</param>
public readonly record struct PasswordOutcome(string? Subject, TimeSpan? RetryAfter = null, bool Overloaded = false);
