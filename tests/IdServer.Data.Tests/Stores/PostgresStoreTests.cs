using IdServer.Testing.Contracts;

namespace IdServer.Data.Tests.Stores;

public sealed class PostgresClientStoreTests : ClientStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}

public sealed class PostgresAuthorizationCodeStoreTests : AuthorizationCodeStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}

public sealed class PostgresDeviceCodeStoreTests : DeviceCodeStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}

public sealed class PostgresRefreshTokenStoreTests : RefreshTokenStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}

public sealed class PostgresGrantStoreTests : GrantStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}

public sealed class PostgresRevocationStoreTests : RevocationStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}

public sealed class PostgresSessionStoreTests : SessionStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}

public sealed class PostgresConsentStoreTests : ConsentStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}

public sealed class PostgresPushedRequestStoreTests : PushedRequestStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}

public sealed class PostgresInteractionStoreTests : InteractionStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}

public sealed class PostgresReplayCacheTests : ReplayCacheContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}

public sealed class PostgresLogoutNoticeStoreTests : LogoutNoticeStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}

public sealed class PostgresInitialAccessTokenStoreTests : InitialAccessTokenStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnPostgresAsync();
}
