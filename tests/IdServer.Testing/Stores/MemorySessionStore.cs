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

    public ValueTask<string?> EndAsync(Guid sessionId, DateTimeOffset now, CancellationToken ct) =>
        ValueTask.FromResult(state.Write<string?>(s =>
        {
            if (!s.Sessions.TryGetValue(sessionId, out var known) || known.Ended)
            {
                return null;
            }

            s.Sessions[sessionId] = (known.Session, true);
            s.NoticeClients(sessionId, now);
            s.Revoke(RevocationKind.Session, sessionId, now);
            foreach (var (id, _) in s.Grants.Where(g => g.Value.Grant.SessionId == sessionId && !g.Value.Grant.IsOffline).ToArray())
            {
                if (s.EndGrant(id, now))
                {
                    s.Revoke(RevocationKind.Grant, id, now);
                }
            }

            return known.Session.Subject;
        }));

    public ValueTask<IReadOnlyList<SsoSession>> ListAsync(string subject, DateTimeOffset now, CancellationToken ct) =>
        ValueTask.FromResult(state.Read<IReadOnlyList<SsoSession>>(s =>
            [.. s.Sessions.Values.Where(x => !x.Ended && x.Session.Subject == subject && x.Session.ExpiresAt > now).Select(x => x.Session).OrderByDescending(x => x.AuthTime)]));

    public ValueTask<IReadOnlyList<string>> ClientsOfAsync(Guid sessionId, CancellationToken ct) =>
        ValueTask.FromResult(state.Read<IReadOnlyList<string>>(s =>
            [.. s.Grants.Values.Where(g => g.Grant.SessionId == sessionId).Select(g => g.Grant.ClientId).Distinct().Order(StringComparer.Ordinal)]));
}
