using System.Net;
using IdServer.Data.Users;
using IdServer.Mail;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;

namespace IdServer.Users;

/// <summary>Checks what a person enters as the second factor, behind a brake of its own, and changes what there is of it. Whatever changes it is told to the person by mail.</summary>
public sealed class SecondFactors(Authenticators apps, RecoveryCodes codes, CodeBrake brake, ISessionStore sessions, AccountNotices notices, IProtocolEvents events, TimeProvider time)
{
    /// <summary>Uses up a code of the app, or a recovery code.</summary>
    /// <param name="device">The row of <see cref="KnownDevices"/> for this person and browser, which is counted apart; null for a stranger.</param>
    public async ValueTask<CodeOutcome> VerifyAsync(Guid userId, string typed, bool isRecoveryCode, IPAddress? source, Guid? device, CancellationToken ct)
    {
        var subject = userId.ToString();
        using var attempt = await brake.EnterAsync(subject, source, device, ct);
        if (attempt.RetryAfter is { } wait)
        {
            return Refuse("brake, second factor", wait);
        }

        if (!(isRecoveryCode ? await codes.TryUseAsync(userId, typed, ct) : await apps.TryUseAsync(userId, typed, ct)))
        {
            return Refuse(isRecoveryCode ? "wrong recovery code" : "wrong code", attempt.Fail());
        }

        attempt.Succeed();
        if (isRecoveryCode)
        {
            await TellAsync(userId, SecondFactorChange.CodeUsed, source, ct);
        }

        return new CodeOutcome(IsRight: true);

        CodeOutcome Refuse(string reason, TimeSpan? retryAfter)
        {
            events.Raise(new ProtocolEvent(EventKind.SignInFailed, Subject: subject, Detail: reason, RemoteAddress: source));
            return new CodeOutcome(IsRight: false, retryAfter);
        }
    }

    /// <summary>From now on sign-ins of this person ask for a code.</summary>
    /// <param name="code">Of the app: proves that it has the secret.</param>
    /// <returns>The recovery codes; null when the code is wrong or there is an app already.</returns>
    public async ValueTask<IReadOnlyList<string>?> AddAppAsync(Guid userId, byte[] secret, string code, IPAddress? source, CancellationToken ct)
    {
        if (!await apps.TryAddAsync(userId, secret, code, ct))
        {
            return null;
        }

        await TellAsync(userId, SecondFactorChange.AppAdded, source, ct);
        return await codes.ReplaceAsync(userId, ct);
    }

    /// <summary>
    /// Sign-ins of this person ask for no code any more. Recovery codes and trust in devices end with it, and every other session in which a code was entered: whoever has the phone
    /// now may have been who entered it, and would count as having proved a second factor for good.
    /// </summary>
    /// <param name="here">The session that goes on.</param>
    public async ValueTask RemoveAppAsync(Guid userId, Guid? here, IPAddress? source, CancellationToken ct)
    {
        if (await apps.RemoveAsync(userId, ct))
        {
            var (subject, now) = (userId.ToString(), time.GetUtcNow());
            foreach (var session in (await sessions.ListAsync(subject, now, ct)).Where(s => s.Id != here && s.Amr.Contains(AuthenticationMethods.OneTimePassword)))
            {
                await sessions.EndAsync(session.Id, now, ct);
                events.Raise(new ProtocolEvent(EventKind.SessionEnded, Subject: subject, Detail: "second factor removed", RemoteAddress: source, SessionId: session.Id));
            }

            await TellAsync(userId, SecondFactorChange.AppRemoved, source, ct);
        }
    }

    /// <summary>A new set, which ends the one before.</summary>
    public async ValueTask<IReadOnlyList<string>> RenewCodesAsync(Guid userId, IPAddress? source, CancellationToken ct)
    {
        await TellAsync(userId, SecondFactorChange.CodesRenewed, source, ct);
        return await codes.ReplaceAsync(userId, ct);
    }

    private async ValueTask TellAsync(Guid userId, SecondFactorChange change, IPAddress? source, CancellationToken ct)
    {
        events.Raise(new ProtocolEvent(EventKind.SecondFactorChanged, Subject: userId.ToString(), Detail: change.ToString(), RemoteAddress: source));
        await notices.TellAsync(userId, MailMessage.SecondFactorChanged(change, time.GetUtcNow()), ct);
    }
}

/// <summary>What came of a code.</summary>
/// <param name="RetryAfter">How long codes for this person will be refused from here; null when they will not.</param>
public readonly record struct CodeOutcome(bool IsRight, TimeSpan? RetryAfter = null);
