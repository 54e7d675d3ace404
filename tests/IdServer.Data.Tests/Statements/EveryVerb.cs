using System.Xml.Linq;
using IdServer.Data.Admin;
using IdServer.Data.Audit;
using IdServer.Data.Mail;
using IdServer.Data.Users;
using IdServer.Protocol.Events;
using IdServer.Protocol.Issuance;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using IdServer.Tokens.Replay;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace IdServer.Data.Tests.Statements;

/// <summary>Runs each verb of each store once, with as much behind it as it takes to get to every statement.</summary>
internal sealed class EveryVerb(IServiceProvider process, ManualClock clock)
{
    private static CancellationToken Ct => TestDatabase.Ct;

    public async Task UseAsync()
    {
        await UseClientsAsync();
        await UseGrantsAsync();
        await UseWhatWaitsAsync();
        await UseKeysAsync();
        await UsePeopleAsync();
        await UseAuditAsync();
        await UseMailAsync();
    }

    public async Task UseAuditAsync()
    {
        var trail = process.GetRequiredService<AuditTrail>();
        trail.Add(new ProtocolEvent(EventKind.SignedIn, "app", "ana"));
        await trail.DisposeAsync();
        var queries = process.GetRequiredService<AuditQueries>();
        AuditFilter[] filters = [new(), new(Subject: "ana"), new(ClientId: "app"), new(Kind: EventKind.SignedIn), new("ana", "app", EventKind.SignedIn, clock.Now)];
        foreach (var filter in filters)
        {
            Assert.Single(await queries.ListAsync(filter, 10, Ct));
        }
    }

    private async Task UseClientsAsync()
    {
        var admin = process.GetRequiredService<ClientAdmin>();
        await admin.UpsertAsync(Build.Metadata(), Build.ClientSecret, Ct);
        await admin.UpsertAsync(Build.Metadata(m => m with { TokenEndpointAuthMethod = "client_secret_jwt" }), Build.ClientSecret + "2", Ct);
        await admin.UpsertAsync(Build.Metadata(), null, Ct);
        Assert.NotNull(await process.GetRequiredService<IClientStore>().FindAsync("app", Ct));
        Assert.Single(await admin.ListAsync(Ct));
        Assert.True(await admin.RemoveAsync("app", Ct));
    }

    private async Task UseGrantsAsync()
    {
        var codes = process.GetRequiredService<IAuthorizationCodeStore>();
        var tokens = process.GetRequiredService<IRefreshTokenStore>();
        var grants = process.GetRequiredService<IGrantStore>();
        var sessions = process.GetRequiredService<ISessionStore>();
        var revocations = process.GetRequiredService<IRevocationStore>();
        var session = Build.Session(clock);
        await sessions.SaveAsync(session, Ct);
        var (_, code) = Build.Code(clock);
        await codes.SaveAsync(code, Ct);
        Assert.NotNull(await codes.FindAsync(code.Key, Ct));
        Assert.True(await codes.TryRedeemAsync(code.Key, Build.RefreshToken(clock, code.Grant.Id).Token, clock.Now, Ct));
        var devices = process.GetRequiredService<IDeviceCodeStore>();
        var (_, device) = Build.DeviceCode(clock);
        Assert.True(await devices.TrySaveAsync(device, Ct));
        Assert.NotNull(await devices.PollAsync(device.Key, "app", clock.Now, Ct));
        Assert.True(await devices.TryApproveAsync(device.Key.Id, Build.Grant(clock), clock.Now, Ct));
        Assert.NotNull(await devices.FindAsync(device.UserCode, Ct));
        Assert.True(await devices.TryRedeemAsync(device.Key, null, clock.Now, Ct));
        var grant = Build.Grant(clock);
        var (handle, first) = Build.RefreshToken(clock, grant.Id);
        var (next, second) = Build.RefreshToken(clock, grant.Id);
        await tokens.SaveAsync(grant, first, Ct);
        Assert.Equal(RotationOutcome.Rotated, (await tokens.TryRotateAsync(first.Key, second, handle.Seal(next), clock.Now, TimeSpan.Zero, Ct)).Outcome);
        Assert.Equal(RotationOutcome.Repeated, (await tokens.TryRotateAsync(first.Key, second, handle.Seal(next), clock.Now, TimeSpan.Zero, Ct)).Outcome);
        Assert.NotNull(await tokens.FindAsync(second.Key, Ct));
        Assert.True(await grants.EndAsync(grant.Id, clock.Now, Ct));
        await grants.EndAllOfSubjectAsync(code.Grant.Subject, clock.Now, Ct);
        Assert.Single(await sessions.ListAsync(session.Subject, clock.Now, Ct));
        Assert.Empty(await sessions.ClientsOfAsync(session.Id, Ct));
        await process.GetRequiredService<ClientAdmin>().UpsertAsync(Build.Metadata(m => m with { BackchannelLogoutUri = "https://app.example/logout" }), Build.ClientSecret, Ct);
        var (ofSession, ofSessionToken) = (Build.Grant(clock, g => g with { SessionId = session.Id, Subject = session.Subject }), Build.RefreshToken(clock, Guid.Empty).Token);
        await tokens.SaveAsync(ofSession, ofSessionToken with { GrantId = ofSession.Id }, Ct);
        Assert.NotNull(await sessions.EndAsync(session.Id, clock.Now, Ct));
        var notices = process.GetRequiredService<ILogoutNoticeStore>();
        var notice = Assert.Single(await notices.TakeDueAsync(clock.Now, clock.Now.AddMinutes(1), 10, Ct));
        await notices.PutOffAsync(notice, clock.Now, Ct);
        await notices.RemoveAsync(notice, Ct);
        await revocations.RevokeTokenAsync(Guid.CreateVersion7(clock.Now), clock.Now.AddHours(1), clock.Now, Ct);
        Assert.NotEmpty(await revocations.ReadAsync(0, 10, clock.Now, Ct));
    }

