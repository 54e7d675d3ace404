using System.Text;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Errors;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;

namespace IdServer.Protocol.Authorize;

/// <summary>The authorization endpoint (RFC 6749 §3.1, OIDC Core §3.1.2): parse, check, decide, respond. GET and POST are the same to it (requirement 1).</summary>
public sealed class AuthorizeEndpoint(
    ProtocolOptions options,
    RequestAssembly assembly,
    AuthorizeChecks checks,
    IUserClaimsSource users,
    IConsentStore consents,
    IInteractionStore interactions,
    IPushedRequestStore pushed,
    IAuthorizationCodeStore codes,
    KeyRing keys,
    IProtocolEvents events,
    TimeProvider time)
{
    // JARM §2.1 asks for 10 minutes at most; the code inside lives a minute.
    private static readonly TimeSpan SignedResponseLifetime = TimeSpan.FromMinutes(2);

    /// <summary>A request from the client.</summary>
    /// <param name="session">Who is signed in on this browser, or null.</param>
    /// <param name="browserDigest">Digest of the browser's cookie: whatever has to wait is bound to it.</param>
    public async ValueTask<AuthorizeOutcome> HandleAsync(ProtocolParameters request, SsoSession? session, byte[] browserDigest, CancellationToken ct) =>
        await DecideAsync(await assembly.AssembleAsync(request, ct), null, session, browserDigest, ct);

    /// <summary>A page has done its job: decide again.</summary>
    public async ValueTask<AuthorizeOutcome> ResumeAsync(Guid interactionId, SsoSession? session, byte[] browserDigest, CancellationToken ct)
    {
        var interaction = await interactions.FindAsync(interactionId, browserDigest, time.GetUtcNow(), ct);
        return interaction is { Kind: InteractionKind.Authorize, Completed: false } && ProtocolParameters.TryParse(Encoding.UTF8.GetBytes(interaction.Parameters), out var request)
            ? await DecideAsync(new(request, interaction.PushedRequestId), interaction, session, browserDigest, ct)
            : InteractionGone();
    }

    private async ValueTask<AuthorizeOutcome> DecideAsync(AssembledRequest assembled, Interaction? interaction, SsoSession? session, byte[] browserDigest, CancellationToken ct)
    {
        if (!(await checks.FindTargetAsync(assembled.Parameters, ct)).TryGet(out var found, out var fatal))
        {
            fatal = assembled.Error ?? fatal;
            events.Raise(new(EventKind.AuthorizationRefused, Error: fatal.Code, Detail: fatal.Reason ?? fatal.Description));
            return new AuthorizeOutcome.ShowError(fatal);
        }

        var (client, target) = found;
        if (assembled.Error is { } unusable)
        {
            return Refuse(client, target, unusable);
        }

        if (!(await checks.ParseAsync(assembled.Parameters, client, target, ct)).TryGet(out var request, out var error))
        {
            return Refuse(client, target, error);
        }

        if (interaction is { Refused: true })
        {
            return await CompleteAsync(assembled, interaction, client, target, time.GetUtcNow(), ct) ?? Refuse(client, target, OAuthError.AccessDenied("The person refused.")); // requirement 17
        }

        // A session outlives neither the account nor its being allowed to sign in.
        var user = session is null ? null : await users.FindAsync(session.Subject, ct);
        session = user is null ? null : session;

        var consent = session is not null && client.RequireConsent ? await consents.FindAsync(session.Subject, client.ClientId, ct) : null;
        var now = time.GetUtcNow();
        switch (NextStep.Decide(request, session, user, consent, interaction, now))
        {
            case { } step when NextStep.Refusal(step, request, user) is { } refusal:
                return (interaction is null ? null : await CompleteAsync(assembled, interaction, client, target, now, ct)) ?? Refuse(client, target, refusal);

            case { } step:
                return new AuthorizeOutcome.Interact(interaction?.Id ?? await BeginAsync(assembled, client, browserDigest, now, ct), step);

            default:
                return await CompleteAsync(assembled, interaction, client, target, now, ct) ?? await IssueCodeAsync(request, session!, now, ct);
        }
    }

    private async ValueTask<Guid> BeginAsync(AssembledRequest assembled, Client client, byte[] browserDigest, DateTimeOffset now, CancellationToken ct)
    {
        var interaction = new Interaction
        {
            Id = Guid.CreateVersion7(now),
            BrowserDigest = browserDigest,
            Kind = InteractionKind.Authorize,
            Parameters = assembled.Parameters.Encode(),
            PushedRequestId = assembled.PushedRequestId,
            CreatedAt = now,
            ExpiresAt = now + options.InteractionLifetime,
        };
        await interactions.SaveAsync(interaction, ct);
        events.Raise(new(EventKind.InteractionStarted, client.ClientId));
        return interaction.Id;
    }

    // Once for an interaction, and once for a pushed request however often it was opened (requirement 23). Null for the one who may answer the client.
    private async ValueTask<AuthorizeOutcome?> CompleteAsync(AssembledRequest assembled, Interaction? interaction, Client client, ResponseTarget target, DateTimeOffset now, CancellationToken ct)
    {
        if (interaction is not null && !await interactions.TryCompleteAsync(interaction.Id, now, ct))
        {
            return InteractionGone();
        }

        return assembled.PushedRequestId is { } id && !await pushed.TrySpendAsync(id, now, ct) ? Refuse(client, target, RequestAssembly.Unusable("Spent meanwhile.")) : null;
    }

    private async ValueTask<AuthorizeOutcome> IssueCodeAsync(AuthorizeRequest request, SsoSession session, DateTimeOffset now, CancellationToken ct)
    {
        var handle = Handle.New(time);
        var grant = new Grant
        {
            Id = Guid.CreateVersion7(now),
            ClientId = request.Client.ClientId,
            Subject = session.Subject,
            Scopes = request.Scopes,
            CreatedAt = now,
            SessionId = session.Id,
            AuthTime = session.AuthTime,
            Amr = session.Amr,
            Acr = request.AcrOf(session),
            Claims = request.ClaimsText,
        };
        await codes.SaveAsync(
            new AuthorizationCode
            {
                Key = handle.Key,
                Grant = grant,
                RedirectUri = request.Target.RedirectUri,
                CodeChallenge = request.CodeChallenge,
                Nonce = request.Nonce,
                ProofKey = request.ProofKey,
                ExpiresAt = now + options.AuthorizationCodeLifetime,
            },
            ct);
        events.Raise(new(EventKind.AuthorizationGranted, grant.ClientId, grant.Subject, grant.Id));
        return Answer(request.Client, request.Target, AuthorizeResponse.Success(request.Target, options.Issuer, handle.Value));
    }

    private AuthorizeOutcome.Respond Refuse(Client client, ResponseTarget target, OAuthError error)
    {
        events.Raise(new(EventKind.AuthorizationRefused, client.ClientId, Error: error.Code, Detail: error.Reason ?? error.Description));
        return Answer(client, target, AuthorizeResponse.Failure(target, options.Issuer, error));
    }

    private AuthorizeOutcome.Respond Answer(Client client, ResponseTarget target, AuthorizeResponse response) =>
        new(target.IsSigned ? response.Sign(keys.SignerFor(client.AuthorizationResponseAlgorithm), client.ClientId, time.GetUtcNow() + SignedResponseLifetime) : response);

    private static AuthorizeOutcome.ShowError InteractionGone() =>
        new(OAuthError.InvalidRequest("This sign-in has expired, was finished already, or was started in another browser: start again at the application.", cause: ErrorCause.InteractionNotFound));
}
