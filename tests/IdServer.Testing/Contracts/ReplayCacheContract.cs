using IdServer.Tokens.Replay;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="IReplayCache"/> promises.</summary>
[Spec("RFC 7523", "§3"), Spec("requirement", "31"), Spec("requirement", "38")]
public abstract class ReplayCacheContract : StoreContract
{
    [Fact]
    public async Task A_key_is_new_once()
    {
        Assert.True(await TryAddAsync("key"));
        Assert.False(await TryAddAsync("key"));
        Assert.False(await TryAddAsync("key"));
    }

    [Fact]
    public async Task Another_key_is_new()
    {
        await TryAddAsync("key");

        Assert.True(await TryAddAsync("Key"));
        Assert.True(await TryAddAsync("key "));
        Assert.True(await TryAddAsync(""));
    }

    [Fact]
    public async Task One_jti_is_new_for_each_client_each_proof_key_and_each_use()
    {
        Assert.True(await TryAddAsync(ReplayKey.OfAssertion("one", "jti")));
        Assert.True(await TryAddAsync(ReplayKey.OfAssertion("other", "jti")));
        Assert.True(await TryAddAsync(ReplayKey.OfProof("one", "jti")));
        Assert.True(await TryAddAsync(ReplayKey.OfProof("other", "jti")));
        Assert.False(await TryAddAsync(ReplayKey.OfAssertion("one", "jti")));
        Assert.False(await TryAddAsync(ReplayKey.OfProof("other", "jti")));
    }

    [Theory]
    [InlineData("with\0a NUL")]
    [InlineData("half a pair \ud800")]
    [InlineData("ñandú 🦤")]
    public async Task A_key_may_be_any_text(string key)
    {
        Assert.True(await TryAddAsync(key));
        Assert.False(await TryAddAsync(key));
    }

    [Fact]
    public async Task A_key_of_any_length_is_remembered()
    {
        var key = new string('k', 100_000);
        Assert.True(await TryAddAsync(key));

        Assert.False(await TryAddAsync(key));
        Assert.True(await TryAddAsync(key + "k"));
    }

    [Fact]
    public async Task A_key_is_remembered_until_it_expires()
    {
        await TryAddAsync("key");
        Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(await TryAddAsync("key"));

        Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await TryAddAsync("key"));
        Assert.False(await TryAddAsync("key"));
    }

    [Fact]
    public async Task A_refused_key_is_not_remembered_longer()
    {
        await TryAddAsync("key");
        Assert.False(await Stores.Replays.TryAddAsync("key", Clock.Now.AddDays(1), Ct));

        Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.True(await TryAddAsync("key"));
    }

    [Fact]
    public async Task Of_64_parallel_uses_exactly_one_wins()
    {
        for (var round = 0; round < 5; round++)
        {
            var won = await RaceAsync(_ => TryAddAsync("key" + round));

            Assert.Single(won, w => w);
        }
    }

    [Fact]
    public async Task Of_64_parallel_uses_after_the_expiry_exactly_one_wins()
    {
        await TryAddAsync("key");
        Clock.Advance(TimeSpan.FromMinutes(1));

        var won = await RaceAsync(_ => TryAddAsync("key"));

        Assert.Single(won, w => w);
    }

    private ValueTask<bool> TryAddAsync(string key) => Stores.Replays.TryAddAsync(key, Clock.Now.AddMinutes(1), Ct);
}
