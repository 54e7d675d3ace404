using System.Net;
using System.Security.Cryptography;
using System.Text;
using IdServer.Data.Users;
using IdServer.Mail;
using IdServer.Protocol.Events;
using IdServer.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace IdServer.Upstream;

/// <summary>Accounts by their logins at other providers, kept in Identity's user logins: an issuer and a subject belong to one account.</summary>
public sealed class UpstreamAccounts(IServiceScopeFactory scopes, ILookupNormalizer normalizer, UpstreamProviders providers, AccountNotices notices, IProtocolEvents events, TimeProvider time)
{
    private const int LongestKey = 128; // of the table

    /// <summary>The account that this login signs in to.</summary>
    public async ValueTask<UpstreamAccount?> FindAsync(string issuer, string subject, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        return Of(await scope.ServiceProvider.GetRequiredService<UserTable>().FindByLoginAsync(issuer, KeyOf(subject)), null);
    }

    /// <summary>The account with this user name or address, verified or not.</summary>
    public async ValueTask<UpstreamAccount?> FindByAddressAsync(string email, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var normalized = normalizer.NormalizeEmail(email);
        return Of(await scope.ServiceProvider.GetRequiredService<UserTable>().FindAsync(normalized, ct), normalized);
    }

    /// <summary>What the person can prove an account with: its user name if it has a password, and the issuers of its logins. Null when the account is gone, disabled, or has the address no more.</summary>
    public async ValueTask<AccountProofs?> FindProofsAsync(PendingLink link, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(link);
        await using var scope = scopes.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<UserTable>();
        return await FindTargetAsync(table, link) is { } user
            ? new AccountProofs(user.PasswordHash is null ? null : user.UserName, [.. (await table.LoginsAsync(user)).Select(login => login.LoginProvider)])
            : null;
    }

    /// <summary>Makes an account with this login. Of parallel calls one makes it, and all get it.</summary>
    /// <param name="ownsAddress">False when another account has the address: then this one has none.</param>
    /// <returns>Its subject.</returns>
    public async ValueTask<string> CreateAsync(UpstreamProvider provider, UpstreamIdentity identity, bool ownsAddress, IPAddress? source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(identity);
        var email = ownsAddress ? identity.Email : null;
        var user = new DeclaredUser
        {
            Username = email ?? $"{provider.Key}-{WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(9))}",
            Email = email,
            EmailVerified = email is not null,
            Name = identity.Name,
            GivenName = identity.GivenName,
            FamilyName = identity.FamilyName,
            Nickname = identity.Login,
            Picture = identity.Picture,
            Roles = [provider.Role],
        };
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            var outcome = await scope.ServiceProvider.GetRequiredService<UserTable>().InsertAsync(user, passwordHash: null, declaredPassword: null, ct, LoginOf(provider, identity.Subject));
            if (outcome.Subject is { } subject)
            {
                events.Raise(new ProtocolEvent(EventKind.UserRegistered, Subject: subject, Detail: provider.Name, RemoteAddress: source));
                return subject;
            }
        }
        catch (DbUpdateException)
        {
            // The login, or nothing that is known: see below.
        }

