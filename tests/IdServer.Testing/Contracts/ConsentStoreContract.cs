using IdServer.Protocol.Stores;
using Xunit;

namespace IdServer.Testing.Contracts;

/// <summary>What <see cref="IConsentStore"/> promises.</summary>
[Spec("requirement", "9")]
public abstract class ConsentStoreContract : StoreContract
{
    private readonly Lazy<string> subject; // one person, also for callers at once

    protected ConsentStoreContract() => subject = new(() => Build.Subject(Clock));

    private string Subject => subject.Value;

    [Fact]
    public async Task Nothing_is_allowed_at_first() => await AssertAllowedAsync(null, null);

    [Fact]
    public async Task What_was_allowed_is_remembered()
    {
        await RememberAsync(["openid", "email"], ["given_name"]);

        await AssertAllowedAsync(["openid", "email"], ["given_name"]);
    }

    [Fact]
    public async Task A_second_consent_adds_to_the_first()
    {
        await RememberAsync(["openid", "email"], ["given_name"]);
        Clock.Advance(TimeSpan.FromDays(1));
        await RememberAsync(["openid", "profile"], ["locale"]);

        await AssertAllowedAsync(["openid", "email", "profile"], ["given_name", "locale"]);
    }

    [Fact]
    public async Task Consent_for_one_client_is_none_for_another()
    {
        await RememberAsync(["openid"], []);

        Assert.Null(await Stores.Consents.FindAsync(Subject, "other-app", Ct));
    }

    [Fact]
    public async Task Consent_of_one_person_is_none_of_another()
    {
        await RememberAsync(["openid"], []);

        Assert.Null(await Stores.Consents.FindAsync(Build.Subject(Clock), "app", Ct));
    }

    [Fact]
    public async Task Withdrawn_consent_is_gone_and_does_not_return_with_the_next()
    {
        await RememberAsync(["openid", "email"], ["given_name"]);
        await Stores.Consents.WithdrawAsync(Subject, "app", Ct);
        await AssertAllowedAsync(null, null);

        await RememberAsync(["openid"], []);

        await AssertAllowedAsync(["openid"], []);
    }

    [Fact]
    public async Task Withdrawing_leaves_the_consent_for_other_clients()
    {
        await RememberAsync(["openid"], []);
        await Stores.Consents.RememberAsync(Subject, "other-app", ["email"], [], Clock.Now, Ct);

        await Stores.Consents.WithdrawAsync(Subject, "other-app", Ct);

        await AssertAllowedAsync(["openid"], []);
    }

    [Fact]
    public async Task Withdrawing_what_was_never_given_is_no_error()
    {
        await Stores.Consents.WithdrawAsync(Subject, "app", Ct);

        await AssertAllowedAsync(null, null);
    }

    [Fact]
    public async Task Of_64_parallel_consents_none_is_lost()
    {
        await RaceAsync(async i =>
        {
            await RememberAsync([$"scope-{i}"], []);
            return true;
        });

        await AssertAllowedAsync([.. Enumerable.Range(0, 64).Select(i => $"scope-{i}")], []);
    }

    private ValueTask RememberAsync(string[] scopes, string[] claims) => Stores.Consents.RememberAsync(Subject, "app", scopes, claims, Clock.Now, Ct);

    private async Task AssertAllowedAsync(string[]? scopes, string[]? claims)
    {
        var consent = await Stores.Consents.FindAsync(Subject, "app", Ct);
        Assert.Equal(scopes?.Order(), consent?.Scopes.Order());
        Assert.Equal(claims?.Order(), consent?.Claims.Order());
    }
}
