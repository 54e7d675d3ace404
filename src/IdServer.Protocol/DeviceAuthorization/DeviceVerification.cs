using System.Text;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Options;
using IdServer.Protocol.Requests;
using IdServer.Protocol.Scopes;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Registries;

namespace IdServer.Protocol.DeviceAuthorization;

/// <summary>
/// The person's side of a device's request (RFC 8628 §3.3). A code that was entered becomes an interaction of that browser: from then on the address names the
/// interaction, which is worthless elsewhere, and the code is looked up no more for guessers to learn from.
/// </summary>
public sealed class DeviceVerification(ClientCache clients, ScopeCatalog scopes, IDeviceCodeStore codes, IInteractionStore interactions, ProtocolOptions options, IProtocolEvents events, TimeProvider time)
{
    /// <param name="userCode">As <see cref="UserCode.TryParse"/> reads it.</param>
    /// <param name="browserDigest">Digest of the cookie of the browser it was entered in.</param>
    public async ValueTask<EnteredCode> EnterAsync(string userCode, byte[] browserDigest, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (await codes.FindAsync(userCode, ct) is not { } code || await clients.FindAsync(code.ClientId, ct) is not { } client)
        {
            return new EnteredCode(null, null);
        }

        var state = code.StateAt(now);
        if (state != DeviceCodeState.Pending)
        {
            return new EnteredCode(state, null);
        }

        var interaction = new Interaction
        {
            Id = Guid.CreateVersion7(now),
            BrowserDigest = browserDigest,
            Kind = InteractionKind.Device,
            Parameters = ProtocolParameters.Of((Parameters.UserCode, userCode)).Encode(),
            CreatedAt = now,
            ExpiresAt = now + options.InteractionLifetime,
        };
        await interactions.SaveAsync(interaction, ct);
        events.Raise(new ProtocolEvent(EventKind.InteractionStarted, client.ClientId));
        return new EnteredCode(state, interaction.Id);
    }

    /// <returns>Null when no code was entered under this id, or it was entered in another browser, or nothing is left of it.</returns>
    public async ValueTask<PendingDevice?> FindAsync(Guid id, byte[] browserDigest, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return await interactions.FindAsync(id, browserDigest, now, ct) is { Kind: InteractionKind.Device } interaction
            && ProtocolParameters.TryParse(Encoding.UTF8.GetBytes(interaction.Parameters), out var parameters)
            && parameters[Parameters.UserCode] is { } userCode
            && await codes.FindAsync(userCode, ct) is { } code
            && await clients.FindAsync(code.ClientId, ct) is { } client
                ? new PendingDevice(id, client, code, [.. code.Scopes.Select(scopes.Find).OfType<Scope>()], code.StateAt(now))
                : null;
    }

    /// <summary>Whether somebody has to enter credentials first: nobody is signed in, or the client wants it to be less long ago (<c>default_max_age</c>, OIDC Registration §2).</summary>
    public bool NeedsLogin(PendingDevice pending, SsoSession? session)
    {
        ArgumentNullException.ThrowIfNull(pending);
        return session is null || (pending.Client.Metadata.DefaultMaxAge is { } seconds && session.AuthTime + TimeSpan.FromSeconds(seconds) < time.GetUtcNow());
    }

    /// <summary>The person said yes. Never remembered: every device is asked about anew (RFC 8628 §5.4).</summary>
    /// <returns>False when the code has been decided or has expired meanwhile.</returns>
    public async ValueTask<bool> ApproveAsync(PendingDevice pending, SsoSession session, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(pending);
        ArgumentNullException.ThrowIfNull(session);
        var now = time.GetUtcNow();
        var grant = new Grant
        {
            Id = Guid.CreateVersion7(now),
            ClientId = pending.Client.ClientId,
            Subject = session.Subject,
            Scopes = pending.Code.Scopes,
            CreatedAt = now,
            SessionId = session.Id,
            AuthTime = session.AuthTime,
            Amr = session.Amr,
            Acr = session.Acr,
        };
        if (!await codes.TryApproveAsync(pending.Code.Key.Id, grant, now, ct))
        {
            return false;
        }

        events.Raise(new ProtocolEvent(EventKind.AuthorizationGranted, grant.ClientId, grant.Subject, grant.Id));
        return true;
    }

    /// <summary>The person said no, on whichever page.</summary>
    /// <returns>False when the code has been decided or has expired meanwhile.</returns>
    public async ValueTask<bool> DenyAsync(PendingDevice pending, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(pending);
        if (!await codes.TryDenyAsync(pending.Code.Key.Id, time.GetUtcNow(), ct))
        {
            return false;
        }

        events.Raise(new ProtocolEvent(EventKind.ConsentDenied, pending.Client.ClientId));
        return true;
    }
}

/// <summary>What became of a code that was entered.</summary>
/// <param name="State">Null when no device shows this code.</param>
/// <param name="InteractionId">Set when it waits for a decision.</param>
public sealed record EnteredCode(DeviceCodeState? State, Guid? InteractionId);

/// <summary>A device's request, as far as pages need to know it.</summary>
/// <param name="Id">Of the interaction.</param>
/// <param name="Scopes">What the person is asked to allow.</param>
public sealed record PendingDevice(Guid Id, Client Client, DeviceCode Code, IReadOnlyList<Scope> Scopes, DeviceCodeState State);
