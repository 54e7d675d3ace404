using IdServer.Sessions;
using IdServer.Tokens.Registries;
using IdServer.Users;

namespace IdServer.Upstream;

/// <summary>
/// Decides who it is that a provider has sent back. A login that is linked signs in to its account. Any other gets an account of its own, or, when an account has that verified
/// address, waits until the person has proved that it is theirs. Nothing is ever merged because two addresses are alike.
/// </summary>
public sealed class UpstreamSignIn(UpstreamAccounts accounts, AddressOwners owners, PendingLinks links, SessionCookie sessions, SignIn signIn, TimeProvider time)
{
    /// <param name="proves">Whether the person came to prove whose account a waiting login belongs to.</param>
    public async ValueTask<UpstreamOutcome> CompleteAsync(HttpContext context, UpstreamProvider provider, UpstreamIdentity identity, bool proves, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(identity);

        var since = time.GetUtcNow();

        // The address is looked up before the login: of an account made between the two, in another tab, the login is found.
        var taken = identity.Email is null ? null : await accounts.FindByAddressAsync(identity.Email, ct);
        if (await accounts.FindAsync(provider.Issuer, identity.Subject, ct) is { } known)
        {
            var login = proves ? links.Read(context) : null;
            if (proves)
            {
                links.Forget(context);
            }

            if (proves && login?.AccountSubject != known.Subject)
            {
                return new UpstreamOutcome.Refused(known.IsDisabled ? UpstreamFault.Disabled : UpstreamFault.Stale);
            }

            // Linked only once everything is proved that the account asks for: by the page of the second factor, where it asks for one.
            var outcome = await SignInAsync(context, known.Subject, since, login, ct);
            return login is not null && outcome is UpstreamOutcome.SignedIn && !await accounts.LinkAsync(login, context.Connection.RemoteIpAddress, ct) ? new UpstreamOutcome.Refused(UpstreamFault.Stale) : outcome;
        }

        if (proves) // only a login that is linked already proves anything
        {
            return new UpstreamOutcome.Refused(UpstreamFault.Unknown);
        }

        if (identity.Email is null && provider.RequireVerifiedEmail)
        {
            return new UpstreamOutcome.Refused(UpstreamFault.Unverified);
        }

        if (taken is { HasVerified: true })
        {
            links.Remember(context, new PendingLink(provider.Key, provider.Issuer, identity.Subject, taken.Subject, identity.Email!));
            return new UpstreamOutcome.MustLink();
        }

        if (!provider.CreateUsers)
        {
            return new UpstreamOutcome.Refused(UpstreamFault.Unknown);
        }

        // Who made an account under an address and never showed that it is theirs keeps the account, loses the address, and gets nothing of this person's.
        var owns = taken is null || await owners.ReleaseAsync(identity.Email!, $"{provider.Name} says that it is another's", ct);
        return await SignInAsync(context, await accounts.CreateAsync(provider, identity, owns, context.Connection.RemoteIpAddress, ct), since, login: null, ct);
    }

    /// <summary>Somebody who is signed in adds a login to their account, on their own page. One of another account stays there.</summary>
    /// <param name="sessionId">The session in which they pressed the button.</param>
    public async ValueTask<UpstreamOutcome> LinkAsync(HttpContext context, UpstreamProvider provider, UpstreamIdentity identity, Guid sessionId, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(identity);
        if (sessions.Read(context) is not { } session || session.Id != sessionId)
        {
            return new UpstreamOutcome.Refused(UpstreamFault.Stale);
        }

        var owner = (await accounts.FindAsync(provider.Issuer, identity.Subject, ct))?.Subject;
        return owner == session.Subject || (owner is null && await accounts.LinkOwnAsync(provider, identity.Subject, session.Subject, context.Connection.RemoteIpAddress, ct))
            ? new UpstreamOutcome.Linked()
            : new UpstreamOutcome.Refused(UpstreamFault.Elsewhere);
    }

    private async ValueTask<UpstreamOutcome> SignInAsync(HttpContext context, string subject, DateTimeOffset since, PendingLink? login, CancellationToken ct)
    {
        return await signIn.CompleteAsync(context, subject, [AuthenticationMethods.Federated], since, ct, login: login) switch
        {
            SignInOutcome.SignedIn => new UpstreamOutcome.SignedIn(),
            SignInOutcome.NeedsSecondFactor => new UpstreamOutcome.NeedsSecondFactor(),
            _ => new UpstreamOutcome.Refused(UpstreamFault.Disabled),
        };
    }
}

/// <summary>What a sign-in at a provider has come to.</summary>
public abstract record UpstreamOutcome
{
    private UpstreamOutcome()
    {
    }

    public sealed record SignedIn : UpstreamOutcome;

    /// <summary>The login belongs to the account now.</summary>
    public sealed record Linked : UpstreamOutcome;

    /// <summary>The account owes a second factor.</summary>
    public sealed record NeedsSecondFactor : UpstreamOutcome;

    /// <summary>An account has the address: the person must prove on the page <c>/account/link</c> that it is theirs.</summary>
    public sealed record MustLink : UpstreamOutcome;

    public sealed record Refused(UpstreamFault Fault) : UpstreamOutcome;
}
