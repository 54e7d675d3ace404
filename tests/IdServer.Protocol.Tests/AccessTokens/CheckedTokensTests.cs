using IdServer.Tokens.AccessTokens;
using Xunit;

namespace IdServer.Protocol.Tests.AccessTokens;

public sealed class CheckedTokensTests
{
    [Fact]
    public void What_was_remembered_is_found_until_everything_is_forgotten()
    {
        var tokens = new CheckedTokens<string>(10);
        tokens.Remember(TokenDigest.Of("a"), "A", tokens.Epoch);
        Assert.Equal("A", tokens.Find(TokenDigest.Of("a")));
        Assert.Null(tokens.Find(TokenDigest.Of("b")));

        tokens.Clear();
        Assert.Null(tokens.Find(TokenDigest.Of("a")));
    }

    [Fact]
    public void What_was_checked_before_everything_was_forgotten_is_not_remembered_after_it()
    {
        var tokens = new CheckedTokens<string>(10);
        var epoch = tokens.Epoch;
        tokens.Clear();

        tokens.Remember(TokenDigest.Of("a"), "A", epoch);

        Assert.Null(tokens.Find(TokenDigest.Of("a")));
    }

    [Fact]
    public void It_never_holds_more_than_its_capacity_and_keeps_what_is_used()
    {
        var tokens = new CheckedTokens<string>(100);
        tokens.Remember(TokenDigest.Of("used"), "used", tokens.Epoch);
        for (var i = 0; i < 1000; i++)
        {
            tokens.Remember(TokenDigest.Of($"token {i}"), "x", tokens.Epoch);
            Assert.Equal("used", tokens.Find(TokenDigest.Of("used")));
        }

        Assert.InRange(Enumerable.Range(0, 1000).Count(i => tokens.Find(TokenDigest.Of($"token {i}")) is not null), 1, 100);
    }

    [Fact]
    public void A_digest_tells_tokens_apart_however_long_they_are()
    {
        var texts = new[] { "", "a", "b", new string('a', 1365), new string('a', 1366), new string('a', 20_000), new string('a', 20_001), "ñ", "\ud800" };

        Assert.Equal(texts.Length, texts.Select(TokenDigest.Of).Distinct().Count());
        Assert.All(texts, text => Assert.Equal(TokenDigest.Of(text), TokenDigest.Of(new string(text))));
    }
}
