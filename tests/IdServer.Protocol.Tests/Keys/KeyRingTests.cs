using IdServer.Protocol.Events;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Options;
using IdServer.Testing;
using IdServer.Testing.Stores;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.Keys;

[Spec("requirement", "43")]
public sealed class KeyRingTests : IDisposable
{
    private static readonly ProtocolOptions Options = Build.Options();

    private readonly ManualClock clock = new();
    private readonly MemoryChangeFeed changes = new();
    private readonly RecordingEvents events = new();
    private readonly MemoryStores stores;
    private readonly KeyRing ring;

    public KeyRingTests()
    {
        stores = new MemoryStores(changes);
        ring = NewRing();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => ring.Dispose();

    [Fact]
    public async Task The_first_start_makes_one_key_per_algorithm_that_signs_at_once()
    {
        await ring.MaintainAsync(clock.Now, Ct);

        Assert.Equal(["ES256", "RS256"], ring.PublicKeys.Keys.Select(k => k.Algorithm).Order());
        Assert.Equal(clock.Now, ring.SignerFor("ES256").ActivatesAt);
        Assert.Equal("RS256", ring.SignerFor("RS256").Algorithm);
        Assert.Equal([EventKind.SigningKeyAdded, EventKind.SigningKeyAdded], events.Kinds);
        Assert.Equal(2, changes.Published.Count(c => c.Kind == ChangeKind.SigningKeys));
    }

    [Fact]
    public async Task A_second_start_makes_none()
    {
        await ring.MaintainAsync(clock.Now, Ct);
        var writes = stores.Writes;

        using var next = NewRing();
        await next.MaintainAsync(clock.Now, Ct);

        Assert.Equal(writes, stores.Writes);
        Assert.Equal(ring.SignerFor("ES256").KeyId, next.SignerFor("ES256").KeyId);
    }

    [Fact]
    public void A_ring_that_was_never_loaded_signs_nothing()
    {
        Assert.Throws<InvalidOperationException>(() => ring.SignerFor("ES256"));
        Assert.Empty(ring.PublicKeys.Keys);
    }

    [Fact]
    public async Task A_successor_is_published_before_it_signs_and_signs_without_a_reload()
    {
        await AddAsync(Key(clock.Now));
        await ring.MaintainAsync(clock.Now, Ct);
        var first = ring.SignerFor("ES256").KeyId;

        clock.Advance(Options.SigningKeyRotation - TimeSpan.FromSeconds(1));
        await ring.MaintainAsync(clock.Now, Ct);
        Assert.Single(Published("ES256"));

        clock.Advance(TimeSpan.FromSeconds(1));
        await ring.MaintainAsync(clock.Now, Ct);
        Assert.Equal(2, Published("ES256").Length);
        Assert.Equal(first, ring.SignerFor("ES256").KeyId);

        clock.Advance(Options.SigningKeyAnnouncement - TimeSpan.FromSeconds(1));
        Assert.Equal(first, ring.SignerFor("ES256").KeyId);

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first, ring.SignerFor("ES256").KeyId);
        Assert.Contains(ring.SignerFor("ES256").KeyId, Published("ES256"));
    }

    [Fact]
    public async Task Maintenance_makes_one_successor_however_often_it_runs()
    {
        await ring.MaintainAsync(clock.Now, Ct);
        clock.Advance(Options.SigningKeyRotation);

        await ring.MaintainAsync(clock.Now, Ct);
        await ring.MaintainAsync(clock.Now, Ct);
        clock.Advance(Options.SigningKeyAnnouncement);
        await ring.MaintainAsync(clock.Now, Ct);

        Assert.Equal(2, Published("ES256").Length);
        Assert.Equal(2, Published("RS256").Length);
    }

    [Fact]
    public async Task A_superseded_key_stays_until_the_last_token_it_signed_has_expired()
    {
        await AddAsync(Key(clock.Now));
        await ring.MaintainAsync(clock.Now, Ct);
        var first = ring.SignerFor("ES256").KeyId;
        await AddAsync(Key(clock.Now.AddHours(1)));
        clock.Advance(TimeSpan.FromHours(1) + Options.LongestTokenLifetime - TimeSpan.FromSeconds(1));
        await ring.MaintainAsync(clock.Now, Ct);
        Assert.Contains(first, Published("ES256"));

        clock.Advance(TimeSpan.FromSeconds(1));
        await ring.MaintainAsync(clock.Now, Ct);

        Assert.DoesNotContain(first, Published("ES256"));
        Assert.DoesNotContain(first, (await stores.SigningKeys.LoadAsync(Ct)).Select(k => k.KeyId));
        Assert.Equal(EventKind.SigningKeyRemoved, events.Kinds.Last());
        Assert.Single(Published("RS256"));
    }

