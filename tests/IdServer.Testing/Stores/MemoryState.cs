using System.Security.Cryptography;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Revocations;

namespace IdServer.Testing.Stores;

/// <summary>The tables behind <see cref="MemoryStores"/>. Touched only inside <see cref="Read"/> and <see cref="Write"/>.</summary>
internal sealed class MemoryState(IChangeFeed changes, TimeSpan longestTokenLifetime)
{
    private readonly Lock gate = new();
    private readonly List<Change> unpublished = [];

    public Dictionary<string, Client> Clients { get; } = [];

    public Dictionary<Guid, AuthorizationCode> Codes { get; } = [];

    public Dictionary<Guid, (DeviceCode Code, DateTimeOffset? PolledAt)> DeviceCodes { get; } = [];

    public Dictionary<Guid, StoredRefreshToken> RefreshTokens { get; } = [];

    /// <summary>By the id of the token that was rotated.</summary>
    public Dictionary<Guid, (Guid Id, byte[] SealedSecret)> Successors { get; } = [];

    public Dictionary<Guid, (Grant Grant, DateTimeOffset? EndedAt)> Grants { get; } = [];

    public Dictionary<Guid, (SsoSession Session, bool Ended)> Sessions { get; } = [];

    public Dictionary<(string Subject, string ClientId), Consent> Consents { get; } = [];

    public Dictionary<Guid, Interaction> Interactions { get; } = [];

    public Dictionary<Guid, PushedRequest> PushedRequests { get; } = [];

    public Dictionary<(Guid SessionId, string ClientId), (LogoutNotice Notice, DateTimeOffset DueAt)> LogoutNotices { get; } = [];

    public Dictionary<Guid, InitialAccessToken> InitialAccessTokens { get; } = [];

    public Dictionary<string, SigningKey> SigningKeys { get; } = [];

    public List<Revocation> Revocations { get; } = [];

    public int Writes { get; private set; }

    public T Read<T>(Func<MemoryState, T> read)
    {
        lock (gate)
        {
            return read(this);
        }
    }

    /// <summary>Runs one transaction. It counts as a write when it says so by <see cref="Wrote"/>.</summary>
    public T Write<T>(Func<MemoryState, T> write)
    {
        T result;
        Change[] toPublish;
        lock (gate)
        {
            result = write(this);
            toPublish = [.. unpublished];
            unpublished.Clear();
        }

        foreach (var change in toPublish)
        {
            changes.Publish(change);
        }

        return result;
    }

    public void Wrote() => Writes++;

    public void Tell(Change change) => unpublished.Add(change);

    public void Revoke(RevocationKind kind, Guid key, DateTimeOffset now, DateTimeOffset? expiresAt = null)
    {
        var revocation = new Revocation(Revocations.Count + 1, kind, key, now, expiresAt ?? now + longestTokenLifetime);
        Revocations.Add(revocation);
        Tell(new Change(ChangeKind.Revocation, Revocation: revocation));
        Wrote();
    }

    /// <summary>False when there is no such grant or it has ended. Writes no revocation.</summary>
    public bool EndGrant(Guid id, DateTimeOffset now)
    {
        if (!Grants.TryGetValue(id, out var known) || known.EndedAt is not null)
        {
            return false;
        }

        Grants[id] = (known.Grant, now);
        Wrote();
        return true;
    }

    /// <summary>A notice for every client of the session that wants to be told.</summary>
    public void NoticeClients(Guid sessionId, DateTimeOffset now)
    {
        foreach (var grant in Grants.Values.Select(g => g.Grant).Where(g => g.SessionId == sessionId))
        {
            if (Clients.GetValueOrDefault(grant.ClientId)?.BackChannelLogoutUri is not null && LogoutNotices.TryAdd((sessionId, grant.ClientId), (new LogoutNotice(sessionId, grant.ClientId, grant.Subject, 0), now)))
            {
                Wrote();
            }
        }
    }

    public bool HasEnded(Guid grantId) => !Grants.TryGetValue(grantId, out var known) || known.EndedAt is not null;

    public static bool Same(HandleKey a, HandleKey b) => a.Id == b.Id && CryptographicOperations.FixedTimeEquals(a.Digest, b.Digest);
}
