using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Testing.Contracts;
using IdServer.Testing.Stores;
using IdServer.Tokens.Replay;
using Xunit;

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

public sealed class MemoryDeviceCodeStoreTests : DeviceCodeStoreContract
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

public sealed class MemoryReplayCacheTests : ReplayCacheContract
{
    protected override ValueTask<StoreSet> CreateAsync() => MemoryStoreSet.CreateAsync();

    [Fact]
    public async Task What_has_expired_is_forgotten()
    {
        var cache = new MemoryReplayCache(Clock);
        for (var i = 0; i < 1000; i++)
        {
            await cache.TryAddAsync("key" + i, Clock.Now.AddMinutes(2), Ct);
        }

        Clock.Advance(TimeSpan.FromMinutes(2));
        await cache.TryAddAsync("one more", Clock.Now.AddMinutes(2), Ct);

        Assert.Equal(1, cache.Count);
    }
}

public sealed class MemorySigningKeyStoreTests : SigningKeyStoreContract
{
    protected override ISigningKeyStore Create() => new MemoryStores(new MemoryChangeFeed()).SigningKeys;
}

public sealed class MemoryLogoutNoticeStoreTests : LogoutNoticeStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => MemoryStoreSet.CreateAsync();
}

public sealed class MemoryInitialAccessTokenStoreTests : InitialAccessTokenStoreContract
{
    protected override ValueTask<StoreSet> CreateAsync() => MemoryStoreSet.CreateAsync();
}