        // Somebody was faster: the same person in another tab, or the address was taken a moment ago. An address that was taken is not this account's.
        return (await FindAsync(provider.Issuer, identity.Subject, ct))?.Subject
            ?? (email is not null ? await CreateAsync(provider, identity, ownsAddress: false, source, ct) : throw new InvalidOperationException("An account with a new login could not be saved."));
    }

    /// <summary>Adds a login to the account, whose owner the caller has seen proved.</summary>
    /// <returns>False when the account has the address no more, may not sign in, or the login belongs to another.</returns>
    public async ValueTask<bool> LinkAsync(PendingLink link, IPAddress? source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(link);
        await using var scope = scopes.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<UserTable>();
        if (await FindTargetAsync(table, link) is not { } user || !await table.TryAddLoginAsync(user, new UserLoginInfo(link.Issuer, KeyOf(link.Subject), link.ProviderKey)))
        {
            return false;
        }

        await TellAsync(link.AccountSubject, link.ProviderKey, providers.Find(link.ProviderKey)?.DisplayName ?? link.ProviderKey, source, ct);
        return true;
    }

    /// <summary>Removes a login from the account of somebody who is signed in. The last way in stays.</summary>
    /// <param name="key">As it is stored (<see cref="LinkedLogin.Key"/>).</param>
    /// <returns>False when it is still there.</returns>
    public async ValueTask<bool> UnlinkAsync(string accountSubject, string issuer, string key, IPAddress? source, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var (table, ways) = (scope.ServiceProvider.GetRequiredService<UserTable>(), scope.ServiceProvider.GetRequiredService<WaysIn>());
        if (await table.FindBySubjectAsync(accountSubject) is not { } user || (await table.LoginsAsync(user)).FirstOrDefault(l => l.LoginProvider == issuer && l.ProviderKey == key) is not { } login)
        {
            return true;
        }

        if ((ways.Counts(issuer) && await ways.IsLastAsync(user, ct)) || !await table.TryRemoveLoginAsync(user, login))
        {
            return false;
        }

        var provider = providers.All.FirstOrDefault(p => p.Issuer == issuer);
        events.Raise(new ProtocolEvent(EventKind.LoginUnlinked, Subject: accountSubject, Detail: provider?.Key ?? issuer, RemoteAddress: source));
        await notices.TellAsync(user.Id, MailMessage.LoginUnlinked(provider?.DisplayName ?? issuer, time.GetUtcNow()), ct);
        return true;
    }

    /// <summary>Adds a login to the account of whoever is signed in.</summary>
    /// <returns>False when it belongs to another account, or this one may not sign in any more.</returns>
    public async ValueTask<bool> LinkOwnAsync(UpstreamProvider provider, string subjectThere, string subject, IPAddress? source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(provider);
        await using var scope = scopes.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<UserTable>();
        if (await table.FindBySubjectAsync(subject) is not { DisabledAt: null } user || !await table.TryAddLoginAsync(user, LoginOf(provider, subjectThere)))
        {
            return false;
        }

        await TellAsync(subject, provider.Key, provider.DisplayName, source, ct);
        return true;
    }

    private async ValueTask TellAsync(string subject, string key, string name, IPAddress? source, CancellationToken ct)
    {
        events.Raise(new ProtocolEvent(EventKind.LoginLinked, Subject: subject, Detail: key, RemoteAddress: source));
        await notices.TellAsync(Guid.Parse(subject), MailMessage.LoginLinked(name, time.GetUtcNow()), ct);
    }

    private async ValueTask<User?> FindTargetAsync(UserTable table, PendingLink link) =>
        await table.FindBySubjectAsync(link.AccountSubject) is { DisabledAt: null, EmailConfirmed: true } user && user.NormalizedEmail == normalizer.NormalizeEmail(link.Email) ? user : null;

    private static UpstreamAccount? Of(User? user, string? normalizedEmail) =>
        user is null ? null : new UpstreamAccount(user.Id.ToString(), user.DisabledAt is not null, user.EmailConfirmed && normalizedEmail is not null && user.NormalizedEmail == normalizedEmail);

    private static UserLoginInfo LoginOf(UpstreamProvider provider, string subject) => new(provider.Issuer, KeyOf(subject), provider.Key);

    // A subject may have 255 characters (OIDC Core §2), the column has 128.
    private static string KeyOf(string subject) => subject.Length <= LongestKey ? subject : "sha256." + WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.UTF8.GetBytes(subject)));
}

/// <summary>An account, as far as sign-in at other providers needs to know it.</summary>
/// <param name="HasVerified">Whether the address that was asked for is its own, and verified.</param>
public sealed record UpstreamAccount(string Subject, bool IsDisabled, bool HasVerified);

/// <summary>How the owner of an account can be known.</summary>
/// <param name="Username">Null when there is no password.</param>
/// <param name="Issuers">Of the providers it is linked with.</param>
public sealed record AccountProofs(string? Username, IReadOnlyList<string> Issuers);
