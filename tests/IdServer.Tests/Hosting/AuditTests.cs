using System.Net;
using System.Text.Json;
using IdServer.Data.Admin;
using IdServer.Protocol.Events;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Hosting;

/// <summary>What the running server keeps of what happens to it.</summary>
public sealed class AuditTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sign_in_and_a_failed_one_are_kept_with_person_and_address_and_without_what_was_typed()
    {
        var subject = await server.SubjectOfAsync(Declared.User);
        using (await SignInAsync(Declared.User, "typed by mistake: secret"))
        using (await SignInAsync("typed-as-user-name", Declared.Password))
        using (var right = await SignInAsync(Declared.User, Declared.Password))
        {
            Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        }

        var kept = await KeptAsync(new AuditFilter(), entries => entries.Any(e => e.Kind == EventKind.SignedIn));
        Assert.Contains(kept, e => (e.Kind, e.Subject, e.RemoteAddress, e.Detail) == (EventKind.SignInFailed, subject, "127.0.0.1", "wrong password"));
        Assert.Contains(kept, e => (e.Kind, e.Subject, e.Detail) == (EventKind.SignInFailed, null, "unknown account"));
        Assert.Contains(kept, e => (e.Kind, e.Subject, e.RemoteAddress) == (EventKind.SignedIn, subject, "127.0.0.1"));
        var all = JsonSerializer.Serialize(kept);
        Assert.DoesNotContain("typed", all, StringComparison.Ordinal);
        Assert.DoesNotContain(Declared.Password, all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_client_and_a_revocation_are_kept()
    {
        using (await server.PostAsync("connect/token", Wire.Basic(Declared.App, "wrong"), ("grant_type", "client_credentials")))
        {
        }

        using var signedIn = await SignInAsync(Declared.User, Declared.Password);
        var first = (await signedIn.JsonAsync()).Text("refresh_token")!;
        var grants = server.Provider.GetRequiredService<Protocol.Stores.IRefreshTokenStore>();
        Assert.True(Protocol.Issuance.Handle.TryParse(first, out var handle));
        var grant = (await grants.FindAsync(handle.Key, Ct))!.Grant;
        using (await server.PostAsync("connect/revocation", Wire.Basic(Declared.Trusted), ("token", first)))
        {
        }

        Assert.Contains(await KeptAsync(new AuditFilter(ClientId: Declared.App), entries => entries.Count > 0), e => (e.Kind, e.Error) == (EventKind.ClientAuthenticationFailed, "invalid_client"));
        Assert.Contains(
            await KeptAsync(new AuditFilter(ClientId: Declared.Trusted, Kind: EventKind.TokenRevoked), entries => entries.Any(e => e.GrantId == grant.Id)),
            e => (e.Subject, e.GrantId, e.RemoteAddress) == (grant.Subject, grant.Id, "127.0.0.1"));
    }

    [Fact]
    public async Task What_the_configuration_declares_and_the_first_keys_are_kept()
    {
        var subject = await server.SubjectOfAsync("berta");

        var kept = await KeptAsync(new AuditFilter(), entries => entries.Any(e => e.Kind == EventKind.UserRegistered && e.Subject == subject));

        Assert.Contains(kept, e => (e.Kind, e.Subject, e.Detail) == (EventKind.UserRegistered, subject, "declared in the configuration"));
        Assert.Contains(kept, e => (e.Kind, e.ClientId) == (EventKind.ClientAdded, Declared.App));
        Assert.Contains(kept, e => e.Kind == EventKind.SigningKeyAdded);
    }

    [Fact]
    public async Task Tokens_that_are_issued_refreshed_and_checked_leave_no_row()
    {
        using var signedIn = await SignInAsync(Declared.User, Declared.Password);
        var tokens = await signedIn.JsonAsync();
        var before = await KeptAsync(new AuditFilter(), entries => entries.Any(e => e.Kind == EventKind.SignedIn));

        using var refreshed = await server.PostAsync("connect/token", Wire.Basic(Declared.Trusted), ("grant_type", "refresh_token"), ("refresh_token", tokens.Text("refresh_token")!));
        using var machine = await server.PostAsync("connect/token", null, ("grant_type", "client_credentials"), ("client_id", Declared.Machine), ("client_secret", Declared.Secret));
        using var introspected = await server.PostAsync("connect/introspect", Wire.Basic(Declared.Api), ("token", tokens.Text("access_token")!));
        Assert.All([refreshed, machine, introspected], r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
        using (await server.PostAsync("connect/revocation", Wire.Basic(Declared.Trusted), ("token", tokens.Text("access_token")!)))
        {
        }

        var after = await KeptAsync(new AuditFilter(), entries => entries.Any(e => e.Kind == EventKind.TokenRevoked && e.At >= before[0].At));
        Assert.Equal([EventKind.TokenRevoked], after.Where(e => before.All(b => b.Id != e.Id)).Select(e => e.Kind));
    }

    private Task<HttpResponseMessage> SignInAsync(string username, string password) =>
        server.PostAsync("connect/token", Wire.Basic(Declared.Trusted), ("grant_type", "password"), ("username", username), ("password", password), ("scope", "openid offline_access"));

    private Task<IReadOnlyList<AuditEntry>> KeptAsync(AuditFilter filter, Func<IReadOnlyList<AuditEntry>, bool> wanted) =>
        Eventually.Async(async () => await server.Provider.GetRequiredService<AuditQueries>().ListAsync(filter, 1000, Ct), wanted, Bound);
}
