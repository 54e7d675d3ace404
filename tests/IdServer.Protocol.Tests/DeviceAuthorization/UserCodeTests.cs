using IdServer.Protocol.DeviceAuthorization;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.DeviceAuthorization;

[Spec("RFC 8628", "§6.1")]
public sealed class UserCodeTests
{
    [Fact]
    public void A_code_is_eight_consonants_that_are_hard_to_confuse_and_all_of_them_occur()
    {
        var codes = Enumerable.Range(0, 2000).Select(_ => UserCode.New()).ToArray();

        Assert.All(codes, code => Assert.Equal(8, code.Length));
        Assert.Equal("BCDFGHJKLMNPQRSTVWXZ", string.Concat(codes.SelectMany(code => code).Distinct().Order()));
        Assert.Equal(codes.Length, codes.Distinct().Count());
    }

    [Fact]
    public void It_is_shown_with_a_dash_in_its_middle() => Assert.Equal("WDJB-MJHT", UserCode.Show("WDJBMJHT"));

    [Theory]
    [InlineData("WDJB-MJHT")]
    [InlineData("wdjbmjht")]
    [InlineData("  wdjb mjht ")]
    [InlineData("WDJB–MJHT")]
    [InlineData("w.d.j.b_m-j-h-t")]
    public void It_is_read_however_it_is_written(string typed)
    {
        Assert.True(UserCode.TryParse(typed, out var code));
        Assert.Equal("WDJBMJHT", code);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("WDJB-MJH")]
    [InlineData("WDJB-MJHTT")]
    [InlineData("WDJB-MJH0")]
    [InlineData("WDJB-MJHA")]
    [InlineData("ＷDJB-MJHT")]
    [InlineData("'; DROP TABLE--")]
    [InlineData("W D J B - M J H T                      ")]
    public void What_no_code_can_be_is_not_read(string? typed) => Assert.False(UserCode.TryParse(typed, out _));
}
