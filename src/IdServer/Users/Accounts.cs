using System.Net;
using IdServer.Configuration;
using IdServer.Data.Users;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;
using IdServer.Users.Passkeys;
using Microsoft.AspNetCore.Identity;

namespace IdServer.Users;

/// <summary>
/// Making and changing accounts. User names and e-mail addresses are one namespace, without regard to case: no login ever fits two accounts.
/// Whoever is disabled or gets a new password loses every session, grant and token issued until then; with a new password every link that was sent by mail ends too.
/// </summary>
public sealed class Accounts
{
    private static readonly TimeSpan OverloadPause = TimeSpan.FromSeconds(2);

    private readonly IServiceScopeFactory scopes;
    private readonly ILookupNormalizer normalizer;
    private readonly PasswordHashing hashing;
    private readonly IGrantStore grants;
    private readonly OneTimeTokens tokens;
    private readonly IProtocolEvents events;
    private readonly ServerSettings settings;
    private readonly TimeProvider time;
    private readonly FailureBudgets<IPAddress> registrations;

    public Accounts(IServiceScopeFactory scopes, ILookupNormalizer normalizer, PasswordHashing hashing, IGrantStore grants, OneTimeTokens tokens, IProtocolEvents events, ServerSettings settings, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(settings);
        this.scopes = scopes;
        this.normalizer = normalizer;
        this.hashing = hashing;
        this.grants = grants;
        this.tokens = tokens;
        this.events = events;
        this.settings = settings;
        this.time = time;
        var hour = TimeSpan.FromHours(1);
        registrations = new(new BudgetRule(settings.RateLimits.RegistrationsPerHour, hour, hour, hour, IsWindow: true), time);
    }

    /// <summary>A stranger makes an account: with the role of registration, and not more often than <see cref="RateLimitSettings.RegistrationsPerHour"/> allows.</summary>
    public ValueTask<AccountOutcome> RegisterAsync(DeclaredUser user, IPAddress? source, CancellationToken ct) => RegisterAsync(user, passkey: null, source, ct);

    /// <param name="passkey">Instead of a password.</param>
    internal async ValueTask<AccountOutcome> RegisterAsync(DeclaredUser user, MadePasskey? passkey, IPAddress? source, CancellationToken ct)
    {
        var (budget, answer) = await registrations.EnterAsync(SourceNetwork.Of(source), ct);
        if (budget is null)
        {
            return AccountOutcome.Wait(answer.RetryAfter);
        }

        var made = false;
        try
        {
            var outcome = await AddAsync(user with { Roles = null, EmailVerified = null, PhoneNumberVerified = null }, passkey, clientId: null, source, ct);
            made = outcome.Subject is not null;
            return outcome;
        }
        finally
        {
            budget.Leave(made ? Attempt.Failed : Attempt.Abandoned, time.GetUtcNow()); // what this budget runs out of is accounts made
        }
    }

    /// <summary>Makes an account. Without a user name the e-mail address is one; without roles it gets the role of registration.</summary>
    public ValueTask<AccountOutcome> AddAsync(DeclaredUser user, CancellationToken ct) => AddAsync(user, clientId: null, source: null, ct);

    /// <inheritdoc cref="AddAsync(DeclaredUser, CancellationToken)"/>
    /// <param name="clientId">The client that makes it; for the audit trail, as is <paramref name="source"/>.</param>
    public ValueTask<AccountOutcome> AddAsync(DeclaredUser user, string? clientId, IPAddress? source, CancellationToken ct) => AddAsync(user, passkey: null, clientId, source, ct);

    /// <summary>A new account with what it gets when nothing is written, and everything that is wrong with it but what only the database knows.</summary>
    /// <param name="hasPassword">Whether it is to have one.</param>
    internal (DeclaredUser Written, UserFault[] Faults) Check(DeclaredUser user, bool hasPassword)
    {
        var written = Complete(user);
        UserFault[] faults = [.. UserRules.Check(written, settings.ProductName).Where(f => hasPassword || f.Member != Parameters.Password)];
        return hasPassword && !faults.Any(f => f.Member == Parameters.Password) && PasswordRules.CheckStrength(written.Password!, PasswordRules.Personal(written, settings.ProductName)) is { } weak
            ? (written, [.. faults, weak])
            : (written, faults);
    }

