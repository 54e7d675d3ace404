using System.Text;
using IdServer.Data.Users;
using IdServer.Testing;
using Xunit;

namespace IdServer.Data.Tests.Users;

public sealed class TimeBasedCodeTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    // Of the 8 digits of the RFC the last 6: both are the same number, modulo a power of ten.
    [Theory]
    [Spec("RFC 6238", "appendix B")]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void The_codes_are_those_of_the_RFC(long seconds, string code) =>
        Assert.Equal(code, TimeBasedCode.Of(Secret, TimeBasedCode.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds))));

    [Theory]
    [Spec("RFC 4226", "appendix D")]
    [InlineData(0, "755224")]
    [InlineData(1, "287082")]
    [InlineData(7, "162583")]
    [InlineData(9, "520489")]
    public void And_those_of_the_counter_beneath(long counter, string code) => Assert.Equal(code, TimeBasedCode.Of(Secret, counter));

    [Theory]
    [Spec("RFC 6238", "§5.2")]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_clock_may_be_one_step_off(int steps, bool expected)
    {
        var now = new ManualClock().Now;
        var step = TimeBasedCode.StepAt(now) + steps;

        Assert.Equal(expected ? step : null, TimeBasedCode.FindStep(Secret, TimeBasedCode.Of(Secret, step), now, after: -1));
    }

    [Fact]
    [Spec("RFC 6238", "§5.2")]
    public void A_step_that_was_used_and_those_before_it_are_found_no_more()
    {
        var now = new ManualClock().Now;
        var step = TimeBasedCode.StepAt(now);

        Assert.Null(TimeBasedCode.FindStep(Secret, TimeBasedCode.Of(Secret, step), now, after: step));
        Assert.Null(TimeBasedCode.FindStep(Secret, TimeBasedCode.Of(Secret, step - 1), now, after: step));
        Assert.Equal(step + 1, TimeBasedCode.FindStep(Secret, TimeBasedCode.Of(Secret, step + 1), now, after: step));
    }

    [Theory]
    [InlineData("")]
    [InlineData("28708")]
    [InlineData("2870820")]
    [InlineData("٢٨٧٠٨٢")]
    [InlineData("287 08x")]
    public void What_is_no_code_is_none(string typed) => Assert.Null(TimeBasedCode.FindStep(Secret, typed, DateTimeOffset.FromUnixTimeSeconds(59), after: -1));

    [Fact]
    public void Spaces_do_not_count() => Assert.Equal(1, TimeBasedCode.FindStep(Secret, " 287 082 ", DateTimeOffset.FromUnixTimeSeconds(59), after: -1));
}
