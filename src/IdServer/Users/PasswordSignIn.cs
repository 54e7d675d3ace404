using System.Net;
using IdServer.Data.Users;
using IdServer.Protocol.Events;
using IdServer.Protocol.Users;
using Microsoft.AspNetCore.Identity;

namespace IdServer.Users;

/// <summary>
/// Checks a user name or e-mail address and a password, behind the brake. An unknown account costs the same hash as a known one; a braked attempt
/// costs none and is refused at once, whether the account exists or not. A device that has signed in to the account before is braked apart from strangers.
/// </summary>
public sealed class PasswordSignIn(StoredPasswords passwords, ILookupNormalizer normalizer, PasswordHashing hashing, SignInBrake brake, KnownDevices devices, IProtocolEvents events) : IPasswordVerifier
{
    private static readonly TimeSpan OverloadPause = TimeSpan.FromSeconds(2);

    public async ValueTask<PasswordOutcome> VerifyAsync(string login, string password, IPAddress? source, byte[]? device, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(login);
        ArgumentNullException.ThrowIfNull(password);
        if (login.Length > UserRules.LongestLogin)
        {
            login = login[..UserRules.LongestLogin]; // no account has one so long; what is counted stays small
        }

        var normalized = normalizer.NormalizeName(login);
        var known = device is null ? null : await devices.FindIdAsync(device, normalized, ct);
        using var attempt = await brake.EnterAsync(normalized, source, known, ct);
        if (attempt.RetryAfter is { } wait)
        {
            return attempt.IsCrowdedOut ? new(null, wait, Overloaded: true) : Refuse("brake", stored: null, source, wait);
        }

        var stored = await passwords.FindAsync(normalized, ct);
        if (!hashing.TryVerify(stored?.Hash, password, out var verification, ct))
        {
            return new(null, OverloadPause, Overloaded: true);
        }

        var result = await verification;
        if (stored is null || stored.IsDisabled || result == PasswordVerificationResult.Failed)
        {
            return Refuse(stored is null ? "unknown account" : result == PasswordVerificationResult.Failed ? "wrong password" : "disabled account", stored, source, attempt.Fail());
        }

        // While the hash was computed the password may have been changed or the account disabled, which ends everything begun until then; this would begin after it.
        if (await passwords.FindAsync(normalized, ct) != stored)
        {
            return Refuse("changed meanwhile", stored, source, attempt.Fail());
        }

        attempt.Succeed();
        if (result == PasswordVerificationResult.SuccessRehashNeeded && hashing.TryHash(password, out var hashed, ct)) // under load it waits for another sign-in
        {
            await passwords.RenewAsync(stored, await hashed, ct);
        }

        return new(stored.UserId.ToString());
    }

    // Never with what was typed as the login: it may be the password.
    private PasswordOutcome Refuse(string reason, StoredPassword? stored, IPAddress? source, TimeSpan? wait)
    {
        events.Raise(new ProtocolEvent(EventKind.SignInFailed, Subject: stored?.UserId.ToString(), Detail: reason, RemoteAddress: source));
        return new(null, wait);
    }
}
