using IdServer.Data.Admin;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Testing.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace IdServer.Data.Tests.Stores;

internal static class SqliteStoreSet
{
    public static async ValueTask<StoreSet> CreateAsync()
    {
        var clock = new ManualClock();
        var database = await TestDatabase.CreateAsync();
        var services = database.Open(clock);
        return new StoreSet
        {
            Clock = clock,
            Changes = services.GetRequiredService<IChangeFeed>(),
            Clients = services.GetRequiredService<IClientStore>(),
            RegisterClient = async (metadata, secret) => await services.GetRequiredService<ClientAdmin>().UpsertAsync(metadata, secret, TestDatabase.Ct),
            AuthorizationCodes = services.GetRequiredService<IAuthorizationCodeStore>(),
            RefreshTokens = services.GetRequiredService<IRefreshTokenStore>(),
            Grants = services.GetRequiredService<IGrantStore>(),
            Revocations = services.GetRequiredService<IRevocationStore>(),
            Sessions = services.GetRequiredService<ISessionStore>(),
            Consents = services.GetRequiredService<IConsentStore>(),
            Interactions = services.GetRequiredService<IInteractionStore>(),
            Close = database.DisposeAsync,
        };
    }
}
