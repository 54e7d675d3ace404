using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Testing.Contracts;
using IdServer.Testing.Stores;

namespace IdServer.Protocol.Tests.Stores;

// The stores of the engine's tests keep the same promises as the real ones.
public sealed class MemoryClientStoreTests : ClientStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => MemoryStoreSet.CreateAsync();
}

public sealed class MemoryAuthorizationCodeStoreTests : AuthorizationCodeStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => MemoryStoreSet.CreateAsync();
}

public sealed class MemoryRefreshTokenStoreTests : RefreshTokenStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => MemoryStoreSet.CreateAsync();
}

public sealed class MemoryGrantStoreTests : GrantStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => MemoryStoreSet.CreateAsync();
}

public sealed class MemoryRevocationStoreTests : RevocationStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => MemoryStoreSet.CreateAsync();
}

public sealed class MemorySessionStoreTests : SessionStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => MemoryStoreSet.CreateAsync();
}

public sealed class MemoryConsentStoreTests : ConsentStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => MemoryStoreSet.CreateAsync();
}

public sealed class MemoryPushedRequestStoreTests : PushedRequestStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => MemoryStoreSet.CreateAsync();
}

public sealed class MemoryInteractionStoreTests : InteractionStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => MemoryStoreSet.CreateAsync();
}

public sealed class MemorySigningKeyStoreTests : SigningKeyStoreContract
{
    protected override ISigningKeyStore Create() => new MemoryStores(new MemoryChangeFeed()).SigningKeys;
}
