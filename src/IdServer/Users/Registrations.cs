using System.Net;
using System.Text.Json;
using IdServer.Configuration;
using IdServer.Data.Users;
using IdServer.Mail;
using IdServer.Protocol.Events;
using IdServer.Routes;
using IdServer.Tokens.Registries;
using IdServer.Users.Passkeys;
using Microsoft.AspNetCore.Identity;

namespace IdServer.Users;

/// <summary>
/// Accounts that strangers ask for where this server sends mail. The account is made when the link in the mail is opened by whoever chose the password, and not before: nobody
/// can have an account under the address of another, and whether the address has one already is told to its owner only, by mail.
/// </summary>
public sealed class Registrations
{
    private const string Purpose = "register";
    private const int MailsPerAddress = 5;

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(2);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan OverloadPause = TimeSpan.FromSeconds(2);

    private readonly IServiceScopeFactory scopes;
    private readonly Accounts accounts;
    private readonly PasswordHashing hashing;
    private readonly OneTimeTokens tokens;
    private readonly Mailer mailer;
    private readonly MailLinks links;
    private readonly AddressOwners owners;
    private readonly IProtocolEvents events;
    private readonly TimeProvider time;
    private readonly FailureBudgets<IPAddress> sources;
    private readonly FailureBudgets<string> addresses;
    private readonly FailureBudgets<Guid> guesses;

    public Registrations(
        IServiceScopeFactory scopes, Accounts accounts, PasswordHashing hashing, OneTimeTokens tokens, Mailer mailer, MailLinks links, AddressOwners owners, IProtocolEvents events, ServerSettings settings, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (this.scopes, this.accounts, this.hashing, this.tokens, this.mailer, this.links, this.owners, this.events, this.time) = (scopes, accounts, hashing, tokens, mailer, links, owners, events, time);
        sources = new(new BudgetRule(settings.RateLimits.RegistrationsPerHour, Hour, Hour, Hour, IsWindow: true), time);
        addresses = new(new BudgetRule(MailsPerAddress, Hour, Hour, Hour, IsWindow: true), time);
        guesses = new(new BudgetRule(10, Hour, Hour, Hour, IsWindow: true), time);
    }

    /// <summary>Makes the account at once where no mail is sent; else sends the link (<see cref="AccountOutcome.Asked"/>), or, where the address has an account, its owner the news.</summary>
    /// <inheritdoc cref="BeginAsync(DeclaredUser, MadePasskey?, byte[], Guid?, IPAddress?, CancellationToken)"/>
    public ValueTask<AccountOutcome> RegisterAsync(DeclaredUser user, byte[] browserDigest, Guid? interaction, IPAddress? source, CancellationToken ct) => RegisterAsync(user, passkey: null, browserDigest, interaction, source, ct);

    /// <param name="passkey">Instead of a password.</param>
    internal ValueTask<AccountOutcome> RegisterAsync(DeclaredUser user, MadePasskey? passkey, byte[] browserDigest, Guid? interaction, IPAddress? source, CancellationToken ct) => mailer.CanSend
        ? BeginAsync(user, passkey, browserDigest, interaction, source, ct)
        : accounts.RegisterAsync(user, passkey, source, ct);

    /// <summary>What keeps this person from having an account with a passkey, as far as it may be said at once.</summary>
    internal async ValueTask<UserFault[]> CheckWithoutPasswordAsync(DeclaredUser user, CancellationToken ct)
    {
        var (written, faults) = accounts.Check(user, hasPassword: false);
        return faults.Length > 0 ? faults : mailer.CanSend ? await FindTakenUsernameAsync(written, ct) is { } taken ? [taken] : [] : await accounts.FindTakenAsync(written, ct);
    }

    /// <summary>
    /// Sends the link, or, where the address has an account, its owner the news. The answer is the same, and takes the same work. An address gets five such mails an hour at most.
    /// </summary>
    /// <param name="browserDigest">Of the browser that asks: it need not give the password again.</param>
    /// <param name="interaction">The request that goes on afterwards.</param>
    /// <returns>Without faults and without a time to wait: the mail is on its way. A user name that is taken is a fault: it is no secret.</returns>
    private async ValueTask<AccountOutcome> BeginAsync(DeclaredUser user, MadePasskey? passkey, byte[] browserDigest, Guid? interaction, IPAddress? source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(user);
        var (budget, answer) = await sources.EnterAsync(SourceNetwork.Of(source), ct);
        if (budget is null)
        {
            return AccountOutcome.Wait(answer.RetryAfter);
        }

        var asked = false;
        try
        {
            var outcome = await BeginAsync(user with { Roles = null, EmailVerified = null, PhoneNumberVerified = null }, passkey, browserDigest, interaction, ct);
            asked = outcome is { Faults.Count: 0, RetryAfter: null };
            return outcome;
        }
        finally
        {
            budget.Leave(asked ? Attempt.Failed : Attempt.Abandoned, time.GetUtcNow());
        }
    }

