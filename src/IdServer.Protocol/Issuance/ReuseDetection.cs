using System.Net;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;

namespace IdServer.Protocol.Issuance;

/// <summary>What follows when a code, device code or refresh token comes a second time: one of its two holders is a thief, so the whole grant ends, access tokens included (RFC 6749 §4.1.2, RFC 9700 §4.14.2).</summary>
public sealed class ReuseDetection(IGrantStore grants, IProtocolEvents events, TimeProvider time)
{
    /// <param name="kind"><see cref="EventKind.CodeReuseDetected"/>, <see cref="EventKind.DeviceCodeReuseDetected"/> or <see cref="EventKind.RefreshTokenReuseDetected"/>.</param>
    /// <param name="source">Who came second.</param>
    public async ValueTask EndAsync(Grant grant, EventKind kind, IPAddress? source)
    {
        ArgumentNullException.ThrowIfNull(grant);
        await grants.EndAsync(grant.Id, time.GetUtcNow(), CancellationToken.None); // a thief must not prevent it by hanging up
        events.Raise(new ProtocolEvent(kind, grant.ClientId, grant.Subject, grant.Id, RemoteAddress: source, SessionId: grant.SessionId));
    }
}
