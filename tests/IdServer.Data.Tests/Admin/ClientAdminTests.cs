using IdServer.Data.Admin;
using IdServer.Protocol.Clients;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Revocations;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Admin;

public sealed class ClientAdminTests : IAsyncLifetime
{
    private const string OtherSecret = "another-client-secret-of-enough-characters-98765";

    private readonly ManualClock clock = new();
    private readonly List<Change> told = [];
    private TestDatabase database = null!;
    private ServiceProvider process = null!;

    private static CancellationToken Ct => TestDatabase.Ct;

    private IReadOnlyList<ProtocolEvent> Raised => ((RecordingEvents)process.GetRequiredService<IProtocolEvents>()).Raised;

    private ClientAdmin Admin => process.GetRequiredService<ClientAdmin>();

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        process = database.Open(clock);
        process.GetRequiredService<IChangeFeed>().Subscribe(told.Add);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task A_new_client_is_added_and_told_of()
    {
        Assert.Equal(UpsertOutcome.Added, await UpsertAsync());

        Assert.Equal([new Change(ChangeKind.Client, "app")], told);
        Assert.Equal([new ProtocolEvent(EventKind.ClientAdded, "app")], Raised);
        Assert.True(Assert.Single((await FindAsync())!.Secrets).Matches(ClientSecret.DigestOf(Build.ClientSecret), clock.Now));
    }

    [Fact]
    public async Task The_same_client_again_writes_nothing_and_tells_nobody()
    {
        await UpsertAsync();
        told.Clear();
        clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(UpsertOutcome.Unchanged, await UpsertAsync());

        Assert.Empty(told);
        Assert.Equal(1, database.Count("changes"));
        Assert.Equal(1, database.Count("clients"));
        Assert.Equal(1, database.Count("client_secrets"));
    }

    [Fact]
    public async Task Changed_metadata_replaces_what_was_there_and_keeps_the_secret()
    {
        await UpsertAsync();

        Assert.Equal(UpsertOutcome.Changed, await UpsertAsync(secret: null, with: m => m with { ClientName = "Renamed", RequirePkce = false }));

        var client = (await FindAsync())!;
        Assert.Equal("Renamed", client.Name);
        Assert.False(client.RequirePkce);
        Assert.Single(client.Secrets);
    }

    [Fact]
    public async Task A_new_secret_takes_the_place_of_the_old_one()
    {
        await UpsertAsync();

        Assert.Equal(UpsertOutcome.Changed, await UpsertAsync(OtherSecret));

        var secret = Assert.Single((await FindAsync())!.Secrets);
        Assert.True(secret.Matches(ClientSecret.DigestOf(OtherSecret), clock.Now));
        Assert.False(secret.Matches(ClientSecret.DigestOf(Build.ClientSecret), clock.Now));
    }

    [Fact]
    public async Task A_client_that_becomes_public_loses_its_secret()
    {
        await UpsertAsync();

        await UpsertAsync(secret: null, with: m => m with { TokenEndpointAuthMethod = ClientAuthenticationMethods.None });

        Assert.Empty((await FindAsync())!.Secrets);
        Assert.Equal(0, database.Count("client_secrets"));
    }

    [Fact]
    public async Task Clients_are_listed_by_id_with_their_secrets()
    {
        await UpsertAsync(with: m => m with { ClientId = "b" });
        await UpsertAsync(with: m => m with { ClientId = "a" });
        await UpsertAsync(secret: null, with: m => m with { ClientId = "c", TokenEndpointAuthMethod = ClientAuthenticationMethods.None });

        Assert.Equal([("a", 1), ("b", 1), ("c", 0)], (await Admin.ListAsync(Ct)).Select(client => (client.ClientId, client.Secrets.Count)));
    }

    [Fact]
    public async Task A_removed_client_is_gone_with_its_secret_its_consents_and_its_grants()
    {
        await UpsertAsync();
        var grant = Build.Grant(clock);
        var (_, token) = Build.RefreshToken(clock, grant.Id);
        await process.GetRequiredService<IRefreshTokenStore>().SaveAsync(grant, token, Ct);
        var consents = process.GetRequiredService<IConsentStore>();
        await consents.RememberAsync(grant.Subject, "app", ["openid"], [], clock.Now, Ct);
        await consents.RememberAsync(grant.Subject, "other", ["openid"], [], clock.Now, Ct);
        told.Clear();

        Assert.True(await Admin.RemoveAsync("app", Ct));

        Assert.Null(await FindAsync());
        Assert.Equal(0, database.Count("client_secrets"));
        Assert.Null(await consents.FindAsync(grant.Subject, "app", Ct));
        Assert.NotNull(await consents.FindAsync(grant.Subject, "other", Ct));
        Assert.Equal(clock.Now, (await process.GetRequiredService<IRefreshTokenStore>().FindAsync(token.Key, Ct))!.GrantEndedAt);
        Assert.Contains(new Change(ChangeKind.Client, "app"), told);
        Assert.Contains(told, change => change.Revocation is { Kind: RevocationKind.Grant } revocation && revocation.Key == grant.Id);
    }

    [Fact]
    public async Task Removing_a_client_that_is_not_there_does_nothing()
    {
        Assert.False(await Admin.RemoveAsync("app", Ct));

        Assert.Empty(told);
        Assert.Equal(0, database.Count("changes"));
    }

    [Fact]
    public async Task Of_64_parallel_upserts_one_adds_the_client()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => UpsertAsync(), Ct)));

        Assert.Single(outcomes, UpsertOutcome.Added);
        Assert.Equal(63, outcomes.Count(outcome => outcome == UpsertOutcome.Unchanged));
        Assert.Equal(1, database.Count("client_secrets"));
    }

    private async Task<UpsertOutcome> UpsertAsync(string? secret = Build.ClientSecret, Func<ClientMetadata, ClientMetadata>? with = null) =>
        await Admin.UpsertAsync(Build.Metadata(with), secret, Ct);

    private ValueTask<Client?> FindAsync() => process.GetRequiredService<IClientStore>().FindAsync("app", Ct);
}
