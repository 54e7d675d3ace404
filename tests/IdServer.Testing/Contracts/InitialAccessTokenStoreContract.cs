using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="IInitialAccessTokenStore"/> promises.</summary>
[Spec("RFC 7591", "§1.2")]
public abstract class InitialAccessTokenStoreContract : StoreContract
{
    [Fact]
    public async Task A_saved_token_is_found_by_its_handle()
    {
        var token = await SaveAsync(3);

        Assert.Equivalent(token, await Stores.InitialAccessTokens.FindAsync(token.Key, Ct), strict: true);
    }

    [Fact]
    public async Task An_unknown_token_and_one_with_another_digest_are_not_found()
    {
        var token = await SaveAsync(1);

        Assert.Null(await Stores.InitialAccessTokens.FindAsync(Handle.New(Clock).Key, Ct));
        Assert.Null(await Stores.InitialAccessTokens.FindAsync(WithOtherDigest(token.Key), Ct));
    }

    [Fact]
    public async Task Every_use_is_taken_once()
    {
        var token = await SaveAsync(2);

        Assert.True(await Stores.InitialAccessTokens.TrySpendAsync(token.Key.Id, Clock.Now, Ct));
        Assert.True(await Stores.InitialAccessTokens.TrySpendAsync(token.Key.Id, Clock.Now, Ct));
        Assert.False(await Stores.InitialAccessTokens.TrySpendAsync(token.Key.Id, Clock.Now, Ct));
        Assert.False((await Stores.InitialAccessTokens.FindAsync(token.Key, Ct))?.IsGood(Clock.Now) ?? false);
    }

    [Fact]
    public async Task An_expired_or_unknown_token_cannot_be_spent()
    {
        var token = await SaveAsync(1);
        Clock.Advance(TimeSpan.FromHours(1));

        Assert.False(await Stores.InitialAccessTokens.TrySpendAsync(token.Key.Id, Clock.Now, Ct));
        Assert.False(await Stores.InitialAccessTokens.TrySpendAsync(Guid.CreateVersion7(Clock.Now), Clock.Now, Ct));
    }

    [Fact]
    public async Task Of_64_parallel_registrations_as_many_win_as_there_are_uses()
    {
        var token = await SaveAsync(5);

        var won = await RaceAsync(_ => Stores.InitialAccessTokens.TrySpendAsync(token.Key.Id, Clock.Now, Ct));

        Assert.Equal(5, won.Count(w => w));
    }

    private async Task<InitialAccessToken> SaveAsync(int uses)
    {
        var token = new InitialAccessToken(Handle.New(Clock).Key, uses, Clock.Now + TimeSpan.FromHours(1));
        await Stores.InitialAccessTokens.SaveAsync(token, Ct);
        return token;
    }
}
