using IdServer.Protocol.Events;
using IdServer.Tokens.Revocations;

namespace IdServer.Testing.Stores;

/// <summary>
/// Every port in memory, over one shared state: ending a grant, a session or a subject shows in all of them and is published as a revocation.
/// Each method is atomic under one lock; what it publishes, it publishes after it has let go of the lock and before it returns.
/// </summary>
public sealed class MemoryStores
{
    private readonly MemoryState state;

    public MemoryStores(IChangeFeed changes, TimeSpan? longestTokenLifetime = null)
    {
        state = new MemoryState(changes, longestTokenLifetime ?? TimeSpan.FromHours(24));
        Clients = new MemoryClientStore(state);
        AuthorizationCodes = new MemoryAuthorizationCodeStore(state);
        DeviceCodes = new MemoryDeviceCodeStore(state);
        RefreshTokens = new MemoryRefreshTokenStore(state);
        Grants = new MemoryGrantStore(state);
        Revocations = new MemoryRevocationStore(state);
        Sessions = new MemorySessionStore(state);
        Consents = new MemoryConsentStore(state);
        Interactions = new MemoryInteractionStore(state);
        PushedRequests = new MemoryPushedRequestStore(state);
        LogoutNotices = new MemoryLogoutNoticeStore(state);
        InitialAccessTokens = new MemoryInitialAccessTokenStore(state);
        SigningKeys = new MemorySigningKeyStore(state);
    }

    public MemoryClientStore Clients { get; }

    public MemoryAuthorizationCodeStore AuthorizationCodes { get; }

    public MemoryDeviceCodeStore DeviceCodes { get; }

    public MemoryRefreshTokenStore RefreshTokens { get; }

    public MemoryGrantStore Grants { get; }

    public MemoryRevocationStore Revocations { get; }

    public MemorySessionStore Sessions { get; }

    public MemoryConsentStore Consents { get; }

    public MemoryInteractionStore Interactions { get; }

    public MemoryPushedRequestStore PushedRequests { get; }

    public MemoryLogoutNoticeStore LogoutNotices { get; }

    public MemoryInitialAccessTokenStore InitialAccessTokens { get; }

    public MemorySigningKeyStore SigningKeys { get; }

    /// <summary>Writes a revocation of any kind by itself, and publishes it.</summary>
    public void Revoke(RevocationKind kind, Guid key, DateTimeOffset now) => state.Write(s =>
    {
        s.Revoke(kind, key, now);
        return true;
    });

    /// <summary>How many changes have been written so far: a refused request must not raise it.</summary>
    public int Writes => state.Read(s => s.Writes);
}
