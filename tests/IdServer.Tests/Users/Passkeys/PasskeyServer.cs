using IdServer.Data;
using IdServer.Data.Admin;
using IdServer.Protocol.Events;
using IdServer.Testing;
using IdServer.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Users.Passkeys;

/// <summary>A running server whose issuer is a name, as passkeys need it, on a clock that stands.</summary>
public sealed class PasskeyServer : IAsyncLifetime
{
    public ManualClock Clock { get; } = new();

    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    public RunningServer Running { get; private set; } = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public SoftPasskey NewPasskey() => new(Running.Origin);

    /// <summary>Makes an account with a password.</summary>
    public async Task<string> RegisterAsync(string username)
    {
        var outcome = await Running.Provider.GetRequiredService<Accounts>().AddAsync(new DeclaredUser { Username = username, Email = $"{username}@example.com", Password = Declared.Password }, Ct);
        return outcome.Subject!;
    }

    public async Task DisableAsync(string username) => Assert.NotNull((await Running.Provider.GetRequiredService<Accounts>().DisableAsync(username, Ct)).Subject);

    public async Task RemoveAsync(string subject)
    {
        await using var scope = Running.Provider.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ScopedContext>().Value;
        db.Remove(await db.Users.SingleAsync(u => u.Id == Guid.Parse(subject), Ct));
        await db.SaveChangesAsync(Ct);
    }

    /// <summary>The audit trail has, or will have in a moment, an event of this kind that says this.</summary>
    /// <param name="subject">Of this person, if one is given.</param>
    public async Task AssertAuditedAsync(EventKind kind, string detail, string? subject = null) => Assert.Contains(
        await Eventually.Async(
            async () => await Running.Provider.GetRequiredService<AuditQueries>().ListAsync(new AuditFilter(Kind: kind, Subject: subject), 50, Ct),
            entries => entries.Any(e => e.Detail?.Contains(detail, StringComparison.Ordinal) == true),
            TimeSpan.FromSeconds(10)),
        entry => entry.Detail?.Contains(detail, StringComparison.Ordinal) == true);

    public async ValueTask InitializeAsync() => Running = await RunningServer.StartAsync(new RunningServer
    {
        Host = "localhost",
        Clock = Clock,
        Settings = new Dictionary<string, string?>(Settings) { ["IdServer:Audit:FailuresPerMinute"] = "100000" }, // on a clock that stands, all failures are of one minute
    });

    public ValueTask DisposeAsync() => Running.DisposeAsync();
}