    /// <summary>The logins of a new account that others have.</summary>
    internal async ValueTask<UserFault[]> FindTakenAsync(DeclaredUser written, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UserTable>().FindTakenAsync(written, besides: null, ct);
    }

    private async ValueTask<AccountOutcome> AddAsync(DeclaredUser user, MadePasskey? passkey, string? clientId, IPAddress? source, CancellationToken ct)
    {
        var (written, faults) = Check(user, hasPassword: passkey is null);
        if (faults.Length > 0)
        {
            return AccountOutcome.Refused(faults);
        }

        await using var scope = scopes.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<UserTable>();
        if (await table.FindTakenAsync(written, besides: null, ct) is { Length: > 0 } taken)
        {
            return AccountOutcome.Refused(taken);
        }

        Task<string>? hashed = null;
        if (passkey is null && !hashing.TryHash(written.Password!, out hashed, ct))
        {
            return AccountOutcome.Wait(OverloadPause);
        }

        var outcome = await table.InsertAsync(written, hashed is null ? null : await hashed, declaredPassword: null, ct, passkey: passkey?.RowOf(Guid.Parse(passkey.Subject), time.GetUtcNow()));
        if (outcome.Subject is not null)
        {
            events.Raise(new ProtocolEvent(EventKind.UserRegistered, clientId, outcome.Subject, RemoteAddress: source));
        }

        return outcome;
    }

    /// <summary>Gives a new password to the account with this user name or e-mail address.</summary>
    public ValueTask<AccountOutcome> SetPasswordAsync(string login, string password, CancellationToken ct) => ChangeAsync(
        login,
        EventKind.PasswordChanged,
        async user =>
        {
            if ((PasswordRules.Check(password, user.UserName, user.Email, settings.ProductName) ?? PasswordRules.CheckStrength(password, PasswordRules.Personal(user, settings.ProductName))) is { } fault)
            {
                return AccountOutcome.Refused(fault);
            }

            if (!hashing.TryHash(password, out var hashed, ct))
            {
                return AccountOutcome.Wait(OverloadPause);
            }

            (user.PasswordHash, user.PasswordChangedAt) = (await hashed, time.GetUtcNow());
            await tokens.EndAllAsync(user.Id, ct); // before it is saved: see AddressChange.ConfirmAsync
            return null;
        },
        ct);

    /// <summary>The account with this user name or e-mail address may not sign in any more. Doing it again ends what there may still be.</summary>
    public ValueTask<AccountOutcome> DisableAsync(string login, CancellationToken ct) => ChangeAsync(
        login,
        EventKind.UserDisabled,
        user =>
        {
            user.DisabledAt ??= time.GetUtcNow();
            return Task.FromResult<AccountOutcome?>(null);
        },
        ct);

    /// <summary>The account with this user name or e-mail address may sign in again. What was ended stays so.</summary>
    public ValueTask<AccountOutcome> EnableAsync(string login, CancellationToken ct) => ChangeAsync(
        login,
        EventKind.UserEnabled,
        user =>
        {
            user.DisabledAt = null;
            return Task.FromResult<AccountOutcome?>(null);
        },
        ct);

    private DeclaredUser Complete(DeclaredUser user) => user with { Username = string.IsNullOrEmpty(user.Username) ? user.Email : user.Username, Roles = user.Roles ?? [settings.Registration.Role] };

    /// <param name="change">Answers null, or why nothing is to be saved.</param>
    private async ValueTask<AccountOutcome> ChangeAsync(string login, EventKind kind, Func<User, Task<AccountOutcome?>> change, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<UserTable>();
        if (await table.FindAsync(normalizer.NormalizeName(login), ct) is not { } user)
        {
            return AccountOutcome.Refused(new UserFault(ClaimNames.Username, UserFaultKind.Unknown, $"is \"{login}\", which no account has: write a user name or an e-mail address."));
        }

        if (await change(user) is { } refusal)
        {
            return refusal;
        }

        await table.SaveAsync(user, null, ct);
        if (kind is not EventKind.UserEnabled)
        {
            await grants.EndAllOfSubjectAsync(user.Id.ToString(), time.GetUtcNow(), ct);
        }

        events.Raise(new ProtocolEvent(kind, Subject: user.Id.ToString()));
        return AccountOutcome.Of(user.Id);
    }
}
