using IdServer.Protocol.Sessions;

namespace IdServer.Protocol.Stores;

/// <summary>Browser sessions. Each method is one durable transaction.</summary>
public interface ISessionStore
{
    ValueTask SaveAsync(SsoSession session, CancellationToken ct);

    /// <summary>
    /// Ends a session and the grants that live with it (those without offline_access), and writes the revocations and the notices for its clients
    /// (<see cref="ILogoutNoticeStore"/>). Ending it again does nothing.
    /// </summary>
    /// <returns>Whose it was; null when it did not exist or had ended.</returns>
    ValueTask<string?> EndAsync(Guid sessionId, DateTimeOffset now, CancellationToken ct);

    /// <summary>The living sessions of a person, the newest sign-in first.</summary>
    ValueTask<IReadOnlyList<SsoSession>> ListAsync(string subject, DateTimeOffset now, CancellationToken ct);

    /// <summary>Who has had a grant in a session, living or ended.</summary>
    ValueTask<IReadOnlyList<string>> ClientsOfAsync(Guid sessionId, CancellationToken ct);
}
