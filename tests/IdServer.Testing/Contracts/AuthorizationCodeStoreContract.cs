using IdServer.Protocol.Stores;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="IAuthorizationCodeStore"/> promises.</summary>
public abstract class AuthorizationCodeStoreContract : StoreContract
{
    [Fact]
    public async Task A_saved_code_is_found_with_everything_its_redemption_must_match()
    {
        var grant = Build.Grant(Clock, g => g with { SessionId = Guid.CreateVersion7(Clock.Now), Claims = """{"userinfo":{"name":null}}""", Scopes = ["openid", "articles.read"] });
        var (_, code) = Build.Code(Clock, grant, c => c with { ProofKey = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" });
        await Stores.AuthorizationCodes.SaveAsync(code, Ct);

        Assert.Equivalent(code, await Stores.AuthorizationCodes.FindAsync(code.Key, Ct), strict: true);
    }

    [Fact]
    public async Task What_a_code_does_not_have_stays_absent()
    {
        var grant = Build.Grant(Clock, g => g with { AuthTime = null, Acr = null, Amr = [], Scopes = [] });
        var (_, code) = Build.Code(Clock, grant, c => c with { CodeChallenge = null, Nonce = null });
        await Stores.AuthorizationCodes.SaveAsync(code, Ct);

        Assert.Equivalent(code, await Stores.AuthorizationCodes.FindAsync(code.Key, Ct), strict: true);
    }

    [Fact]
    public async Task Saving_a_code_begins_its_grant()
    {
        var code = await SaveAsync();

        Assert.True(await Stores.Grants.EndAsync(code.Grant.Id, Clock.Now, Ct));
    }

    [Fact]
    public async Task An_unknown_code_is_not_found()
    {
        await SaveAsync();

        Assert.Null(await Stores.AuthorizationCodes.FindAsync(Build.Code(Clock).Code.Key, Ct));
    }

    [Fact]
    public async Task A_code_with_another_digest_is_not_found()
    {
        var code = await SaveAsync();

        Assert.Null(await Stores.AuthorizationCodes.FindAsync(WithOtherDigest(code.Key), Ct));
    }

    [Fact]
    [Spec("requirement", "28")]
    public async Task A_redeemed_code_is_still_found_with_the_time_of_its_redemption()
    {
        var code = await SaveAsync();
        Clock.Advance(TimeSpan.FromSeconds(5));
        var redeemedAt = Clock.Now;
        await Stores.AuthorizationCodes.TryRedeemAsync(code.Key, null, redeemedAt, Ct);
        Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(redeemedAt, (await Stores.AuthorizationCodes.FindAsync(code.Key, Ct))?.RedeemedAt);
    }

    [Fact]
    public async Task An_expired_code_is_still_found()
    {
        var code = await SaveAsync();
        Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.NotNull(await Stores.AuthorizationCodes.FindAsync(code.Key, Ct));
    }

    [Fact]
    public async Task Redeeming_saves_the_first_refresh_token_with_the_grant()
    {
        var code = await SaveAsync();
        var (_, first) = Build.RefreshToken(Clock, code.Grant.Id);

        Assert.True(await Stores.AuthorizationCodes.TryRedeemAsync(code.Key, first, Clock.Now, Ct));

        Assert.Equivalent(new StoredRefreshToken(first, code.Grant, null, null), await Stores.RefreshTokens.FindAsync(first.Key, Ct), strict: true);
    }

    [Fact]
    public async Task A_code_may_be_redeemed_without_a_refresh_token()
    {
        var code = await SaveAsync();

        Assert.True(await Stores.AuthorizationCodes.TryRedeemAsync(code.Key, null, Clock.Now, Ct));
    }

    [Fact]
    public async Task Redeeming_one_code_leaves_the_others()
    {
        var (spent, kept) = (await SaveAsync(), await SaveAsync());
        await Stores.AuthorizationCodes.TryRedeemAsync(spent.Key, null, Clock.Now, Ct);

        Assert.True(await Stores.AuthorizationCodes.TryRedeemAsync(kept.Key, null, Clock.Now, Ct));
    }

    [Fact]
    [Spec("RFC 6749", "§4.1.2")]
    public async Task A_spent_code_is_refused_and_nothing_is_saved()
    {
        var code = await SaveAsync();
        await Stores.AuthorizationCodes.TryRedeemAsync(code.Key, null, Clock.Now, Ct);
        var redeemedAt = Clock.Now;
        Clock.Advance(TimeSpan.FromSeconds(1));

        await AssertRefusedAsync(code);
        Assert.Equal(redeemedAt, (await Stores.AuthorizationCodes.FindAsync(code.Key, Ct))?.RedeemedAt);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(3600)]
    [Spec("requirement", "27")]
    public async Task An_expired_code_is_refused_and_nothing_is_saved(int seconds)
    {
        var code = await SaveAsync();
        Clock.Advance(TimeSpan.FromSeconds(seconds));

        await AssertRefusedAsync(code);
        Assert.Null((await Stores.AuthorizationCodes.FindAsync(code.Key, Ct))?.RedeemedAt);
    }

    [Fact]
    public async Task A_code_is_good_until_its_last_second()
    {
        var code = await SaveAsync();
        Clock.Advance(TimeSpan.FromSeconds(59));

        Assert.True(await Stores.AuthorizationCodes.TryRedeemAsync(code.Key, null, Clock.Now, Ct));
    }

    [Fact]
    public async Task A_code_of_an_ended_grant_is_refused_and_nothing_is_saved()
    {
        var code = await SaveAsync();
        await Stores.Grants.EndAsync(code.Grant.Id, Clock.Now, Ct);

        await AssertRefusedAsync(code);
    }

    [Fact]
    public async Task An_unknown_code_is_refused_and_nothing_is_saved() => await AssertRefusedAsync(Build.Code(Clock).Code);

    [Fact]
    public async Task A_wrong_digest_is_refused_and_does_not_spend_the_code()
    {
        var code = await SaveAsync();

        await AssertRefusedAsync(code with { Key = WithOtherDigest(code.Key) });
        Assert.True(await Stores.AuthorizationCodes.TryRedeemAsync(code.Key, null, Clock.Now, Ct));
    }

    [Fact]
    [Spec("requirement", "27")]
    public async Task Of_64_parallel_redemptions_exactly_one_wins_and_saves_its_refresh_token()
    {
        var code = await SaveAsync();
        var tokens = Enumerable.Range(0, 64).Select(_ => Build.RefreshToken(Clock, code.Grant.Id).Token).ToArray();

        var won = await RaceAsync(i => Stores.AuthorizationCodes.TryRedeemAsync(code.Key, tokens[i], Clock.Now, Ct));

        Assert.Single(won, w => w);
        for (var i = 0; i < tokens.Length; i++)
        {
            Assert.Equal(won[i], await Stores.RefreshTokens.FindAsync(tokens[i].Key, Ct) is not null);
        }
    }

    [Fact]
    public async Task A_grant_that_ends_while_its_code_is_redeemed_leaves_no_living_refresh_token()
    {
        var code = await SaveAsync();
        var (_, first) = Build.RefreshToken(Clock, code.Grant.Id);

        await RaceAsync(i => i == 0
            ? Stores.AuthorizationCodes.TryRedeemAsync(code.Key, first, Clock.Now, Ct)
            : Stores.Grants.EndAsync(code.Grant.Id, Clock.Now, Ct));

        var stored = await Stores.RefreshTokens.FindAsync(first.Key, Ct);
        Assert.True(stored is null or { GrantEndedAt: not null });
    }

    private async Task<AuthorizationCode> SaveAsync()
    {
        var (_, code) = Build.Code(Clock);
        await Stores.AuthorizationCodes.SaveAsync(code, Ct);
        return code;
    }

    private async Task AssertRefusedAsync(AuthorizationCode code)
    {
        var (_, first) = Build.RefreshToken(Clock, code.Grant.Id);
        Assert.False(await Stores.AuthorizationCodes.TryRedeemAsync(code.Key, first, Clock.Now, Ct));
        Assert.Null(await Stores.RefreshTokens.FindAsync(first.Key, Ct));
    }
}
