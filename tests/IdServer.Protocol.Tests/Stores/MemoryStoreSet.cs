using IdServer.Protocol.Clients;
using IdServer.Testing;
using IdServer.Testing.Contracts;
using IdServer.Testing.Stores;
using IdServer.Tokens.Replay;

namespace IdServer.Protocol.Tests.Stores;

/// <summary>The stores in memory, as the contracts want them.</summary>
internal static class MemoryStoreSet
{
    public static ValueTask<StoreSet> CreateAsync()
    {
        var clock = new ManualClock();
        var changes = new MemoryChangeFeed();
        var stores = new MemoryStores(changes);
        return ValueTask.FromResult(new StoreSet
        {
            Clock = clock,
            Changes = changes,
            Clients = stores.Clients,
            RegisterClient = (metadata, secret) =>
            {
                stores.Clients.Add(new Client(metadata, secret is null ? [] : [ClientSecret.Of(secret, asKey: metadata.TokenEndpointAuthMethod == "client_secret_jwt")]));
                return ValueTask.CompletedTask;
            },
            AuthorizationCodes = stores.AuthorizationCodes,
            DeviceCodes = stores.DeviceCodes,
            RefreshTokens = stores.RefreshTokens,
            Grants = stores.Grants,
            Revocations = stores.Revocations,
            Sessions = stores.Sessions,
            Consents = stores.Consents,
            Interactions = stores.Interactions,
            PushedRequests = stores.PushedRequests,
            LogoutNotices = stores.LogoutNotices,
            InitialAccessTokens = stores.InitialAccessTokens,
            Replays = new MemoryReplayCache(clock),
        });
    }
}
