using IdServer.Protocol.Stores;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="IInteractionStore"/> promises.</summary>
public abstract class InteractionStoreContract : StoreContract
{
    [Theory]
    [InlineData(InteractionKind.Authorize)]
    [InlineData(InteractionKind.EndSession)]
    public async Task A_saved_interaction_is_found_by_its_browser(InteractionKind kind)
    {
        var interaction = Build.Interaction(Clock, i => i with { Kind = kind });
        await Stores.Interactions.SaveAsync(interaction, Ct);

        Assert.Equivalent(interaction, await FindAsync(interaction), strict: true);
    }

    [Fact]
    public async Task An_interaction_remembers_the_pushed_request_it_came_from()
    {
        var interaction = Build.Interaction(Clock, i => i with { PushedRequestId = Guid.CreateVersion7(Clock.Now) });
        await Stores.Interactions.SaveAsync(interaction, Ct);

        Assert.Equivalent(interaction, await FindAsync(interaction), strict: true);
    }

    [Fact]
    public async Task An_unknown_interaction_is_not_found() => Assert.Null(await FindAsync(Build.Interaction(Clock)));

    [Fact]
    public async Task Another_browser_does_not_find_it()
    {
        var interaction = await SaveAsync();

        Assert.Null(await FindAsync(interaction with { BrowserDigest = [.. interaction.BrowserDigest.Reverse()] }));
    }

    [Fact]
    public async Task It_is_found_until_it_expires()
    {
        var interaction = await SaveAsync();
        Clock.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await FindAsync(interaction));

        Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await FindAsync(interaction));
    }

    [Fact]
    public async Task A_new_interaction_is_neither_consented_to_nor_refused_nor_completed()
    {
        var found = await FindAsync(await SaveAsync());

        Assert.Equal((null, false, false), (found?.ConsentedScopes, found?.Refused, found?.Completed));
    }

    [Fact]
    public async Task Consent_is_recorded_with_its_scopes()
    {
        var interaction = await SaveAsync();

        await Stores.Interactions.RecordConsentAsync(interaction.Id, ["openid", "articles.read"], Ct);

        Assert.Equivalent(interaction with { ConsentedScopes = ["openid", "articles.read"] }, await FindAsync(interaction), strict: true);
    }

    [Fact]
    public async Task Consent_to_no_scope_is_consent()
    {
        var interaction = await SaveAsync();

        await Stores.Interactions.RecordConsentAsync(interaction.Id, [], Ct);

        Assert.Equal([], (await FindAsync(interaction))?.ConsentedScopes);
    }

    [Fact]
    [Spec("requirement", "17")]
    public async Task Refusal_is_recorded()
    {
        var interaction = await SaveAsync();

        await Stores.Interactions.RecordRefusalAsync(interaction.Id, Ct);

        Assert.Equivalent(interaction with { Refused = true }, await FindAsync(interaction), strict: true);
    }

    [Fact]
    public async Task What_is_recorded_for_one_interaction_does_not_show_in_another()
    {
        var (one, other) = (await SaveAsync(), await SaveAsync());

        await Stores.Interactions.RecordConsentAsync(one.Id, ["openid"], Ct);
        await Stores.Interactions.RecordRefusalAsync(one.Id, Ct);
        await Stores.Interactions.TryCompleteAsync(one.Id, Clock.Now, Ct);

        Assert.Equivalent(other, await FindAsync(other), strict: true);
    }

    [Fact]
    public async Task A_completed_interaction_is_found_marked_as_such()
    {
        var interaction = await SaveAsync();

        Assert.True(await Stores.Interactions.TryCompleteAsync(interaction.Id, Clock.Now, Ct));

        Assert.True((await FindAsync(interaction))?.Completed);
    }

    [Fact]
    public async Task An_interaction_completes_once()
    {
        var interaction = await SaveAsync();
        await Stores.Interactions.TryCompleteAsync(interaction.Id, Clock.Now, Ct);

        Assert.False(await Stores.Interactions.TryCompleteAsync(interaction.Id, Clock.Now, Ct));
    }

    [Fact]
    public async Task An_unknown_interaction_does_not_complete() =>
        Assert.False(await Stores.Interactions.TryCompleteAsync(Guid.CreateVersion7(Clock.Now), Clock.Now, Ct));

    [Fact]
    public async Task Of_64_parallel_completions_exactly_one_wins()
    {
        var interaction = await SaveAsync();

        var won = await RaceAsync(_ => Stores.Interactions.TryCompleteAsync(interaction.Id, Clock.Now, Ct));

        Assert.Single(won, w => w);
    }

    private async Task<Interaction> SaveAsync()
    {
        var interaction = Build.Interaction(Clock);
        await Stores.Interactions.SaveAsync(interaction, Ct);
        return interaction;
    }

    private ValueTask<Interaction?> FindAsync(Interaction interaction) => Stores.Interactions.FindAsync(interaction.Id, interaction.BrowserDigest, Clock.Now, Ct);
}
