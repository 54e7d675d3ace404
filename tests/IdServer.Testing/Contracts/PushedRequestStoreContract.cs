using IdServer.Protocol.Stores;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="IPushedRequestStore"/> promises.</summary>
public abstract class PushedRequestStoreContract : StoreContract
{
    [Fact]
    public async Task A_saved_request_is_found_by_its_handle()
    {
        var request = await SaveAsync();

        Assert.Equivalent(request, await Stores.PushedRequests.FindAsync(request.Key, Ct), strict: true);
    }

    [Fact]
    public async Task An_unknown_request_is_not_found() => Assert.Null(await Stores.PushedRequests.FindAsync(Build.PushedRequest(Clock).Request.Key, Ct));

    [Fact]
    public async Task A_request_with_another_digest_is_not_found()
    {
        var request = await SaveAsync();

        Assert.Null(await Stores.PushedRequests.FindAsync(WithOtherDigest(request.Key), Ct));
    }

    [Fact]
    public async Task An_expired_request_is_still_found()
    {
        var request = await SaveAsync();
        Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.NotNull(await Stores.PushedRequests.FindAsync(request.Key, Ct));
    }

    [Fact]
    [Spec("requirement", "23")]
    public async Task A_spent_request_is_found_with_the_time_it_was_spent_at()
    {
        var (request, other) = (await SaveAsync(), await SaveAsync());
        var spentAt = Clock.Now;

        Assert.True(await Stores.PushedRequests.TrySpendAsync(request.Key.Id, spentAt, Ct));

        Assert.Equal(spentAt, (await Stores.PushedRequests.FindAsync(request.Key, Ct))?.SpentAt);
        Assert.Null((await Stores.PushedRequests.FindAsync(other.Key, Ct))?.SpentAt);
    }

    [Fact]
    [Spec("requirement", "23")]
    public async Task A_request_is_spent_once_and_keeps_the_first_time()
    {
        var request = await SaveAsync();
        var spentAt = Clock.Now;
        await Stores.PushedRequests.TrySpendAsync(request.Key.Id, spentAt, Ct);
        Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await Stores.PushedRequests.TrySpendAsync(request.Key.Id, Clock.Now, Ct));
        Assert.Equal(spentAt, (await Stores.PushedRequests.FindAsync(request.Key, Ct))?.SpentAt);
    }

    [Fact]
    public async Task An_unknown_request_cannot_be_spent() => Assert.False(await Stores.PushedRequests.TrySpendAsync(Guid.CreateVersion7(Clock.Now), Clock.Now, Ct));

    [Fact]
    public async Task An_expired_request_can_be_spent_by_whoever_began_in_time()
    {
        var request = await SaveAsync();
        Clock.Advance(TimeSpan.FromMinutes(20));

        Assert.True(await Stores.PushedRequests.TrySpendAsync(request.Key.Id, Clock.Now, Ct));
    }

    [Fact]
    [Spec("requirement", "23")]
    public async Task Of_64_parallel_completions_exactly_one_spends_it()
    {
        var request = await SaveAsync();

        var won = await RaceAsync(_ => Stores.PushedRequests.TrySpendAsync(request.Key.Id, Clock.Now, Ct));

        Assert.Single(won, w => w);
    }

    private async Task<PushedRequest> SaveAsync()
    {
        var (_, request) = Build.PushedRequest(Clock);
        await Stores.PushedRequests.SaveAsync(request, Ct);
        return request;
    }
}