    private async Task UseWhatWaitsAsync()
    {
        var consents = process.GetRequiredService<IConsentStore>();
        await consents.RememberAsync("ana", "app", ["openid"], [], clock.Now, Ct);
        Assert.NotNull(await consents.FindAsync("ana", "app", Ct));
        await consents.WithdrawAsync("ana", "app", Ct);
        var interactions = process.GetRequiredService<IInteractionStore>();
        var interaction = Build.Interaction(clock);
        await interactions.SaveAsync(interaction, Ct);
        await interactions.RecordConsentAsync(interaction.Id, ["openid"], Ct);
        await interactions.RecordRefusalAsync(interaction.Id, Ct);
        Assert.NotNull(await interactions.FindAsync(interaction.Id, Build.BrowserDigest, clock.Now, Ct));
        Assert.True(await interactions.TryCompleteAsync(interaction.Id, clock.Now, Ct));
        var leaves = process.GetRequiredService<IInitialAccessTokenStore>();
        var leave = new InitialAccessToken(Handle.New(clock).Key, 1, clock.Now.AddHours(1));
        await leaves.SaveAsync(leave, Ct);
        Assert.NotNull(await leaves.FindAsync(leave.Key, Ct));
        Assert.True(await leaves.TrySpendAsync(leave.Key.Id, clock.Now, Ct));
        var pushed = process.GetRequiredService<IPushedRequestStore>();
        var (_, request) = Build.PushedRequest(clock);
        await pushed.SaveAsync(request, Ct);
        Assert.NotNull(await pushed.FindAsync(request.Key, Ct));
        Assert.True(await pushed.TrySpendAsync(request.Key.Id, clock.Now, Ct));
        Assert.True(await process.GetRequiredService<IReplayCache>().TryAddAsync("key", clock.Now.AddMinutes(1), Ct));
    }

    private async Task UseKeysAsync()
    {
        var keys = process.GetRequiredService<ISigningKeyStore>();
        var key = SigningKey.Create(Algorithms.ES256, clock.Now, clock.Now);
        await keys.AddAsync(key, Ct);
        Assert.Single(await keys.LoadAsync(Ct));
        await keys.RemoveAsync(key.KeyId, Ct);
        var repository = process.GetRequiredService<IOptions<KeyManagementOptions>>().Value.XmlRepository!;
        repository.StoreElement(new XElement("key"), "key");
        Assert.NotEmpty(repository.GetAllElements());
    }

    private async Task UseMailAsync()
    {
        var outbox = process.GetRequiredService<Outbox>();
        await outbox.AddAsync("kind", null, new MailContent("ana@example.com", "subject", "text", "html"), TimeSpan.FromMinutes(1), Ct);
        var mail = Assert.Single(await outbox.TakeDueAsync(clock.Now.AddMinutes(1), 5, Ct));
        await outbox.PutOffAsync(mail.Id, clock.Now, "error", Ct);
        Assert.Equal((1, 1), (await outbox.RetryAsync(mail.Id, Ct), await outbox.RetryAsync(null, Ct)));
        Assert.Single(await outbox.ReadAsync(5, Ct));
        await outbox.GiveUpAsync(mail.Id, null, Ct);
        await outbox.SentAsync(mail.Id, Ct);
        Assert.Single(await outbox.ListAsync(5, Ct));
    }

