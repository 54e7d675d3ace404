using IdServer.Protocol.Stores;

namespace IdServer.Testing.Stores;

/// <inheritdoc cref="MemoryStores"/>
public sealed class MemoryLogoutNoticeStore : ILogoutNoticeStore
{
    private readonly MemoryState state;

    internal MemoryLogoutNoticeStore(MemoryState state) => this.state = state;

    public int Count => state.Read(s => s.LogoutNotices.Count);

    public ValueTask<IReadOnlyList<LogoutNotice>> TakeDueAsync(DateTimeOffset now, DateTimeOffset againAt, int most, CancellationToken ct) =>
        ValueTask.FromResult(state.Write<IReadOnlyList<LogoutNotice>>(s =>
        {
            var due = s.LogoutNotices.Values.Where(n => n.DueAt <= now).OrderBy(n => n.DueAt).Take(most).Select(n => n.Notice with { Attempts = n.Notice.Attempts + 1 }).ToArray();
            foreach (var notice in due)
            {
                s.LogoutNotices[(notice.SessionId, notice.ClientId)] = (notice, againAt);
                s.Wrote();
            }

            return due;
        }));

    public ValueTask PutOffAsync(LogoutNotice notice, DateTimeOffset dueAt, CancellationToken ct)
    {
        state.Write(s =>
        {
            s.LogoutNotices[(notice.SessionId, notice.ClientId)] = (notice, dueAt);
            s.Wrote();
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveAsync(LogoutNotice notice, CancellationToken ct)
    {
        state.Write(s =>
        {
            s.LogoutNotices.Remove((notice.SessionId, notice.ClientId));
            s.Wrote();
            return true;
        });
        return ValueTask.CompletedTask;
    }
}
