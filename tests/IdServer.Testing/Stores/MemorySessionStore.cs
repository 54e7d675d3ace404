using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Revocations;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemorySessionStore : ISessionStore
{
    private readonly MemoryState state;

    internal MemorySessionStore(MemoryState state) => this.state = state;

    public ValueTask SaveAsync(SsoSession session, CancellationToken ct)
    {
        state.Write(s =>
        {
            s.Sessions[session.Id] = (session, false);
            s.Wrote();
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask EndAsync(Guid sessionId, DateTimeOffset now, CancellationToken ct)
    {
        state.Write(s =>
        {
            if (!s.Sessions.TryGetValue(sessionId, out var known) || known.Ended)
            {
                return false;
            }

            s.Sessions[sessionId] = (known.Session, true);
            s.Revoke(RevocationKind.Session, sessionId, now);
            foreach (var (id, _) in s.Grants.Where(g => g.Value.Grant.SessionId == sessionId && !g.Value.Grant.IsOffline).ToArray())
            {
                if (s.EndGrant(id, now))
                {
                    s.Revoke(RevocationKind.Grant, id, now);
                }
            }

            return true;
        });
        return ValueTask.CompletedTask;
    }
}