    private async Task UsePeopleAsync()
    {
        var id = await People.AddAsync(process, "ana", user => user.Email = "ana@example.com", "admin");
        await People.ChangeAsync(process, "ana", user => user.Name = "Ana");
        Assert.NotNull(await process.GetRequiredService<IUserClaimsSource>().FindAsync(id.ToString(), Ct));
        var access = process.GetRequiredService<AppAccess>();
        var allowed = Build.Grant(clock, g => g with { Subject = id.ToString() });
        await process.GetRequiredService<IRefreshTokenStore>().SaveAsync(allowed, Build.RefreshToken(clock, allowed.Id).Token, Ct);
        Assert.Single(await access.ListAsync(allowed.Subject, Ct));
        Assert.True(await access.WithdrawAsync(allowed.Subject, allowed.ClientId, Ct));
        await access.EndOfSessionAsync(Guid.CreateVersion7(clock.Now), Ct);
        Assert.Single(await process.GetRequiredService<UserQueries>().ListAsync(null, 10, Ct));
        Assert.Single(await process.GetRequiredService<UserQueries>().ListAsync("AN", 10, Ct));
        Assert.NotNull(await process.GetRequiredService<StoredUsers>().FindAsync("ANA", Ct));
        Assert.Equal(id, await process.GetRequiredService<StoredUsers>().FindIdAsync("ana@example.com", Ct));
        Assert.Single(await process.GetRequiredService<StoredUsers>().RolesAsync(Ct));
        var password = await process.GetRequiredService<StoredPasswords>().FindAsync("ANA@EXAMPLE.COM", Ct);
        await process.GetRequiredService<StoredPasswords>().RenewAsync(password!, "hash", Ct);
        var links = process.GetRequiredService<OneTimeTokens>();
        var link = await links.FindAsync(await links.IssueAsync("reset", id, null, TimeSpan.FromMinutes(1), Ct), "reset", Ct);
        Assert.True(await links.TrySpendAsync(link!.Id, Ct));
        await links.EndAllAsync(id, Ct);
        var devices = process.GetRequiredService<KnownDevices>();
        var device = await devices.RememberAsync(new byte[32], [.. Enumerable.Repeat((byte)1, 32)], id, "", null, TimeSpan.FromDays(1), Ct);
        Assert.NotNull(await devices.FindAsync([.. Enumerable.Repeat((byte)1, 32)], id, Ct));
        Assert.NotNull(await devices.FindIdAsync([.. Enumerable.Repeat((byte)1, 32)], "ANA", Ct));
        await devices.TrustAsync(device.Id, clock.Now, Ct);
        await devices.DistrustAsync(id, device.Id, Ct);
        await devices.DistrustAllAsync(id, Ct);
        Assert.Single(await devices.ListAsync(id, Ct));
        Assert.True(await devices.ForgetAsync(id, device.Id, Ct));
        await devices.ForgetAllAsync(id, Ct);
        await UseSecondFactorAsync(id);
        await using var scope = process.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        Assert.NotNull(await users.FindByIdAsync(id.ToString()));
        Assert.NotNull(await users.FindByEmailAsync("ana@example.com"));
        Assert.NotNull(await users.Users.FirstOrDefaultAsync(user => user.NormalizedUserName == "ANA" || user.NormalizedEmail == "ANA", Ct)); // how the host finds who signs in
        await UseRemovalAsync(id);
    }

    private async Task UseRemovalAsync(Guid id)
    {
        Assert.Empty(await process.GetRequiredService<LinkedLogins>().ListAsync(id, Ct));
        Assert.NotEmpty(await process.GetRequiredService<PersonalData>().ReadAsync(id, Ct));
        Assert.NotNull(await process.GetRequiredService<AccountQueries>().FindAsync(id, Ct));
        var resets = process.GetRequiredService<PasswordResets>();
        var links = process.GetRequiredService<OneTimeTokens>();
        var link = await links.FindAsync(await links.IssueAsync(PasswordResets.Purpose, id, "ana@example.com", TimeSpan.FromMinutes(1), Ct), PasswordResets.Purpose, Ct);
        Assert.NotNull(await resets.TryAsync(link!, "a hash", Ct));
        var removal = process.GetRequiredService<AccountRemoval>();
        Assert.True(await removal.IsLastOfRoleAsync(id, "admin", Ct));
        await removal.ScheduleAsync(id, clock.Now, Ct);
        var states = process.GetRequiredService<AccountStates>();
        Assert.NotNull((await states.FindAsync(id, Ct))!.DeletesAt);
        Assert.True(await states.KeepAsync(id, Ct));
        await removal.ScheduleAsync(id, clock.Now, Ct);
        Assert.Equal([id], await removal.DueAsync(clock.Now, Ct));
        Assert.True(await removal.RemoveAsync(id, clock.Now, Ct));
    }

    private async Task UseSecondFactorAsync(Guid id)
    {
        var authenticators = process.GetRequiredService<Authenticators>();
        var secret = TimeBasedCode.NewSecret();
        Assert.True(await authenticators.TryAddAsync(id, secret, TimeBasedCode.Of(secret, TimeBasedCode.StepAt(clock.Now)), Ct));
        Assert.NotNull(await authenticators.FindAsync(id, Ct));
        Assert.True(await authenticators.TryUseAsync(id, TimeBasedCode.Of(secret, TimeBasedCode.StepAt(clock.Now) + 1), Ct));
        var codes = process.GetRequiredService<RecoveryCodes>();
        Assert.True(await codes.TryUseAsync(id, (await codes.ReplaceAsync(id, Ct))[0], Ct));
        Assert.Equal(9, await codes.LeftAsync(id, Ct));
        Assert.True(await authenticators.RemoveAsync(id, Ct));
    }
}
