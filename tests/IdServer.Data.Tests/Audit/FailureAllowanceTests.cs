using System.Net;
using IdServer.Data.Audit;
using IdServer.Protocol.Events;
using IdServer.Testing;
using Xunit;

namespace IdServer.Data.Tests.Audit;

public sealed class FailureAllowanceTests
{
    private readonly ManualClock clock = new();
    private readonly FailureAllowance allowance = new(perMinute: 30);

    [Fact]
    public void One_source_gets_a_tenth_and_one_that_stands_for_the_rest() =>
        Assert.Equal([Allowance.One, Allowance.One, Allowance.One, Allowance.Last, Allowance.None, Allowance.None], Take(6));

    [Fact]
    public void All_sources_together_get_no_more_than_the_number_and_one_that_stands_for_the_rest()
    {
        var taken = Enumerable.Range(0, 100).Select(i => Take(EventKind.SignInFailed, i)).ToArray();

        Assert.All(taken[..30], t => Assert.Equal(Allowance.One, t));
        Assert.Equal(Allowance.Last, taken[30]);
        Assert.All(taken[31..], t => Assert.Equal(Allowance.None, t));
    }

    [Fact]
    public void Every_kind_and_every_minute_has_an_allowance_of_its_own()
    {
        Take(6);
        Assert.Equal(Allowance.One, Take(EventKind.ClientAuthenticationFailed, 0));

        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(Allowance.One, Take(EventKind.SignInFailed, 0));
    }

    [Fact]
    public void Who_has_no_address_is_one_source() =>
        Assert.Equal([Allowance.One, Allowance.One, Allowance.One, Allowance.Last, Allowance.None], Enumerable.Range(0, 5).Select(_ => allowance.Take(EventKind.SignInFailed, null, clock.Now)));

    private Allowance[] Take(int times) => [.. Enumerable.Range(0, times).Select(_ => Take(EventKind.SignInFailed, 0))];

    private Allowance Take(EventKind kind, int source) => allowance.Take(kind, new IPAddress([192, 0, 2, (byte)source]), clock.Now);
}
