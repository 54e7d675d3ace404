using IdServer.Protocol.Clients;
using IdServer.Protocol.DeviceAuthorization;
using IdServer.Protocol.Events;
using IdServer.Protocol.Sessions;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Tests.Token;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.DeviceAuthorization;

[Spec("RFC 8628", "§3.3")]
public sealed class DeviceVerificationTests : IAsyncLifetime
{
    private TokenRoom room = null!;
    private Client tv = null!;
    private SsoSession session = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private DeviceVerification Verification => room.Verification;

    public async ValueTask InitializeAsync()
    {
        room = await TokenRoom.OpenAsync();
        tv = room.AddPublic(m => m with { ClientId = "tv", ClientName = "Living room TV", GrantTypes = [GrantTypes.DeviceCode], Scope = "openid articles.read" });
        session = Build.Session(room.Clock, s => s with { Subject = room.Ana.Subject });
    }

    public ValueTask DisposeAsync() => room.DisposeAsync();

    [Fact]
    public async Task A_code_that_was_entered_waits_for_that_browser_with_the_client_and_the_words_of_its_scopes()
    {
        var code = await BeginAsync();

        var entered = await Verification.EnterAsync(code.UserCode, Build.BrowserDigest, Ct);

        Assert.Equal(DeviceCodeState.Pending, entered.State);
        var pending = await Verification.FindAsync(entered.InteractionId!.Value, Build.BrowserDigest, Ct);
        Assert.Equal(("Living room TV", code.UserCode), (pending!.Client.Name, pending.Code.UserCode));
        Assert.Equal(["openid", "articles.read"], pending.Scopes.Select(s => s.Name));
    }

    [Fact]
    public async Task What_no_device_shows_is_unknown_and_nothing_is_written()
    {
        await BeginAsync();
        var writes = room.Stores.Writes;

        Assert.Equal(new EnteredCode(null, null), await Verification.EnterAsync("BBBBBBBB", Build.BrowserDigest, Ct));
        Assert.Equal(writes, room.Stores.Writes);
    }

    [Fact]
    public async Task In_another_browser_the_address_is_worthless()
    {
        var entered = await Verification.EnterAsync((await BeginAsync()).UserCode, Build.BrowserDigest, Ct);

        Assert.Null(await Verification.FindAsync(entered.InteractionId!.Value, new byte[32], Ct));
    }

    [Fact]
    public async Task An_interaction_of_another_kind_is_no_device()
    {
        var interaction = Build.Interaction(room.Clock, i => i with { Parameters = "user_code=" + "WDJBMJHT" });
        await room.Stores.Interactions.SaveAsync(interaction, Ct);
        await room.Stores.DeviceCodes.TrySaveAsync(Build.DeviceCode(room.Clock, c => c with { UserCode = "WDJBMJHT" }).Code, Ct);

        Assert.Null(await Verification.FindAsync(interaction.Id, Build.BrowserDigest, Ct));
    }

    [Fact]
    public async Task What_was_approved_is_the_session_of_who_approved_it()
    {
        var pending = await EnteredAsync(await BeginAsync());

        Assert.True(await Verification.ApproveAsync(pending, session, Ct));

        var grant = Assert.Single(room.Stores.DeviceCodes.All).Grant!;
        Assert.Equal((session.Subject, session.Id, session.AuthTime, session.Acr), (grant.Subject, grant.SessionId, grant.AuthTime, grant.Acr));
        Assert.Equal(EventKind.AuthorizationGranted, room.Events.Raised[^1].Kind);
    }

    [Fact]
    [Spec("RFC 8628", "§5.4")]
    public async Task Allowing_one_device_allows_no_other()
    {
        await Verification.ApproveAsync(await EnteredAsync(await BeginAsync()), session, Ct);

        Assert.Equal(DeviceCodeState.Pending, (await EnteredAsync(await BeginAsync())).State);
        Assert.Null(await room.Stores.Consents.FindAsync(session.Subject, "tv", Ct));
    }

    [Fact]
    public async Task Who_decides_second_decides_nothing()
    {
        var code = await BeginAsync();
        var (first, second) = (await EnteredAsync(code), await EnteredAsync(code));
        Assert.True(await Verification.DenyAsync(first, Ct));

        Assert.False(await Verification.ApproveAsync(second, session, Ct));
        Assert.False(await Verification.DenyAsync(second, Ct));

        Assert.Equal(DeviceCodeState.Denied, Assert.Single(room.Stores.DeviceCodes.All).StateAt(room.Clock.Now));
        Assert.Single(room.Events.Raised, e => e.Kind is EventKind.ConsentDenied or EventKind.AuthorizationGranted);
    }

    [Fact]
    public async Task A_code_that_expires_on_the_page_is_decided_no_more_and_says_so()
    {
        var pending = await EnteredAsync(await BeginAsync());
        room.Clock.Advance(TimeSpan.FromMinutes(10));

        Assert.False(await Verification.ApproveAsync(pending, session, Ct));

        Assert.Equal(DeviceCodeState.Expired, (await Verification.FindAsync(pending.Id, Build.BrowserDigest, Ct))!.State);
        Assert.Equal(DeviceCodeState.Expired, (await Verification.EnterAsync(pending.Code.UserCode, Build.BrowserDigest, Ct)).State);
    }

    [Fact]
    public async Task Somebody_signs_in_first_when_nobody_is_signed_in_or_the_client_wants_it_to_be_recent()
    {
        var any = await EnteredAsync(await BeginAsync());
        tv = room.AddPublic(m => m with { ClientId = "bank", GrantTypes = [GrantTypes.DeviceCode], Scope = "openid", DefaultMaxAge = 60 });
        var recent = await EnteredAsync(await BeginAsync());

        Assert.True(Verification.NeedsLogin(any, null));
        Assert.False(Verification.NeedsLogin(any, session));
        Assert.False(Verification.NeedsLogin(recent, session));
        room.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.False(Verification.NeedsLogin(any, session));
        Assert.True(Verification.NeedsLogin(recent, session));
    }

    private async Task<DeviceCode> BeginAsync()
    {
        TokenRoom.Granted(await room.BeginDeviceAsync(tv));
        return room.Stores.DeviceCodes.All[^1];
    }

    private async Task<PendingDevice> EnteredAsync(DeviceCode code)
    {
        var entered = await Verification.EnterAsync(code.UserCode, Build.BrowserDigest, Ct);
        return (await Verification.FindAsync(entered.InteractionId!.Value, Build.BrowserDigest, Ct))!;
    }
}
