using IdServer.Testing.Contracts;

namespace IdServer.Data.Tests.Stores;

public sealed class SqliteClientStoreTests : ClientStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}

public sealed class SqliteAuthorizationCodeStoreTests : AuthorizationCodeStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}

public sealed class SqliteDeviceCodeStoreTests : DeviceCodeStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}

public sealed class SqliteRefreshTokenStoreTests : RefreshTokenStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}

public sealed class SqliteGrantStoreTests : GrantStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}

public sealed class SqliteRevocationStoreTests : RevocationStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}

public sealed class SqliteSessionStoreTests : SessionStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}

public sealed class SqliteConsentStoreTests : ConsentStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}

public sealed class SqlitePushedRequestStoreTests : PushedRequestStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}

public sealed class SqliteInteractionStoreTests : InteractionStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}

public sealed class SqliteReplayCacheTests : ReplayCacheContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}

public sealed class SqliteLogoutNoticeStoreTests : LogoutNoticeStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}

public sealed class SqliteInitialAccessTokenStoreTests : InitialAccessTokenStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => SqlStoreSet.OnSqliteAsync();
}
