using System.Text;
using IdServer.Protocol.Requests;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Requests;

[Spec("RFC 6749", "appendix B")]
public sealed class FormUrlEncodingTests
{
    [Theory]
    [InlineData("a=1", "a", "1")]
    [InlineData("a=", "a", "")]
    [InlineData("a", "a", "")]
    [InlineData("=1", "", "1")]
    [InlineData("a=1=2", "a", "1=2")]
    [InlineData("a=b+c", "a", "b c")]
    [InlineData("a=b%20c", "a", "b c")]
    [InlineData("a=b%2Bc", "a", "b+c")]
    [InlineData("a=b%2bc", "a", "b+c")]
    [InlineData("%61=1", "a", "1")]
    [InlineData("a=%26%3D", "a", "&=")]
    [InlineData("a=%C3%B1", "a", "ñ")]
    [InlineData("a=ñ", "a", "ñ")]
    [InlineData("a=%F0%9F%94%91", "a", "🔑")]
    [InlineData("a=%00", "a", "\0")]
    [InlineData("a=%2525", "a", "%25")]
    [InlineData("a=%EF%BB%BFx", "a", "\uFEFFx")]
    public void A_pair_is_decoded_once(string encoded, string name, string value)
    {
        var pair = Assert.Single(Parse(encoded)!.Pairs);

        Assert.Equal((name, value), (pair.Key, pair.Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&")]
    [InlineData("&&&")]
    public void Nothing_between_ampersands_is_no_parameter(string encoded) => Assert.Empty(Parse(encoded)!.Pairs);

    [Fact]
    public void Pairs_keep_their_order() => Assert.Equal(["b", "a", "c"], Parse("b=1&a=2&c=3")!.Pairs.Select(p => p.Key));

    [Fact]
    public void A_semicolon_separates_nothing() => Assert.Equal("1;b=2", Parse("a=1;b=2")!["a"]);

    [Theory]
    [InlineData("a=%")]
    [InlineData("a=%2")]
    [InlineData("a=%2&b=1")]
    [InlineData("a=%G0")]
    [InlineData("a=%0G")]
    [InlineData("a=% 0")]
    [InlineData("a=%+1")]
    [InlineData("a=%%41")]
    [InlineData("a=%u0041")]
    [InlineData("%=1")]
    [InlineData("ok=1&a=%zz")]
    public void A_broken_escape_is_refused(string encoded) => Assert.Null(Parse(encoded));

    [Theory]
    [InlineData("a=%FF")]
    [InlineData("a=%C3")]
    [InlineData("a=%C3%28")]
    [InlineData("a=%C0%AF")] // overlong slash
    [InlineData("a=%E0%80%AF")]
    [InlineData("a=%ED%A0%80")] // surrogate
    [InlineData("a=%F5%80%80%80")] // above U+10FFFF
    [InlineData("%FF=1")]
    public void Escaped_bytes_that_are_not_UTF8_are_refused(string encoded) => Assert.Null(Parse(encoded));

    [Theory]
    [InlineData(0xFF)]
    [InlineData(0xC3)]
    [InlineData(0x80)]
    public void Raw_bytes_that_are_not_UTF8_are_refused(byte b) => Assert.False(FormUrlEncoding.TryParse([(byte)'a', (byte)'=', b], out _));

    [Fact]
    public void An_escape_cut_by_the_ampersand_does_not_borrow_from_the_next_pair() => Assert.Null(Parse("a=%4&1=b"));

    [Theory]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(70_000)]
    public void Long_values_are_decoded_like_short_ones(int length) => Assert.Equal(new string('x', length), Parse("a=" + new string('x', length))!["a"]);

    [Fact]
    public void More_pairs_than_any_request_needs_are_refused()
    {
        Assert.NotNull(Parse(string.Join('&', Enumerable.Range(0, FormUrlEncoding.MaximumPairs))));
        Assert.Null(Parse(string.Join('&', Enumerable.Range(0, FormUrlEncoding.MaximumPairs + 1))));
    }

    private static ProtocolParameters? Parse(string encoded) => FormUrlEncoding.TryParse(Encoding.UTF8.GetBytes(encoded), out var parameters) ? parameters : null;
}
