using System.Net;
using IdServer.Configuration;
using IdServer.Protocol.Events;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Identity;

namespace IdServer.Users.Passkeys;

/// <summary>
/// Asks for a passkey and says whose it is. Nobody is named beforehand: the authenticator shows what it has for this server, and its answer says whose it is. It must say
/// that it has verified its user (fingerprint, face, PIN), so a passkey is two factors. Failures are counted per source.
/// </summary>
public sealed class PasskeySignIn
{
    private readonly IServiceScopeFactory scopes;
    private readonly Ceremonies ceremonies;
    private readonly IProtocolEvents events;
    private readonly TimeProvider time;
    private readonly FailureBudgets<IPAddress> bySource;

    public PasskeySignIn(IServiceScopeFactory scopes, Ceremonies ceremonies, RateLimitSettings limits, IProtocolEvents events, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(limits);
        (this.scopes, this.ceremonies, this.events, this.time) = (scopes, ceremonies, events, time);
        var window = TimeSpan.FromMinutes(10);
        bySource = new(new BudgetRule(limits.SignInFailuresPerSource, window, window, window, IsWindow: true), time);
    }

    /// <summary>A new challenge. Costs no database.</summary>
    public async ValueTask<CeremonyStart> BeginAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        await using var scope = scopes.CreateAsyncScope();
        var options = await scope.ServiceProvider.GetRequiredService<WebAuthn>().Handler.MakeRequestOptionsAsync(null, context);
        return new(options.RequestOptionsJson, ceremonies.Seal(context, CeremonyKind.SignIn, options.AssertionState ?? ""));
    }

    public async ValueTask<PasskeyOutcome> VerifyAsync(HttpContext context, PasskeyAnswer answer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(answer);
        var source = context.Connection.RemoteIpAddress;
        var (budget, admission) = await bySource.EnterAsync(SourceNetwork.Of(source), ct);
        if (budget is null)
        {
            events.Raise(new ProtocolEvent(EventKind.SignInFailed, Detail: "brake", RemoteAddress: source));
            return PasskeyOutcome.Refused(PasskeyFault.Wait, admission.RetryAfter);
        }

        var attempt = Attempt.Abandoned;
        try
        {
            if (await ceremonies.OpenAsync(context, CeremonyKind.SignIn, answer.State, ct) is not { } ceremony)
            {
                return PasskeyOutcome.Refused(PasskeyFault.Stale); // proves nothing about anybody, so it is no failure either
            }

            var (outcome, owner, reason) = await VerifyAsync(context, answer, ceremony, ct);
            attempt = reason is null ? Attempt.Succeeded : Attempt.Failed;
            if (reason is not null)
            {
                events.Raise(new ProtocolEvent(EventKind.SignInFailed, Subject: owner, Detail: reason, RemoteAddress: source));
            }

            return outcome;
        }
        finally
        {
            budget.Leave(attempt, time.GetUtcNow());
        }
    }

    /// <returns>When it was refused: whose passkey was named, as far as that is known, and why.</returns>
    private async ValueTask<(PasskeyOutcome Outcome, string? Owner, string? Reason)> VerifyAsync(HttpContext context, PasskeyAnswer answer, Ceremony ceremony, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var table = scope.ServiceProvider.GetRequiredService<PasskeyTable>();
        var assertion = await scope.ServiceProvider.GetRequiredService<WebAuthn>().Handler.PerformAssertionAsync(new() // WebAuthn Level 3 §7.2, the signature counter included
        {
            HttpContext = context,
            CredentialJson = answer.Credential,
            AssertionState = ceremony.State,
        });
        if (!assertion.Succeeded)
        {
            return Refused(await table.FindOwnerAsync(answer.CredentialId, ct), ReasonOf(assertion.Failure));
        }

        var (user, passkey) = (assertion.User, assertion.Passkey);
        if (user.DisabledAt is not null)
        {
            return Refused(user.Id, "disabled account");
        }

        return await table.TryUseAsync(passkey, ct) ? (PasskeyOutcome.Of(user.Id.ToString(), AmrOf(passkey)), null, null) : Refused(user.Id, "used or removed meanwhile");

        static (PasskeyOutcome Outcome, string? Owner, string? Reason) Refused(Guid? owner, string reason) => (PasskeyOutcome.Refused(PasskeyFault.Refused), owner?.ToString(), "passkey: " + reason);
    }

    /// <summary>What a passkey proves (RFC 8176 §2). The handler refuses whoever is not verified, so it is two factors.</summary>
    internal static string[] AmrOf(UserPasskeyInfo passkey) =>
        [passkey.IsBackupEligible ? AuthenticationMethods.SoftwareKey : AuthenticationMethods.HardwareKey, AuthenticationMethods.SeveralFactors];

    // The handler's sentence for the operator; a part of it may be the stranger's.
    private static string ReasonOf(PasskeyException failure) => new([.. failure.Message.Where(c => c is >= ' ' and <= '~').Take(200)]);
}
