namespace IdServer.Protocol.Stores;

/// <summary>
/// What clients still have to be told of ended sessions (OIDC Back-Channel Logout). The transaction that ends a session writes a notice for every client with a
/// <c>backchannel_logout_uri</c> that took part in it, so that none is lost; one that has been given, or given up, is removed.
/// </summary>
public interface ILogoutNoticeStore
{
    /// <summary>Takes notices that are due and puts them off, in one durable step: of several nodes one gets each. It counts as an attempt.</summary>
    /// <param name="againAt">When they are due again unless something else is said of them: the node that took them may die.</param>
    ValueTask<IReadOnlyList<LogoutNotice>> TakeDueAsync(DateTimeOffset now, DateTimeOffset againAt, int most, CancellationToken ct);

    ValueTask PutOffAsync(LogoutNotice notice, DateTimeOffset dueAt, CancellationToken ct);

    ValueTask RemoveAsync(LogoutNotice notice, CancellationToken ct);
}

/// <summary>One client that is to be told that one session has ended.</summary>
/// <param name="Attempts">This one included.</param>
public sealed record LogoutNotice(Guid SessionId, string ClientId, string Subject, int Attempts);
