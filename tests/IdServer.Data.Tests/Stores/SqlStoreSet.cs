using IdServer.Data.Admin;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Testing.Contracts;
using IdServer.Tokens.Replay;
using Microsoft.Extensions.DependencyInjection;

namespace IdServer.Data.Tests.Stores;

/// <summary>The stores of this project on each database.</summary>
internal static class SqlStoreSet
{
    public static async ValueTask<StoreSet> OnSqliteAsync()
    {
        var clock = new ManualClock();
        var database = await TestDatabase.CreateAsync();
        return Of(database.Open(clock), clock, database.DisposeAsync);
    }

    public static async ValueTask<StoreSet> OnPostgresAsync()
    {
        var clock = new ManualClock();
        var database = await PostgresTestDatabase.CreateAsync();
        return Of(database.Open(clock), clock, database.DisposeAsync);
    }

    private static StoreSet Of(ServiceProvider services, ManualClock clock, Func<ValueTask> close) => new()
    {
        Clock = clock,
        Changes = services.GetRequiredService<IChangeFeed>(),
        Clients = services.GetRequiredService<IClientStore>(),
        RegisterClient = async (metadata, secret) => await services.GetRequiredService<ClientAdmin>().UpsertAsync(metadata, secret, TestDatabase.Ct),
        AuthorizationCodes = services.GetRequiredService<IAuthorizationCodeStore>(),
        DeviceCodes = services.GetRequiredService<IDeviceCodeStore>(),
        RefreshTokens = services.GetRequiredService<IRefreshTokenStore>(),
        Grants = services.GetRequiredService<IGrantStore>(),
        Revocations = services.GetRequiredService<IRevocationStore>(),
        Sessions = services.GetRequiredService<ISessionStore>(),
        Consents = services.GetRequiredService<IConsentStore>(),
        Interactions = services.GetRequiredService<IInteractionStore>(),
        PushedRequests = services.GetRequiredService<IPushedRequestStore>(),
        LogoutNotices = services.GetRequiredService<ILogoutNoticeStore>(),
        InitialAccessTokens = services.GetRequiredService<IInitialAccessTokenStore>(),
        Replays = services.GetRequiredService<IReplayCache>(),
        Close = close,
    };
}
