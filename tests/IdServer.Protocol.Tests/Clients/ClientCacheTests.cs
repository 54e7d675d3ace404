using System.Collections.Concurrent;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Registration;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using Xunit;

namespace IdServer.Protocol.Tests.Clients;

public sealed class ClientCacheTests : IDisposable
{
    private readonly ManualClock clock = new();
    private readonly MemoryChangeFeed changes = new();
    private readonly CountingStore store = new();
    private readonly ClientCache cache;

    public ClientCacheTests() => cache = new ClientCache(store, changes, clock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => cache.Dispose();

    [Fact]
    public async Task A_client_is_read_once_a_minute()
    {
        var app = store.Clients["app"] = Build.Client();

        Assert.Same(app, await cache.FindAsync("app", Ct));
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Same(app, await cache.FindAsync("app", Ct));
        Assert.Equal(1, store.Reads);

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Same(app, await cache.FindAsync("app", Ct));
        Assert.Equal(2, store.Reads);
    }

    [Fact]
    [Spec("Client ID Metadata Document", "§4")]
    public async Task A_document_is_read_only_for_ids_that_the_store_does_not_have()
    {
        const string Registered = "https://app.example/registered.json";
        const string Documented = "https://app.example/client.json";
        var documents = new MemoryDocuments { [Documented] = $$"""{ "client_id": "{{Documented}}", "redirect_uris": [ "https://app.example/callback" ] }""" };
        var options = Build.Options() with { ClientIdMetadata = new() { AllowedHosts = ["app.example"] } };
        using var both = new ClientCache(store, changes, clock, new ClientIdDocuments(options, new RegistrationPolicy(options, Build.Catalog(), documents), documents, new RecordingEvents(), clock));
        var registered = store.Clients[Registered] = Build.Client(m => m with { ClientId = Registered });

        Assert.Same(registered, await both.FindAsync(Registered, Ct));
        Assert.Equal(0, documents.Fetches);
        var documented = await both.FindAsync(Documented, Ct);
        Assert.NotNull(documented);
        Assert.Same(documented, await both.FindAsync(Documented, Ct));
        Assert.Equal(2, store.Reads);
        Assert.Equal(1, documents.Fetches);
        Assert.Null(await cache.FindAsync(Documented, Ct)); // where no host is named
    }

    [Fact]
    public async Task A_change_of_a_client_is_seen_at_once_and_leaves_the_others()
    {
        store.Clients["app"] = Build.Client();
        store.Clients["other"] = Build.Client(m => m with { ClientId = "other" });
        await cache.FindAsync("app", Ct);
        await cache.FindAsync("other", Ct);

        var changed = store.Clients["app"] = Build.Client();
        changes.Publish(new Change(ChangeKind.Client, "app"));

        Assert.Same(changed, await cache.FindAsync("app", Ct));
        await cache.FindAsync("other", Ct);
        Assert.Equal(3, store.Reads);
    }

    [Fact]
    public async Task A_removed_client_is_gone_at_once()
    {
        store.Clients["app"] = Build.Client();
        await cache.FindAsync("app", Ct);

        store.Clients.Clear();
        changes.Publish(new Change(ChangeKind.Client, "app"));

        Assert.Null(await cache.FindAsync("app", Ct));
    }

    [Fact]
    public async Task A_missed_change_drops_everything()
    {
        store.Clients["app"] = Build.Client();
        await cache.FindAsync("app", Ct);
        await cache.FindAsync("nobody", Ct);

        changes.Publish(new Change(ChangeKind.Everything));
        await cache.FindAsync("app", Ct);
        await cache.FindAsync("nobody", Ct);

        Assert.Equal(4, store.Reads);
    }

    [Fact]
    public async Task Changes_of_other_things_drop_nothing()
    {
        store.Clients["app"] = Build.Client();
        await cache.FindAsync("app", Ct);

        changes.Publish(new Change(ChangeKind.User, "app"));
        await cache.FindAsync("app", Ct);

        Assert.Equal(1, store.Reads);
    }

    [Fact]
    public async Task An_unknown_id_is_remembered_for_seconds_only()
    {
        Assert.Null(await cache.FindAsync("late", Ct));
        Assert.Null(await cache.FindAsync("late", Ct));
        Assert.Equal(1, store.Reads);

        store.Clients["late"] = Build.Client(m => m with { ClientId = "late" });
        clock.Advance(TimeSpan.FromSeconds(3));

        Assert.NotNull(await cache.FindAsync("late", Ct));
        Assert.NotNull(await cache.FindAsync("late", Ct));
        Assert.Equal(2, store.Reads);
    }

    [Fact]
    public async Task A_client_that_is_registered_is_found_at_once_although_its_id_was_unknown()
    {
        Assert.Null(await cache.FindAsync("late", Ct));

        store.Clients["late"] = Build.Client(m => m with { ClientId = "late" });
        changes.Publish(new Change(ChangeKind.Client, "late"));

        Assert.NotNull(await cache.FindAsync("late", Ct));
    }

    [Fact]
    public async Task A_flood_of_unknown_ids_pushes_no_client_out_and_only_the_last_of_them_are_remembered()
    {
        store.Clients["app"] = Build.Client();
        await cache.FindAsync("app", Ct);
        for (var i = 0; i < 1_001; i++)
        {
            await cache.FindAsync($"nobody-{i}", Ct);
        }

        await cache.FindAsync("app", Ct);
        await cache.FindAsync("nobody-1000", Ct);
        Assert.Equal(1_002, store.Reads);
        await cache.FindAsync("nobody-0", Ct);
        Assert.Equal(1_003, store.Reads);
    }

    [Fact]
    public async Task An_id_that_is_too_long_to_exist_never_reaches_the_store()
    {
        Assert.Null(await cache.FindAsync(new string('a', 201), Ct));

        Assert.Equal(0, store.Reads);
    }

    [Fact]
    public async Task What_was_read_while_it_changed_is_not_kept()
    {
        store.Clients["app"] = Build.Client();
        var changed = Build.Client();
        store.BeforeAnswer = () =>
        {
            store.BeforeAnswer = null;
            store.Clients["app"] = changed;
            changes.Publish(new Change(ChangeKind.Client, "app"));
        };

        Assert.NotSame(changed, await cache.FindAsync("app", Ct));
        Assert.Same(changed, await cache.FindAsync("app", Ct));
    }

    /// <summary>A store that counts: what a cache saves cannot be seen otherwise.</summary>
    private sealed class CountingStore : IClientStore
    {
        public ConcurrentDictionary<string, Client> Clients { get; } = new();

        public int Reads { get; private set; }

        public Action? BeforeAnswer { get; set; }

        public ValueTask<Client?> FindAsync(string clientId, CancellationToken ct)
        {
            Reads++;
            var found = Clients.GetValueOrDefault(clientId);
            BeforeAnswer?.Invoke();
            return new(found);
        }
    }
}