    /// <summary>Null when the link is no longer good. Looking spends nothing.</summary>
    public async ValueTask<Registration?> FindAsync(string? link, CancellationToken ct) =>
        await tokens.FindAsync(link, Purpose, ct) is { Payload: { } payload } token ? new Registration(token.Id, JsonSerializer.Deserialize(payload, RegistrationJson.Default.AskedAccount)!) : null;

    /// <summary>Makes the account, with its address verified, and takes the address from every account that only said it was its own.</summary>
    /// <param name="password">Needed in another browser than the one that asked: the owner of the address who did not ask does not know it.</param>
    public async ValueTask<CompletedRegistration> CompleteAsync(Registration registration, byte[] browserDigest, string? password, IPAddress? source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(registration);
        if (!registration.IsOf(browserDigest))
        {
            var (budget, answer) = await guesses.EnterAsync(registration.TokenId, ct);
            if (budget is null)
            {
                return new CompletedRegistration(RegistrationResult.Wait) { RetryAfter = answer.RetryAfter };
            }

            var isRight = false;
            try
            {
                if (!hashing.TryVerify(registration.Asked.PasswordHash, password ?? "", out var verified, ct))
                {
                    return new CompletedRegistration(RegistrationResult.Wait) { RetryAfter = OverloadPause };
                }

                isRight = await verified != PasswordVerificationResult.Failed;
            }
            finally
            {
                budget.Leave(isRight ? Attempt.Abandoned : Attempt.Failed, time.GetUtcNow());
            }

            if (!isRight)
            {
                return new CompletedRegistration(RegistrationResult.WrongPassword);
            }
        }

        if (!await tokens.TrySpendAsync(registration.TokenId, ct))
        {
            return new CompletedRegistration(RegistrationResult.Gone);
        }

        var asked = registration.Asked.User with { EmailVerified = true };
        if (!await owners.ReleaseAsync(asked.Email!, "the address was proved by another account", ct))
        {
            return new CompletedRegistration(RegistrationResult.HasAccount);
        }

        await using var scope = scopes.CreateAsyncScope();
        var outcome = await scope.ServiceProvider.GetRequiredService<UserTable>().InsertAsync(asked, registration.Asked.PasswordHash, declaredPassword: null, ct, passkey: registration.Asked.Passkey);
        if (outcome.Subject is not { } subject)
        {
            return new CompletedRegistration(RegistrationResult.UsernameTaken); // while the mail was under way
        }

        events.Raise(new ProtocolEvent(EventKind.UserRegistered, Subject: subject, RemoteAddress: source));
        return new CompletedRegistration(RegistrationResult.Made) { Subject = subject, Amr = registration.Asked.Amr };
    }

    /// <summary>Who got the mail has not asked for it: the link dies.</summary>
    public async ValueTask DisownAsync(Registration registration, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(registration);
        await tokens.TrySpendAsync(registration.TokenId, ct);
    }

    private async ValueTask<AccountOutcome> BeginAsync(DeclaredUser user, MadePasskey? passkey, byte[] browserDigest, Guid? interaction, CancellationToken ct)
    {
        var (written, faults) = accounts.Check(user, hasPassword: passkey is null);
        if (faults.Length > 0)
        {
            return AccountOutcome.Refused(faults);
        }

        if (await FindTakenUsernameAsync(written, ct) is { } taken)
        {
            return AccountOutcome.Refused(taken);
        }

        Task<string>? hashed = null;
        if (passkey is null && !hashing.TryHash(written.Password!, out hashed, ct))
        {
            return AccountOutcome.Wait(OverloadPause);
        }

        var asked = new AskedAccount(written with { Password = null }, hashed is null ? null : await hashed, Convert.ToBase64String(browserDigest))
        {
            Passkey = passkey?.RowOf(Guid.Parse(passkey.Subject), time.GetUtcNow()),
            Amr = passkey is null ? [AuthenticationMethods.Password] : PasskeySignIn.AmrOf(passkey.Passkey),
        };
        var (address, language) = (written.Email!, written.Locale);
        await using var scope = scopes.CreateAsyncScope();
        var owner = await scope.ServiceProvider.GetRequiredService<UserTable>().FindOwnerAsync(address, ct);

        // Both ways write the same rows; the link to an account that there is already goes nowhere.
        var token = await tokens.IssueAsync(Purpose, Guid.CreateVersion7(time.GetUtcNow()), address, owner is null ? JsonSerializer.Serialize(asked, RegistrationJson.Default.AskedAccount) : null, Lifetime, ct);
        var (budget, _) = await addresses.EnterAsync(address.ToUpperInvariant(), ct);
        if (budget is not null)
        {
            var message = owner is null ? MailMessage.VerifyAddress(links.To(PagePaths.Verify, token, interaction), Lifetime) : MailMessage.AlreadyRegistered(links.To(PagePaths.Login));
            await mailer.QueueAsync(message, address, owner is null ? language : owner.Locale ?? language, owner?.Id, ct);
            budget.Leave(Attempt.Failed, time.GetUtcNow());
        }

        return AccountOutcome.Asked;
    }

    private async ValueTask<UserFault?> FindTakenUsernameAsync(DeclaredUser written, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UserTable>().FindTakenUsernameAsync(written, ct);
    }
}
