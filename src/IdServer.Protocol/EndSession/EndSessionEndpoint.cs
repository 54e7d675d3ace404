using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;

namespace IdServer.Protocol.EndSession;

/// <summary>The end-session endpoint (OIDC RP-Initiated Logout §2). A valid hint of the person who is signed in is proof enough to end the session; anything less asks the person first.</summary>
public sealed class EndSessionEndpoint(ProtocolOptions options, EndSessionChecks checks, IInteractionStore interactions, IProtocolEvents events, TimeProvider time)
{
    /// <param name="session">Who is signed in on this browser, or null.</param>
    public async ValueTask<EndSessionOutcome> HandleAsync(ProtocolParameters parameters, SsoSession? session, byte[] browserDigest, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!(await checks.ParseAsync(parameters, ct)).TryGet(out var request, out var error))
        {
            events.Raise(new(EventKind.EndSessionRefused, Error: error.Code, Detail: error.Reason ?? error.Description));
            return new EndSessionOutcome.ShowError(error);
        }

        if (session is null)
        {
            return new EndSessionOutcome.Done(request.RedirectUrl, EndsSession: false);
        }

        if (request.Hint is { } hint && hint.Subject == session.Subject)
        {
            return new EndSessionOutcome.Done(request.RedirectUrl, EndsSession: true, request.Client?.ClientId);
        }

        var now = time.GetUtcNow();
        var interaction = new Interaction
        {
            Id = Guid.CreateVersion7(now),
            BrowserDigest = browserDigest,
            Kind = InteractionKind.EndSession,
            Parameters = parameters.Encode(),
            CreatedAt = now,
            ExpiresAt = now + options.InteractionLifetime,
        };
        await interactions.SaveAsync(interaction, ct);
        return new EndSessionOutcome.Confirm(interaction.Id);
    }
}

/// <summary>What the host has to do now.</summary>
public abstract record EndSessionOutcome
{
    private EndSessionOutcome()
    {
    }

    /// <summary>Ask the person on the sign-out page.</summary>
    public sealed record Confirm(Guid InteractionId) : EndSessionOutcome;

    /// <summary>End the session where <paramref name="EndsSession"/> says so, and go to the URL, or to the signed-out page without one.</summary>
    /// <param name="ClientId">Who asked, proved by a hint of the person who was signed in; the signed-out page leads back there.</param>
    public sealed record Done(string? RedirectUrl, bool EndsSession, string? ClientId = null) : EndSessionOutcome;

    /// <summary>Show an error page; the session stays as it is (requirement 4).</summary>
    public sealed record ShowError(OAuthError Error) : EndSessionOutcome;
}
