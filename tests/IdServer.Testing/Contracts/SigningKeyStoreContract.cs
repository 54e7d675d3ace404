using IdServer.Protocol.Stores;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="ISigningKeyStore"/> promises. Apart from the other contracts, because keys may live elsewhere than the database.</summary>
public abstract class SigningKeyStoreContract
{
    protected ManualClock Clock { get; } = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_store_is_empty() => Assert.Empty(await Create().LoadAsync(Ct));

    [Theory]
    [InlineData(Algorithms.ES256)]
    [InlineData(Algorithms.RS256)]
    public async Task A_key_comes_back_as_it_was_added(string algorithm)
    {
        var store = Create();
        var key = NewKey(algorithm);
        await store.AddAsync(key, Ct);

        var loaded = Assert.Single(await store.LoadAsync(Ct));

        Assert.Equal((key.KeyId, key.Algorithm, key.CreatedAt, key.ActivatesAt), (loaded.KeyId, loaded.Algorithm, loaded.CreatedAt, loaded.ActivatesAt));
        Assert.Equal(key.ExportPkcs8(), loaded.ExportPkcs8());
    }

    [Fact]
    public async Task Every_added_key_is_loaded()
    {
        var store = Create();
        SigningKey[] keys = [NewKey(Algorithms.ES256), NewKey(Algorithms.ES256), NewKey(Algorithms.RS256)];
        foreach (var key in keys)
        {
            await store.AddAsync(key, Ct);
        }

        Assert.Equal(keys.Select(k => k.KeyId).Order(StringComparer.Ordinal), (await store.LoadAsync(Ct)).Select(k => k.KeyId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_removed_key_is_gone_and_the_others_stay()
    {
        var store = Create();
        var (removed, kept) = (NewKey(Algorithms.ES256), NewKey(Algorithms.ES256));
        await store.AddAsync(removed, Ct);
        await store.AddAsync(kept, Ct);

        await store.RemoveAsync(removed.KeyId, Ct);

        Assert.Equal(kept.KeyId, Assert.Single(await store.LoadAsync(Ct)).KeyId);
    }

    [Theory]
    [InlineData("no-such-key")]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    public async Task Removing_a_key_that_is_not_there_is_no_error(string keyId)
    {
        var store = Create();
        await store.AddAsync(NewKey(Algorithms.ES256), Ct);

        await store.RemoveAsync(keyId, Ct);

        Assert.Single(await store.LoadAsync(Ct));
    }

    [Fact]
    public async Task Who_has_the_turn_keeps_others_waiting_and_gives_it_back()
    {
        var store = Create();
        var turn = await store.TakeTurnAsync(Ct);

        var next = store.TakeTurnAsync(Ct).AsTask();
        await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(100), Ct)); // time enough for one that would not wait
        Assert.False(next.IsCompleted);
        await turn.DisposeAsync();

        await (await next).DisposeAsync();
    }

    /// <summary>An empty store. A subclass that leaves something behind implements <see cref="IDisposable"/>.</summary>
    protected abstract ISigningKeyStore Create();

    private SigningKey NewKey(string algorithm) => SigningKey.Create(algorithm, Clock.Now, Clock.Now + TimeSpan.FromHours(24));
}
