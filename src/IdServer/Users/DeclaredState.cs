using System.Security.Cryptography;
using System.Text;
using IdServer.Configuration;
using IdServer.Data.Admin;
using IdServer.Data.Users;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;

namespace IdServer.Users;

/// <summary>
/// Brings the database to what the configuration declares: clients and users are added or changed, never duplicated, and nothing is written when nothing differs.
/// What is no longer declared stays, since the command line or a person may have made it.
/// </summary>
public sealed partial class DeclaredState(
    ServerSettings settings, ClientAdmin clients, StoredUsers stored, ILookupNormalizer normalizer, IServiceScopeFactory scopes, PasswordHashing hashing, IGrantStore grants, IDataProtectionProvider protection, IProtocolEvents events, TimeProvider time, ILogger<DeclaredState> log)
{
    private const string Declared = "declared in the configuration";

    private readonly IDataProtector protector = protection.CreateProtector("IdServer.DeclaredPassword");

    /// <exception cref="ConfigurationFaultsException">A declared user has a login of another account, or a password that is easy to guess.</exception>
    public async Task ApplyAsync(CancellationToken ct)
    {
        foreach (var client in settings.Clients)
        {
            await clients.UpsertAsync(client, client.ClientSecret, ct);
        }

        string[] roles = [settings.Registration.Role, .. settings.Users.SelectMany(u => u.Roles ?? [])];
        if (await IsAppliedAsync(roles, ct))
        {
            return;
        }

        await using (var scope = scopes.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<UserTable>().EnsureRolesAsync(roles.Distinct(StringComparer.OrdinalIgnoreCase));
        }

        var faults = new List<string>();
        foreach (var (place, user) in settings.Users.Index())
        {
            await using var scope = scopes.CreateAsyncScope();
            foreach (var fault in await UpsertAsync(scope.ServiceProvider.GetRequiredService<UserTable>(), user, ct))
            {
                faults.Add($"IdServer:Users:{place} ({user.Username}): {fault.Member} {fault.Sentence}");
            }
        }

        if (faults.Count > 0)
        {
            throw new ConfigurationFaultsException(faults);
        }
    }

    // Identity and EF Core would know as well, but would have to be built first, on every start.
    private async Task<bool> IsAppliedAsync(string[] roles, CancellationToken ct)
    {
        var known = await stored.RolesAsync(ct);
        if (!roles.All(role => known.Contains(normalizer.NormalizeName(role))))
        {
            return false;
        }

        foreach (var declared in settings.Users)
        {
            if (await stored.FindAsync(normalizer.NormalizeName(declared.Username)!, ct) is not { } present
                || ProfileMembers.Apply(declared, present.User)
                || (declared.Roles is { } wanted && !wanted.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(present.Roles))
                || !IsMarkOf(present.User.DeclaredPassword, SHA256.HashData(Encoding.UTF8.GetBytes(declared.Password!))))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsMarkOf(string? mark, byte[] digest)
    {
        try
        {
            return mark is not null && CryptographicOperations.FixedTimeEquals(protector.Unprotect(Convert.FromBase64String(mark)), digest);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return false; // IsNewPasswordAsync decides what that means
        }
    }

    private async Task<IReadOnlyList<UserFault>> UpsertAsync(UserTable table, DeclaredUser declared, CancellationToken ct)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(declared.Password!));
        var user = await table.FindByUsernameAsync(declared.Username!);
        if (await table.FindTakenAsync(declared, user?.Id, ct) is { Length: > 0 } taken)
        {
            return taken;
        }

        var isNewPassword = user is null || await IsNewPasswordAsync(user, declared.Password!, digest, ct);
        if (isNewPassword && PasswordRules.CheckStrength(declared.Password!, PasswordRules.Personal(declared, settings.ProductName)) is { } weak)
        {
            return [weak];
        }

        if (user is null)
        {
            var added = declared with { Roles = declared.Roles ?? [settings.Registration.Role] };
            var outcome = await table.InsertAsync(added, await HashAsync(declared.Password!, ct), Mark(digest), ct);
            if (outcome.Subject is not null)
            {
                events.Raise(new ProtocolEvent(EventKind.UserRegistered, Subject: outcome.Subject, Detail: Declared));
            }

            return outcome.Faults;
        }

        if (isNewPassword)
        {
            // First, so that a start that dies between the two ends them again; nobody is served yet.
            await grants.EndAllOfSubjectAsync(user.Id.ToString(), time.GetUtcNow(), ct);
            user.PasswordHash = await HashAsync(declared.Password!, ct);
            user.DeclaredPassword = Mark(digest);
        }

        ProfileMembers.Apply(declared, user);
        await table.SaveAsync(user, declared.Roles, ct);
        if (isNewPassword)
        {
            events.Raise(new ProtocolEvent(EventKind.PasswordChanged, Subject: user.Id.ToString(), Detail: Declared));
        }

        return [];
    }

    // Whether the configuration has changed its mind since it last set the password. What the person has chosen since then survives.
    private async Task<bool> IsNewPasswordAsync(User user, string password, byte[] digest, CancellationToken ct)
    {
        if (user.DeclaredPassword is null)
        {
            return true; // an account that was not declared until now
        }

        try
        {
            return !CryptographicOperations.FixedTimeEquals(protector.Unprotect(Convert.FromBase64String(user.DeclaredPassword)), digest);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            // The Data Protection keys are lost. A password that differs is more likely the person's own than a new declaration, and must not fall back to an old one.
            if (await Verify(user.PasswordHash, password, ct) == PasswordVerificationResult.Failed)
            {
                LogKept(user.UserName);
            }

            user.DeclaredPassword = Mark(digest);
            return false;
        }
    }

    private string Mark(byte[] digest) => Convert.ToBase64String(protector.Protect(digest));

    private Task<string> HashAsync(string password, CancellationToken ct) => hashing.TryHash(password, out var hash, ct) ? hash : throw Overloaded();

    private Task<PasswordVerificationResult> Verify(string? hash, string password, CancellationToken ct) => hashing.TryVerify(hash, password, out var result, ct) ? result : throw Overloaded();

    private static InvalidOperationException Overloaded() => new("Passwords are being hashed for others already: apply what is declared before the server listens.");

    [LoggerMessage(1310, LogLevel.Warning, "The mark of the declared password of {Username} cannot be read: the account keeps the password it has. Declare another one to set it.")]
    private partial void LogKept(string? username);
}
