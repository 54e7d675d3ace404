using IdServer.Testing;
using IdServer.Tokens.Revocations;
using Xunit;

namespace IdServer.Protocol.Tests.Issuance;

[Spec("requirement", "28")]
public sealed class RevocationTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void It_holds_every_id_that_was_added_and_no_other_while_it_grows()
    {
        var table = new RevocationTable();
        var ids = NewIds(100_000);
        foreach (var id in ids)
        {
            table.Add(id, Now, Now.AddHours(1));
        }

        Assert.Equal(ids.Length, table.Count);
        Assert.All(ids, id => Assert.True(table.Holds(id)));
        Assert.All(NewIds(1000), id => Assert.False(table.Holds(id)));
    }

    [Fact]
    public void Ids_that_differ_in_a_few_bits_only_are_told_apart()
    {
        var table = new RevocationTable();
        for (var i = 0; i < 10_000; i += 2)
        {
            table.Add(new Guid(i, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]), Now, Now.AddHours(1));
        }

        Assert.All(Enumerable.Range(0, 10_000), i => Assert.Equal(i % 2 == 0, table.Holds(new Guid(i, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]))));
    }

    [Fact]
    public void An_id_added_again_counts_once_and_keeps_the_later_expiry()
    {
        var table = new RevocationTable();
        var id = Guid.CreateVersion7(Now);
        table.Add(id, Now, Now.AddHours(2));
        table.Add(id, Now, Now.AddHours(1));
        table.Prune(Now.AddHours(1));

        Assert.True(table.Holds(id));
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void Pruning_keeps_everything_that_is_alive_with_its_time()
    {
        var table = new RevocationTable(keepsTimes: true);
        var (expired, alive) = (NewIds(50_000), NewIds(5_000));
        foreach (var id in expired)
        {
            table.Add(id, Now, Now.AddMinutes(1));
        }

        foreach (var id in alive)
        {
            table.Add(id, Now, Now.AddMinutes(2));
        }

        table.Prune(Now.AddMinutes(1));

        Assert.Equal(alive.Length, table.Count);
        Assert.All(alive, id => Assert.True(table.Holds(id, Now)));
        Assert.All(alive, id => Assert.False(table.Holds(id, Now.AddMilliseconds(1))));
        Assert.All(expired, id => Assert.False(table.Holds(id)));
    }

    [Fact]
    public async Task A_reader_never_misses_what_was_added_before_it_looked_whatever_grows_or_goes_meanwhile()
    {
        var table = new RevocationTable();
        var ids = NewIds(200_000);
        var added = 0;
        var reader = Task.Run(
            () =>
            {
                var missed = 0;
                while (Volatile.Read(ref added) is var known && known < ids.Length)
                {
                    for (var i = Math.Max(0, known - 500); i < known; i++)
                    {
                        missed += table.Holds(ids[i]) ? 0 : 1;
                    }
                }

                return missed;
            },
            TestContext.Current.CancellationToken);
        for (var i = 0; i < ids.Length; i++)
        {
            table.Add(ids[i], Now, Now.AddHours(1));
            Volatile.Write(ref added, i + 1);
            if (i % 20_000 == 0)
            {
                table.Add(Guid.CreateVersion7(Now), Now, Now);
                table.Prune(Now); // replaces the arrays under the reader
            }
        }

        Assert.Equal(0, await reader);
    }

    [Fact]
    public void A_million_ids_take_38_megabytes_at_most()
    {
        var table = new RevocationTable();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000_000; i++)
        {
            table.Add(Guid.CreateVersion7(Now), Now, Now.AddHours(1));
        }

        // Every array is half as long again as the one before it, so that the last one is a third of all that were ever made.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 3, 20_000_000, 38_000_000);
        Assert.Equal(1_000_000, table.Count);
    }

    private static Guid[] NewIds(int count) => [.. Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7(Now))];
}
