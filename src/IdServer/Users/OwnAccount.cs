using System.Net;
using IdServer.Mail;
using IdServer.Protocol.Events;

namespace IdServer.Users;

/// <summary>What people change about their own account on the pages under <c>/manage</c>, which have made sure that it is theirs.</summary>
public sealed class OwnAccount(IServiceScopeFactory scopes, Accounts accounts, AccountNotices notices, IProtocolEvents events, TimeProvider time)
{
    /// <summary>Replaces the profile: what is not written goes. Logins, roles and what is verified stay, except for a telephone number that is another one now.</summary>
    /// <returns>The faults that kept it from being saved.</returns>
    public async ValueTask<IReadOnlyList<UserFault>> ChangeProfileAsync(string subject, DeclaredUser profile, IPAddress? source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(profile);
        if (UserRules.CheckProfile(profile).ToArray() is { Length: > 0 } faults)
        {
            return faults;
        }

        await using var scope = scopes.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<UserTable>();
        var user = await table.FindBySubjectAsync(subject) ?? throw new InvalidOperationException("The account was there a moment ago.");
        var written = profile with { Username = null, Email = null, EmailVerified = null, PhoneNumberVerified = profile.PhoneNumber == user.PhoneNumber ? null : false };
        ProfileMembers.Apply(written, user, isWhole: true);
        if (await table.SaveAsync(user, null, ct))
        {
            events.Raise(new ProtocolEvent(EventKind.ProfileChanged, Subject: subject, RemoteAddress: source));
        }

        return [];
    }

    /// <summary>Sets another password. Every session, grant and token ends, and every link that was sent by mail; the person is told.</summary>
    public async ValueTask<AccountOutcome> ChangePasswordAsync(Guid userId, string username, string password, CancellationToken ct)
    {
        var outcome = await accounts.SetPasswordAsync(username, password, ct);
        if (outcome.Subject is not null)
        {
            await notices.TellAsync(userId, MailMessage.PasswordChanged(time.GetUtcNow()), ct);
        }

        return outcome;
    }
}
