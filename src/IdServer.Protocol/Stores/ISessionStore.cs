using IdServer.Protocol.Sessions;

namespace IdServer.Protocol.Stores;

/// <summary>Browser sessions. Each method is one durable transaction.</summary>
public interface ISessionStore
{
    ValueTask SaveAsync(SsoSession session, CancellationToken ct);

    /// <summary>Ends a session and the grants that live with it (those without offline_access), and writes the revocations. Ending it again does nothing.</summary>
    ValueTask EndAsync(Guid sessionId, DateTimeOffset now, CancellationToken ct);
}
