using IdServer.Protocol.Clients;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Clients;

[Spec("requirement", "32"), Spec("OIDC Core", "§10.1.1")]
public sealed class ClientKeysTests : IDisposable
{
    private const string Address = "https://app.example/jwks";

    private readonly ManualClock clock = new();
    private readonly MemoryDocuments documents = new();
    private readonly ClientKeyPair first = ClientKeyPair.Create(keyId: "first");
    private readonly ClientKeyPair second = ClientKeyPair.Create(keyId: "second");
    private readonly Client client = Build.Client(m => m with { ClientSecret = null, TokenEndpointAuthMethod = "private_key_jwt", JwksUri = Address });
    private readonly ClientKeys keys;

    public ClientKeysTests()
    {
        keys = new ClientKeys(documents, clock);
        documents[Address] = first.Jwks;
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public async Task Registered_keys_are_found_without_asking_anybody()
    {
        var registered = Build.Client(m => m with { Jwks = ClientKeyPair.ElementOf(ClientKeyPair.SetOf(first.PublicKey, second.PublicKey)) });

        Assert.Equal("second", Assert.Single(await keys.FindAsync(registered, "second", "ES256", Ct)).KeyId);
        Assert.Equal(2, (await keys.FindAsync(registered, null, "ES256", Ct)).Count);
        Assert.Empty(await keys.FindAsync(registered, "third", "ES256", Ct));
        Assert.Empty(await keys.FindAsync(registered, "first", "RS256", Ct));
        Assert.Equal(0, documents.Fetches);
    }

    [Fact]
    public async Task A_client_without_keys_has_none() => Assert.Empty(await keys.FindAsync(Build.Client(), null, "ES256", Ct));

    [Fact]
    public async Task Published_keys_are_read_once()
    {
        Assert.True(await IsFoundAsync("first"));
        Assert.True(await IsFoundAsync("first"));
        Assert.True(await IsFoundAsync(null));
        Assert.Equal(1, documents.Fetches);
    }

    [Fact]
    public async Task An_unknown_kid_has_them_read_again_at_once()
    {
        await IsFoundAsync("first");
        documents[Address] = second.Jwks;

        Assert.True(await IsFoundAsync("second"));
        Assert.False(await IsFoundAsync("first"));
    }

    [Fact]
    public async Task Invented_kids_are_no_flood_on_the_client()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.False(await IsFoundAsync("invented" + i));
        }

        Assert.Equal(RemoteKeys.Burst, documents.Fetches);
        clock.Advance(RemoteKeys.Refill);
        documents[Address] = second.Jwks;
        Assert.True(await IsFoundAsync("second"));
        Assert.Equal(RemoteKeys.Burst + 1, documents.Fetches);
        Assert.False(await IsFoundAsync("invented"));
        Assert.Equal(RemoteKeys.Burst + 1, documents.Fetches);
    }

    [Fact]
    public async Task Parallel_requests_share_one_read()
    {
        documents.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var finding = Enumerable.Range(0, 64).Select(_ => Task.Run(() => IsFoundAsync("first"), Ct)).ToArray();
        while (documents.Fetches == 0)
        {
            await Task.Yield();
        }

        documents.Gate.SetResult();

        Assert.All(await Task.WhenAll(finding), Assert.True);
        Assert.Equal(1, documents.Fetches);
    }

    [Fact]
    public async Task A_request_that_goes_away_does_not_end_the_read_of_the_others()
    {
        documents.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var gone = new CancellationTokenSource();
        var leaving = keys.FindAsync(client, "first", "ES256", gone.Token).AsTask();
        var staying = IsFoundAsync("first");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        documents.Gate.SetResult();

        Assert.True(await staying);
        Assert.Equal(1, documents.Fetches);
    }

    [Theory]
    [InlineData(null)] // cannot be had
    [InlineData("<html>")]
    [InlineData("{}")]
    public async Task A_failed_read_keeps_the_old_keys(string? document)
    {
        await IsFoundAsync("first");
        documents[Address] = document;

        Assert.False(await IsFoundAsync("second"));
        Assert.True(await IsFoundAsync("first"));
    }

    [Fact]
    public async Task A_failed_first_read_is_limited_and_made_good()
    {
        documents[Address] = null;
        for (var i = 0; i < 100; i++)
        {
            Assert.False(await IsFoundAsync("first"));
        }

        Assert.Equal(RemoteKeys.Burst, documents.Fetches);
        documents[Address] = first.Jwks;
        clock.Advance(RemoteKeys.Refill);

        Assert.True(await IsFoundAsync("first"));
    }

    [Fact]
    public async Task A_withdrawn_key_is_found_out()
    {
        await IsFoundAsync("first");
        documents[Address] = second.Jwks;
        clock.Advance(RemoteKeys.Fresh + TimeSpan.FromSeconds(1));

        Assert.True(await IsFoundAsync("first")); // nobody waits for the new ones
        var found = true;
        for (var i = 0; found && i < 1000; i++)
        {
            await Task.Delay(1, Ct); // the read runs beside us
            found = await IsFoundAsync("first");
        }

        Assert.False(found);
    }

    [Fact]
    public async Task Keys_that_cannot_be_read_again_are_given_up_after_a_day()
    {
        await IsFoundAsync("first");
        documents[Address] = null;
        clock.Advance(RemoteKeys.MaximumAge);
        Assert.True(await IsFoundAsync("first"));

        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await IsFoundAsync("first"));
    }

    [Fact]
    public async Task Unusable_keys_of_a_published_set_are_ignored()
    {
        using var weak = ClientKeyPair.Create("RS256", "weak", rsaBits: 1024);
        var encryption = second.PublicKey;
        encryption["use"] = "enc";
        documents[Address] = ClientKeyPair.SetOf(weak.PublicKey, encryption, first.PublicKey);

        Assert.True(await IsFoundAsync("first"));
        Assert.Empty(await keys.FindAsync(client, "weak", "RS256", Ct));
        Assert.False(await IsFoundAsync("second"));
    }

    [Fact]
    public async Task A_set_of_any_size_is_not_kept()
    {
        documents[Address] = ClientKeyPair.SetOf(Enumerable.Range(0, 1000).Select(_ => first.PublicKey));

        Assert.False(await IsFoundAsync("first"));
    }

    private async Task<bool> IsFoundAsync(string? keyId) => (await keys.FindAsync(client, keyId, "ES256", Ct)).Count > 0;
}
