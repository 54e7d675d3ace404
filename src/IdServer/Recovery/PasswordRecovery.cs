using System.Net;
using IdServer.Configuration;
using IdServer.Data.Users;
using IdServer.Mail;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Users;

namespace IdServer.Recovery;

/// <summary>Sets another password by the link that was sent to the account's address, once. Everything that was signed in until then ends. It signs nobody in.</summary>
public sealed class PasswordRecovery(
    OneTimeTokens tokens, PasswordResets resets, IUserClaimsSource users, PasswordHashing hashing, IGrantStore grants, AccountNotices notices, IProtocolEvents events, ServerSettings settings, TimeProvider time)
{
    private static readonly TimeSpan OverloadPause = TimeSpan.FromSeconds(2);

    /// <param name="handle">Of the link.</param>
    /// <returns>Whose link it is; null when it is not good (any more). Looking spends nothing.</returns>
    public async ValueTask<UserClaims?> FindAsync(string? handle, CancellationToken ct) =>
        await tokens.FindAsync(handle, PasswordResets.Purpose, ct) is { } token ? await OwnerAsync(token, ct) : null;

    /// <returns>Null when the link is not good any more.</returns>
    public async ValueTask<AccountOutcome?> ResetAsync(string? handle, string? password, IPAddress? source, CancellationToken ct)
    {
        if (await tokens.FindAsync(handle, PasswordResets.Purpose, ct) is not { } token || await OwnerAsync(token, ct) is not { } user)
        {
            return null;
        }

        if ((PasswordRules.Check(password, user.Username, user.Email, settings.ProductName) ?? PasswordRules.CheckStrength(password!, PasswordRules.Personal(user, settings.ProductName))) is { } fault)
        {
            return AccountOutcome.Refused(fault);
        }

        if (!hashing.TryHash(password!, out var hashed, ct))
        {
            return AccountOutcome.Wait(OverloadPause);
        }

        if (await resets.TryAsync(token, await hashed, ct) is not { } reset)
        {
            return null;
        }

        // A millisecond ago, so that the session that begins now is not among what ended.
        var now = time.GetUtcNow();
        await grants.EndAllOfSubjectAsync(user.Subject, now.AddMilliseconds(-1), ct);
        events.Raise(new ProtocolEvent(EventKind.PasswordChanged, Subject: user.Subject, Detail: reset.WasVerified ? "by mail" : "by mail, which verified the address", RemoteAddress: source));
        await notices.TellAsync(token.UserId, MailMessage.PasswordChanged(now), ct);
        return AccountOutcome.Of(token.UserId);
    }

    private async ValueTask<UserClaims?> OwnerAsync(OneTimeToken token, CancellationToken ct) =>
        await users.FindAsync(token.UserId.ToString(), ct) is { } user && user.Email == token.Address ? user : null;
}
