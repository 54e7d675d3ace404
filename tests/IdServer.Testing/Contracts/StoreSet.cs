using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Tokens.Replay;

namespace IdServer.Testing.Contracts;

/// <summary>One back-end, empty, for one test: its stores over one shared state, the clock, and the feed they tell.</summary>
public sealed class StoreSet : IAsyncDisposable
{
    public required ManualClock Clock { get; init; }

    public required IChangeFeed Changes { get; init; }

    public required IClientStore Clients { get; init; }

    /// <summary>Registers a client with a secret or without, or replaces it.</summary>
    public required Func<ClientMetadata, string?, ValueTask> RegisterClient { get; init; }

    public required IAuthorizationCodeStore AuthorizationCodes { get; init; }

    public required IDeviceCodeStore DeviceCodes { get; init; }

    public required IRefreshTokenStore RefreshTokens { get; init; }

    public required IGrantStore Grants { get; init; }

    public required IRevocationStore Revocations { get; init; }

    public required ISessionStore Sessions { get; init; }

    public required IConsentStore Consents { get; init; }

    public required IInteractionStore Interactions { get; init; }

    public required IPushedRequestStore PushedRequests { get; init; }

    public required ILogoutNoticeStore LogoutNotices { get; init; }

    public required IInitialAccessTokenStore InitialAccessTokens { get; init; }

    public required IReplayCache Replays { get; init; }

    /// <summary>Closes the back-end and removes what it left on disk.</summary>
    public Func<ValueTask> Close { get; init; } = () => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => Close();
}
