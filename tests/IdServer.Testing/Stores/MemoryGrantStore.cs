using IdServer.Protocol.Stores;
using IdServer.Tokens.Revocations;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemoryGrantStore : IGrantStore
{
    private readonly MemoryState state;

    internal MemoryGrantStore(MemoryState state) => this.state = state;

    public ValueTask<bool> EndAsync(Guid grantId, DateTimeOffset now, CancellationToken ct) =>
        ValueTask.FromResult(state.Write(s =>
        {
            var ended = s.EndGrant(grantId, now);
            if (ended)
            {
                s.Revoke(RevocationKind.Grant, grantId, now);
            }

            return ended;
        }));

    public ValueTask EndAllOfSubjectAsync(string subject, DateTimeOffset now, CancellationToken ct)
    {
        state.Write(s =>
        {
            foreach (var (id, _) in s.Grants.Where(g => g.Value.Grant.Subject == subject).ToArray())
            {
                s.EndGrant(id, now);
            }

            foreach (var (id, known) in s.Sessions.Where(x => x.Value.Session.Subject == subject).ToArray())
            {
                if (!known.Ended)
                {
                    s.Sessions[id] = (known.Session, true);
                    s.NoticeClients(id, now);
                }
            }

            s.Revoke(RevocationKind.Subject, Guid.Parse(subject), now); // one revocation for everything issued until now
            return true;
        });
        return ValueTask.CompletedTask;
    }
}
