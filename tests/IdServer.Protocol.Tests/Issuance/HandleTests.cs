using System.Security.Cryptography;
using IdServer.Protocol.Issuance;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Issuance;

public sealed class HandleTests
{
    private static readonly ManualClock Clock = new();

    [Fact]
    [Spec("requirement", "37")]
    public void A_handle_is_64_URL_safe_characters()
    {
        for (var i = 0; i < 1000; i++)
        {
            var value = Handle.New(Clock).Value;
            Assert.Equal(64, value.Length);
            Assert.All(value, c => Assert.True(char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
        }
    }

    [Fact]
    public void No_two_handles_share_an_id_or_a_secret()
    {
        var handles = Enumerable.Range(0, 1000).Select(_ => Handle.New(Clock)).ToArray();

        Assert.Equal(1000, handles.Select(h => h.Id).Distinct().Count());
        Assert.Equal(1000, handles.Select(h => Convert.ToHexString(h.Key.Digest)).Distinct().Count());
    }

    [Fact]
    [Spec("RFC 9562", "§5.7")]
    public void Ids_follow_the_clock()
    {
        var clock = new ManualClock();
        var earlier = Handle.New(clock).Id;
        clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(7, earlier.Version);
        Assert.True(string.CompareOrdinal(earlier.ToString(), Handle.New(clock).Id.ToString()) < 0);
    }

    [Fact]
    public void A_presented_handle_has_the_same_key()
    {
        var handle = Handle.New(Clock);

        Assert.True(Handle.TryParse(handle.Value, out var parsed));

        Assert.Equal((handle.Id, handle.Value), (parsed.Id, parsed.Value));
        Assert.Equal(handle.Key.Digest, parsed.Key.Digest);
    }

    [Fact]
    public void The_key_holds_the_digest_and_not_the_secret()
    {
        var handle = Handle.New(Clock);
        var secret = System.Buffers.Text.Base64Url.DecodeFromChars(handle.Value)[16..];

        Assert.Equal(SHA256.HashData(secret), handle.Key.Digest);
    }

    public static TheoryData<string> NoHandles
    {
        get
        {
            var good = Handle.New(Clock).Value;
            return
            [
                "", " ", "a", good[..63], good + "A", good + " ", " " + good, good + "\n", good + "=", good[..62] + "==", good[..63] + "=", good[..63] + " ", good[..63] + "\n", good[..63] + "+",
                good[..63] + "/", good[..63] + "%", good[..63] + "\0", good[..63] + "é", good[..60] + "    ", "\t\t\t\t" + good[4..], "Bearer " + good, good + good, new string(' ', 64), new string('=', 64),
                new string('A', 64), // an id that is no UUIDv7
                new string('_', 64), new string('é', 64), new string('\0', 64), new string('A', 100_000),
            ];
        }
    }

    [Theory]
    [InlineData(null)]
    [MemberData(nameof(NoHandles))]
    public void Anything_else_is_no_handle(string? value)
    {
        Assert.False(Handle.TryParse(value, out var handle));
        Assert.Null(handle);
    }

    [Fact]
    public void The_holder_of_a_handle_takes_out_the_successor_it_sealed()
    {
        var (current, successor) = (Handle.New(Clock), Handle.New(Clock));

        Assert.Equal(successor.Value, current.Unseal(successor.Id, current.Seal(successor)).Value);
    }

    [Fact]
    public void A_sealed_secret_shows_nothing_of_the_secret()
    {
        var (current, successor) = (Handle.New(Clock), Handle.New(Clock));
        var hidden = current.Seal(successor);

        Assert.Equal(32, hidden.Length);
        Assert.NotEqual(successor.Value, Handle.New(Clock).Unseal(successor.Id, hidden).Value);
        Assert.NotEqual(successor.Key.Digest, SHA256.HashData(hidden));
    }

    [Fact]
    public void A_sealed_secret_is_bound_to_the_id_of_the_successor()
    {
        var (current, successor) = (Handle.New(Clock), Handle.New(Clock));

        Assert.NotEqual(successor.Key.Digest, current.Unseal(Handle.New(Clock).Id, current.Seal(successor)).Key.Digest);
    }
}