    [Fact]
    public async Task Rotation_on_demand_announces_a_successor_of_every_algorithm()
    {
        await ring.MaintainAsync(clock.Now, Ct);
        var (es256, rs256) = (ring.SignerFor("ES256").KeyId, ring.SignerFor("RS256").KeyId);

        await ring.RotateAsync(clock.Now, immediately: false, Ct);

        Assert.Equal(4, ring.PublicKeys.Keys.Count);
        Assert.Equal((es256, rs256), (ring.SignerFor("ES256").KeyId, ring.SignerFor("RS256").KeyId));
        clock.Advance(Options.SigningKeyAnnouncement);
        Assert.NotEqual(es256, ring.SignerFor("ES256").KeyId);
        Assert.NotEqual(rs256, ring.SignerFor("RS256").KeyId);
    }

    [Fact]
    public async Task An_immediate_rotation_signs_with_the_new_keys_when_every_node_knows_them_and_keeps_the_old_ones_published()
    {
        await ring.MaintainAsync(clock.Now, Ct);
        var old = ring.SignerFor("ES256").KeyId;
        clock.Advance(TimeSpan.FromSeconds(1));

        await ring.RotateAsync(clock.Now, immediately: true, Ct);

        Assert.Equal(old, ring.SignerFor("ES256").KeyId);
        Assert.Equal(4, ring.PublicKeys.Keys.Count);
        clock.Advance(KeyRing.Spread);
        Assert.NotEqual(old, ring.SignerFor("ES256").KeyId);
        Assert.Contains(old, Published("ES256"));
    }

    [Fact]
    public async Task A_rotation_by_another_process_is_seen_through_the_change_feed()
    {
        await ring.MaintainAsync(clock.Now, Ct);
        using var other = NewRing();
        clock.Advance(TimeSpan.FromSeconds(1));

        await other.RotateAsync(clock.Now, immediately: true, Ct);

        for (var i = 0; i < 500 && ring.Keys.Count < 4; i++) // the reload is not awaited by the feed
        {
            await Task.Delay(10, Ct);
        }

        clock.Advance(KeyRing.Spread);
        Assert.Equal(other.SignerFor("ES256").KeyId, ring.SignerFor("ES256").KeyId);
        Assert.Equal(4, ring.PublicKeys.Keys.Count);
    }

    [Fact]
    public async Task Documents_are_told_when_keys_change_and_only_then()
    {
        var told = 0;
        ring.Changed += (_, _) => told++;

        await ring.MaintainAsync(clock.Now, Ct);
        Assert.Equal(1, told);

        await ring.LoadAsync(Ct);
        await ring.MaintainAsync(clock.Now, Ct);
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task Tokens_of_a_superseded_key_still_verify_and_those_of_a_removed_one_do_not()
    {
        await AddAsync(Key(clock.Now));
        await ring.MaintainAsync(clock.Now, Ct);
        var token = JwtSigner.Sign(ring.SignerFor("ES256"), "JWT", clock.Now.AddDays(300).ToUnixTimeSeconds(), static (writer, exp) =>
        {
            writer.WriteString("iss", Build.Issuer);
            writer.WriteNumber("exp", exp);
        });
        await AddAsync(Key(clock.Now.AddSeconds(1)));
        clock.Advance(TimeSpan.FromHours(1));
        await ring.MaintainAsync(clock.Now, Ct);
        Assert.Equal(JwtFault.None, await FaultAsync(token));

        clock.Advance(Options.LongestTokenLifetime);
        await ring.MaintainAsync(clock.Now, Ct);
        Assert.Equal(JwtFault.UnknownKey, await FaultAsync(token));
    }

    [Fact]
    public async Task Published_keys_have_distinct_ids_and_no_private_members()
    {
        await ring.MaintainAsync(clock.Now, Ct);
        await ring.RotateAsync(clock.Now, immediately: false, Ct);

        Assert.Equal(4, ring.PublicKeys.Keys.Select(k => k.KeyId).Distinct().Count());
        Assert.All(ring.PublicKeys.Keys, k => Assert.Empty(Token.TokenRoom.Json(k.WriteTo).EnumerateObject().Select(m => m.Name).Except(["kty", "crv", "x", "y", "n", "e", "use", "alg", "kid"])));
    }

    private KeyRing NewRing() => new(stores.SigningKeys, changes, events, Options, clock);

    private ValueTask AddAsync(SigningKey key) => stores.SigningKeys.AddAsync(key, Ct);

    private SigningKey Key(DateTimeOffset activatesAt) => SigningKey.Create(Algorithms.ES256, clock.Now, activatesAt);

    private string[] Published(string algorithm) => [.. ring.PublicKeys.Keys.Where(k => k.Algorithm == algorithm).Select(k => k.KeyId)];

    private async Task<JwtFault> FaultAsync(string token) =>
        (await JwtValidator.ValidateAsync(token, new JwtRules { Issuer = Build.Issuer, Audiences = null, Types = ["JWT"], Algorithms = ["ES256"] }, ring.PublicKeys, clock)).Fault;
}
