using System.Net;
using System.Text;
using IdServer.Protocol.Authorize;
using IdServer.Protocol.EndSession;
using IdServer.Protocol.Events;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;

namespace IdServer.Protocol.Interactions;

/// <summary>What pages may know and say of a waiting request. They never see its parameters and never decide what comes next.</summary>
public sealed class PendingRequests(AuthorizeChecks checks, EndSessionChecks endSessionChecks, ScopeCatalog scopes, IInteractionStore store, IConsentStore consents, IProtocolEvents events, TimeProvider time)
{
    /// <returns>Null when there is no such request, or it is over, or another browser started it.</returns>
    public async ValueTask<PendingAuthorization?> FindAuthorizationAsync(Guid id, byte[] browserDigest, CancellationToken ct)
    {
        if (await FindAsync(id, InteractionKind.Authorize, browserDigest, ct) is not { } parameters
            || !(await checks.FindTargetAsync(parameters, ct)).TryGet(out var found, out _)
            || !(await checks.ParseAsync(parameters, found.Client, found.Target, ct)).TryGet(out var request, out _))
        {
            return null;
        }

        return new PendingAuthorization
        {
            Id = id,
            Client = request.Client,
            RedirectUri = request.Target.RedirectUri,
            Scopes = [.. request.Scopes.Select(name => scopes.Find(name)!)],
            Claims = request.Claims?.All ?? [],
            LoginHint = request.LoginHint,
            IdpHint = request.IdpHint,
            AllowsFederation = request.AllowsFederation,
            UiLocales = request.UiLocales,
            ForcesLogin = request.ForcesLogin,
        };
    }

    /// <summary>The person said yes; remembered for this client (requirement 9).</summary>
    public async ValueTask ConsentAsync(PendingAuthorization pending, SsoSession session, IPAddress? source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(pending);
        ArgumentNullException.ThrowIfNull(session);
        string[] granted = [.. pending.Scopes.Select(s => s.Name)];
        await consents.RememberAsync(session.Subject, pending.Client.ClientId, granted, pending.Claims, time.GetUtcNow(), ct);
        await store.RecordConsentAsync(pending.Id, granted, ct);
        events.Raise(new(EventKind.ConsentGiven, pending.Client.ClientId, session.Subject, Detail: string.Join(' ', granted), RemoteAddress: source, SessionId: session.Id));
    }

    /// <summary>The person said no, on whichever page (requirement 17).</summary>
    /// <param name="session">Null while nobody is signed in.</param>
    public async ValueTask RefuseAsync(PendingAuthorization pending, SsoSession? session, IPAddress? source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(pending);
        await store.RecordRefusalAsync(pending.Id, ct);
        events.Raise(new(EventKind.ConsentDenied, pending.Client.ClientId, session?.Subject, RemoteAddress: source, SessionId: session?.Id));
    }

    /// <returns>Null when there is no such request, or it is over, or another browser started it.</returns>
    public async ValueTask<PendingEndSession?> FindEndSessionAsync(Guid id, byte[] browserDigest, CancellationToken ct) =>
        await FindAsync(id, InteractionKind.EndSession, browserDigest, ct) is { } parameters && (await endSessionChecks.ParseAsync(parameters, ct)).TryGet(out var request, out _)
            ? new PendingEndSession(id, request.Client, request.UiLocales, request.RedirectUrl)
            : null;

    /// <summary>The person confirmed; the caller ends the session. Of two confirmations one wins.</summary>
    /// <returns>Where to go, or null for the signed-out page.</returns>
    public async ValueTask<string?> ConfirmEndSessionAsync(PendingEndSession pending, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(pending);
        return await store.TryCompleteAsync(pending.Id, time.GetUtcNow(), ct) ? pending.RedirectUrl : null;
    }

    private async ValueTask<ProtocolParameters?> FindAsync(Guid id, InteractionKind kind, byte[] browserDigest, CancellationToken ct) =>
        await store.FindAsync(id, browserDigest, time.GetUtcNow(), ct) is { Completed: false } interaction
        && interaction.Kind == kind
        && ProtocolParameters.TryParse(Encoding.UTF8.GetBytes(interaction.Parameters), out var parameters)
            ? parameters
            : null;
}
