using IdServer.Tokens.Memory;
using Xunit;

namespace IdServer.Protocol.Tests.Memory;

public sealed class RecentlyUsedTests
{
    private readonly RecentlyUsed<string, string> known = new(100);

    [Fact]
    public void What_was_remembered_is_found_until_everything_is_forgotten()
    {
        known.Remember("a", "A", known.Epoch);
        Assert.Equal("A", known.Find("a"));
        Assert.Null(known.Find("b"));

        known.Clear();
        Assert.Null(known.Find("a"));
    }

    [Fact]
    public void The_later_of_two_values_is_found_in_both_generations()
    {
        known.Remember("a", "A", known.Epoch);
        known.Remember("a", "A2", known.Epoch);
        Assert.Equal("A2", known.Find("a"));

        Fill(50, "other"); // the next generation
        Assert.Equal("A2", known.Find("a"));
        known.Remember("a", "A3", known.Epoch);
        Assert.Equal("A3", known.Find("a"));
    }

    [Fact]
    public void What_has_changed_is_forgotten_in_both_generations_and_the_rest_stays()
    {
        known.Remember("a", "A", known.Epoch);
        Fill(50, "other"); // a is old now
        known.Remember("b", "B", known.Epoch);

        known.Forget("a");
        known.Forget("b");

        Assert.Null(known.Find("a"));
        Assert.Null(known.Find("b"));
        Assert.NotNull(known.Find("other 49"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_found_out_before_a_change_is_not_remembered_after_it(bool everything)
    {
        var before = known.Epoch;
        if (everything)
        {
            known.Clear();
        }
        else
        {
            known.Forget("a");
        }

        known.Remember("a", "A", before);

        Assert.Null(known.Find("a"));
    }

    [Fact]
    public void It_never_holds_more_than_its_capacity_and_keeps_what_is_used()
    {
        known.Remember("used", "used", known.Epoch);
        for (var i = 0; i < 1000; i++)
        {
            known.Remember($"token {i}", "x", known.Epoch);
            Assert.Equal("used", known.Find("used"));
        }

        Assert.InRange(Enumerable.Range(0, 1000).Count(i => known.Find($"token {i}") is not null), 1, 100);
    }

    [Fact]
    public void Half_of_the_capacity_used_in_turn_is_never_lost()
    {
        Fill(50, "used");
        for (var round = 0; round < 5; round++)
        {
            Assert.All(Enumerable.Range(0, 50), i => Assert.NotNull(known.Find($"used {i}")));
        }
    }

    [Fact]
    public async Task A_value_is_never_found_after_its_change_however_many_threads_remember_and_use_it()
    {
        var version = 0;
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var before = known.Epoch;
                if (known.Find("a") is null)
                {
                    known.Remember("a", Volatile.Read(ref version).ToString(System.Globalization.CultureInfo.InvariantCulture), before);
                }

                Fill(10, $"other {Environment.CurrentManagedThreadId}"); // turns the generations
            }
        })).ToArray();

        for (var i = 1; i <= 2000; i++)
        {
            Volatile.Write(ref version, i);
            known.Forget("a");
            Assert.True(known.Find("a") is not { } found || int.Parse(found, System.Globalization.CultureInfo.InvariantCulture) >= i);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    private void Fill(int count, string name)
    {
        for (var i = 0; i < count; i++)
        {
            known.Remember($"{name} {i}", "x", known.Epoch);
        }
    }
}
