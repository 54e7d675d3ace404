using IdServer.Data.Users;
using IdServer.Protocol.Issuance;
using Xunit;

namespace IdServer.Data.Tests.Users;

public abstract class OneTimeTokensTests : OnEitherDatabase
{
    private Guid? id;

    private Guid Person => id ??= Guid.CreateVersion7(Clock.Now);

    private OneTimeTokens Tokens => Get<OneTimeTokens>();

    [Fact]
    public async Task A_token_is_found_by_its_text_as_often_as_one_looks()
    {
        var text = await IssueAsync();

        var found = await Tokens.FindAsync(text, "reset", Ct);

        Assert.Equal((Person, "ana@example.com", Clock.Now.AddMinutes(30)), (found!.UserId, found.Address, found.ExpiresAt));
        Assert.Equal(found, await Tokens.FindAsync(text, "reset", Ct));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not one of ours")]
    public async Task What_is_no_token_is_not_found(string? text) => Assert.Null(await Tokens.FindAsync(text, "reset", Ct));

    [Fact]
    public async Task A_token_is_good_for_its_purpose_only()
    {
        var text = await IssueAsync();

        Assert.Null(await Tokens.FindAsync(text, "verify", Ct));
    }

    [Fact]
    public async Task The_right_id_with_another_secret_is_not_found()
    {
        var text = await IssueAsync();
        var other = text[..^4] + (text.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBB" : "AAAA");

        Assert.True(Handle.TryParse(other, out _));
        Assert.Null(await Tokens.FindAsync(other, "reset", Ct));
    }

    [Fact]
    public async Task An_expired_token_is_neither_found_nor_spent()
    {
        var text = await IssueAsync();
        var found = await Tokens.FindAsync(text, "reset", Ct);

        Clock.Advance(TimeSpan.FromMinutes(30));

        Assert.Null(await Tokens.FindAsync(text, "reset", Ct));
        Assert.False(await Tokens.TrySpendAsync(found!.Id, Ct));
    }

    [Fact]
    public async Task A_new_token_ends_the_one_before_of_the_same_person_and_purpose()
    {
        var first = await IssueAsync();
        var verify = await Tokens.IssueAsync("verify", Person, null, TimeSpan.FromDays(1), Ct);

        var second = await IssueAsync();

        Assert.Null(await Tokens.FindAsync(first, "reset", Ct));
        Assert.NotNull(await Tokens.FindAsync(second, "reset", Ct));
        Assert.NotNull(await Tokens.FindAsync(verify, "verify", Ct));
    }

    [Fact]
    public async Task Of_64_parallel_calls_one_spends_the_token_and_then_nobody_finds_it()
    {
        var text = await IssueAsync();
        var found = await Tokens.FindAsync(text, "reset", Ct);

        Assert.Equal(1, await RaceAsync(() => Tokens.TrySpendAsync(found!.Id, Ct)));
        Assert.Null(await Tokens.FindAsync(text, "reset", Ct));
    }

    [Fact]
    public async Task All_tokens_of_a_person_can_be_ended()
    {
        var mine = await IssueAsync();
        var other = await Tokens.IssueAsync("reset", Guid.CreateVersion7(Clock.Now), null, TimeSpan.FromMinutes(30), Ct);

        await Tokens.EndAllAsync(Person, Ct);

        Assert.Null(await Tokens.FindAsync(mine, "reset", Ct));
        Assert.NotNull(await Tokens.FindAsync(other, "reset", Ct));
    }

    private ValueTask<string> IssueAsync() => Tokens.IssueAsync("reset", Person, "ana@example.com", TimeSpan.FromMinutes(30), Ct);
}

public sealed class SqliteOneTimeTokensTests : OneTimeTokensTests
{
    protected override bool IsPostgres => false;
}

public sealed class PostgresOneTimeTokensTests : OneTimeTokensTests
{
    protected override bool IsPostgres => true;
}
