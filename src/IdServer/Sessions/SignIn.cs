using IdServer.Data.Users;
using IdServer.Pages;
using IdServer.Protocol.Events;
using IdServer.Tokens.Registries;
using IdServer.Upstream;

namespace IdServer.Sessions;

/// <summary>
/// The one door: every way of signing in ends here, and nothing else begins a session. A disabled account is turned away, an account with a second factor owes it
/// unless the person trusts this device, an account that was to be deleted stays, and the device is the person's from now on.
/// </summary>
public sealed class SignIn(SessionCookie sessions, PendingSignIn pending, AccountStates accounts, Devices devices, Notices notices, IProtocolEvents events, TimeProvider time)
{
    private static readonly string[] FirstFactors = [AuthenticationMethods.Password, AuthenticationMethods.Federated];
    private static readonly string[] Possession = [AuthenticationMethods.OneTimePassword, AuthenticationMethods.HardwareKey, AuthenticationMethods.SoftwareKey];

    /// <param name="subject">Whose account was proved.</param>
    /// <param name="amr">What has just been proved, in the values of RFC 8176: all of it, when a second factor completes a sign-in. A code alone proves nobody.</param>
    /// <param name="since">A moment before any of it was looked at: what ends everything of the person from then on ends this sign-in too, however long it takes.</param>
    /// <param name="trustsDevice">Whether this browser is to count as the second factor from now on, which is for a sign-in to say that has just proved one.</param>
    /// <param name="login">What the caller links once the person is signed in; whoever owes a second factor has it linked after that.</param>
    public async ValueTask<SignInOutcome> CompleteAsync(HttpContext context, string subject, IReadOnlyList<string> amr, DateTimeOffset since, CancellationToken ct, bool trustsDevice = false, PendingLink? login = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        var userId = Guid.Parse(subject);
        if (await accounts.FindAsync(userId, ct) is not { IsDisabled: false } account)
        {
            return SignInOutcome.Refused;
        }

        // What the living session of the same person has proved counts on: only what is missing is asked for.
        var living = sessions.Read(context) is { } session && session.Subject == subject ? session : null;
        if (living is null && !amr.Any(IsFirst)) // the session that a code was added to has ended meanwhile
        {
            return SignInOutcome.Refused;
        }

        var proved = Proved([.. living?.Amr ?? [], .. amr]);
        if (account.HasSecondFactor && !proved.Contains(AuthenticationMethods.SeveralFactors) && !await IsTrustedAsync(context, userId, ct))
        {
            pending.Remember(context, subject, amr, since, login);
            return SignInOutcome.NeedsSecondFactor;
        }

        pending.Forget(context);
        if (account.DeletesAt is not null)
        {
            await accounts.KeepAsync(userId, ct);
            notices.Say(context, Notices.AccountKept);
        }

        // A second factor alone does not make the first one fresh: auth_time is when that was entered.
        var authTime = living is not null && !amr.Any(IsFirst) ? living.AuthTime : time.GetUtcNow();

        // NIST SP 800-63B §2.2.3: within a session that lives, one factor is asked for again. The one that is carried on counts no longer than that session would have.
        var carries = proved.Contains(AuthenticationMethods.SeveralFactors) && !Proved([.. amr]).Contains(AuthenticationMethods.SeveralFactors);
        var device = await devices.RememberAsync(context, userId, ct);
        if (trustsDevice)
        {
            await devices.TrustAsync(device, ct);
        }

        await sessions.SignInAsync(context, subject, proved, ContextOf(proved), authTime, since, carries ? living?.ExpiresAt : null, device.Id, ct);
        events.Raise(new ProtocolEvent(EventKind.SignedIn, Subject: subject, Detail: string.Join(' ', amr), RemoteAddress: context.Connection.RemoteIpAddress));
        return SignInOutcome.SignedIn;

        // A passkey that verified the person is both factors at once.
        bool IsFirst(string method) => FirstFactors.Contains(method) || (method == AuthenticationMethods.SeveralFactors && !amr.Contains(AuthenticationMethods.OneTimePassword));
    }

    // Such a device is let in and proves nothing: amr and acr say what was proved, and who asks for two factors gets them.
    private async ValueTask<bool> IsTrustedAsync(HttpContext context, Guid userId, CancellationToken ct) =>
        await devices.FindAsync(context, userId, ct) is { TrustedUntil: { } until } && until > time.GetUtcNow();

    private static string[] Proved(string[] methods)
    {
        var isBoth = methods.Contains(AuthenticationMethods.SeveralFactors) || (methods.Any(FirstFactors.Contains) && methods.Any(Possession.Contains));
        return [.. methods.Where(m => m != AuthenticationMethods.SeveralFactors).Distinct(), .. isBoth ? [AuthenticationMethods.SeveralFactors] : Array.Empty<string>()];
    }

    private static string ContextOf(string[] proved) =>
        proved.Contains(AuthenticationMethods.SeveralFactors) ? AuthenticationContexts.SeveralFactors
        : proved.Contains(AuthenticationMethods.Password) ? AuthenticationContexts.Password
        : AuthenticationContexts.Federated;
}

/// <summary>What came of proving a factor.</summary>
public enum SignInOutcome
{
    SignedIn,

    /// <summary>Nobody is signed in yet: the person goes to the page that asks for the second factor.</summary>
    NeedsSecondFactor,

    /// <summary>The account may not sign in.</summary>
    Refused,
}
