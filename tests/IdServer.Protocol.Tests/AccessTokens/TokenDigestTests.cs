using IdServer.Tokens.AccessTokens;
using Xunit;

namespace IdServer.Protocol.Tests.AccessTokens;

public sealed class TokenDigestTests
{
    [Fact]
    public void A_digest_tells_tokens_apart_however_long_they_are()
    {
        var texts = new[] { "", "a", "b", new string('a', 1365), new string('a', 1366), new string('a', 20_000), new string('a', 20_001), "ñ", "\ud800" };

        Assert.Equal(texts.Length, texts.Select(TokenDigest.Of).Distinct().Count());
        Assert.All(texts, text => Assert.Equal(TokenDigest.Of(text), TokenDigest.Of(new string(text))));
    }
}
