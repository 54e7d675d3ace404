using IdServer.Data.Admin;
using IdServer.Data.Maintenance;
using IdServer.Data.Users;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Tokens.Revocations;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Data.Tests.Admin;

/// <summary>What is generated is found by the stores as if the server had written it, on both engines.</summary>
public sealed class RowGeneratorTests : IProgress<int>
{
    private const int MoreThanOneTransaction = 5003;

    private readonly ManualClock clock = new();
    private readonly List<(string ClientId, string Token)> issued = [];
    private int committed;

    private static CancellationToken Ct => TestDatabase.Ct;

    void IProgress<int>.Report(int value) => committed += value;

    [Fact]
    public async Task Generated_rows_are_found_on_SQLite()
    {
        await using var database = await TestDatabase.CreateAsync();
        await GenerateAndFindAsync(database.Open(clock));
    }

    [Fact]
    public async Task Generated_rows_are_found_on_PostgreSQL_where_they_come_by_COPY()
    {
        await using var database = await PostgresTestDatabase.CreateAsync();
        await GenerateAndFindAsync(database.Open(clock));
    }

    [Fact]
    public async Task What_was_interrupted_is_whole_as_far_as_it_was_reported()
    {
        await using var database = await TestDatabase.CreateAsync();
        var process = database.Open(clock);
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(Ct);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            process.GetRequiredService<RowGenerator>().AddExpiredRowsAsync(3 * MoreThanOneTransaction, new Interrupting(this, interrupt), interrupt.Token));

        Assert.InRange(committed, 1, MoreThanOneTransaction);
        Assert.Equal(committed, database.Count("grants") + database.Count("refresh_tokens") + database.Count("sessions") + database.Count("revocations"));
        Assert.Equal(database.Count("grants"), database.Count("refresh_tokens"));
    }

    private async Task GenerateAndFindAsync(ServiceProvider process)
    {
        var generator = process.GetRequiredService<RowGenerator>();
        await using (var scope = process.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<RoleManager<Role>>().CreateAsync(new Role { Id = Guid.CreateVersion7(clock.Now), Name = "usuario" });
        }

        Assert.False(await generator.AddRefreshTokensAsync(1, ["app-1"], "openid", Issued, this, Ct)); // nobody to issue them to
        await generator.AddUsersAsync(3, number => $"user-{number}", "hash", "USUARIO", this, Ct);
        await generator.AddClientsAsync(2, number => Build.Metadata(m => m with { ClientId = $"app-{number}" }), Build.ClientSecret, this, Ct);
        Assert.True(await generator.AddRefreshTokensAsync(7, ["app-1", "app-2"], "openid offline_access", Issued, this, Ct));
        await generator.AddRevocationsAsync(4, this, Ct);
        Assert.Equal((16, 7), (committed, issued.Count));

        Assert.NotNull(await process.GetRequiredService<IClientStore>().FindAsync("app-2", Ct));
        var subjects = new List<string>();
        foreach (var (clientId, token) in issued)
        {
            Assert.True(Handle.TryParse(token, out var handle));
            var found = await process.GetRequiredService<IRefreshTokenStore>().FindAsync(handle.Key, Ct);
            Assert.Equal((clientId, clock.Now, true), (found!.Grant.ClientId, found.Token.CreatedAt, found.Grant.IsOffline));
            subjects.Add(found.Grant.Subject);
        }

        Assert.Equal(3, subjects.Distinct().Count());
        var user = await process.GetRequiredService<IUserClaimsSource>().FindAsync(subjects[0], Ct);
        Assert.True(user!.EmailVerified);
        Assert.Equal(["usuario"], user.Roles);
        var revocations = await process.GetRequiredService<IRevocationStore>().ReadAsync(0, 10, clock.Now, Ct);
        Assert.Equal(4, revocations.Count(revocation => revocation.Kind == RevocationKind.Token));

        await generator.AddExpiredRowsAsync(MoreThanOneTransaction, this, Ct);
        Assert.Equal(16 + MoreThanOneTransaction, committed);
        Assert.Equal(MoreThanOneTransaction, await process.GetRequiredService<ExpiredRowPruner>().PruneAsync(clock.Now, Ct));
    }

    private void Issued(string clientId, string token) => issued.Add((clientId, token));

    /// <summary>Somebody presses Ctrl+C after the first transaction.</summary>
    private sealed class Interrupting(IProgress<int> progress, CancellationTokenSource interrupt) : IProgress<int>
    {
        public void Report(int value)
        {
            progress.Report(value);
            interrupt.Cancel();
        }
    }
}
