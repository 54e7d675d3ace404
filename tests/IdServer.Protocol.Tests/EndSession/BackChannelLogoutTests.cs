using IdServer.Protocol.Clients;
using IdServer.Protocol.EndSession;
using IdServer.Protocol.Events;
using IdServer.Protocol.Keys;
using IdServer.Protocol.Users;
using IdServer.Testing;
using IdServer.Testing.Stores;
using IdServer.Tokens.Jose;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Protocol.Tests.EndSession;

[Spec("OIDC Back-Channel Logout", "§2.5"), Spec("requirement", "47")]
public sealed class BackChannelLogoutTests : IAsyncLifetime
{
    private readonly ManualClock clock = new();
    private readonly RecordingEvents events = new();
    private readonly Protocol.Options.ProtocolOptions options = Build.Options();
    private readonly RecordedPosts post = new();
    private readonly MemoryStores stores;
    private readonly ClientCache clients;
    private readonly KeyRing keys;
    private readonly BackChannelLogout logout;

    public BackChannelLogoutTests()
    {
        var changes = new MemoryChangeFeed();
        stores = new MemoryStores(changes);
        clients = new ClientCache(stores.Clients, changes, clock);
        keys = new KeyRing(stores.SigningKeys, changes, events, options, clock);
        logout = new BackChannelLogout(stores.LogoutNotices, post, clients, keys, new SubjectIdentifiers(options), options, events, clock);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await keys.MaintainAsync(clock.Now, Ct);

    public ValueTask DisposeAsync()
    {
        clients.Dispose();
        keys.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    [Spec("OIDC Back-Channel Logout", "§2.4")]
    public async Task The_client_gets_a_logout_token_with_the_claims_of_the_specification_and_no_others()
    {
        var session = await EndSessionAsync();

        await logout.DeliverAsync(Ct);

        var (uri, form) = Assert.Single(post.Sent);
        Assert.Equal(("https://app.example/logout", true), (uri.AbsoluteUri, form.StartsWith("logout_token=", StringComparison.Ordinal)));
        var outcome = await JwtValidator.ValidateAsync(
            form["logout_token=".Length..], new JwtRules { Issuer = Build.Issuer, Audiences = ["app"], Types = ["logout+jwt"], Algorithms = ["RS256"] }, keys.PublicKeys, clock);
        Assert.True(outcome.IsValid, outcome.Fault.ToString());
        Assert.Equal(["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"], outcome.Claims.EnumerateObject().Select(c => c.Name).Order());
        Assert.Equal("""{"http://schemas.openid.net/event/backchannel-logout":{}}""", outcome.Claims.GetProperty("events").GetRawText());
        Assert.Equal((session.Id.ToString(), session.Subject), (outcome.Claims.GetProperty("sid").GetString(), outcome.Claims.GetProperty("sub").GetString()));
        Assert.Equal(120, outcome.Claims.GetProperty("exp").GetInt64() - outcome.Claims.GetProperty("iat").GetInt64());
    }

    [Theory]
    [Spec("OIDC Back-Channel Logout", "§2.8")]
    [InlineData(200)]
    [InlineData(204)]
    public async Task A_client_that_has_understood_is_told_once(int status)
    {
        post.Answer = status;
        await EndSessionAsync();

        await logout.DeliverAsync(Ct);

        Assert.Equal(0, stores.LogoutNotices.Count);
        Assert.Contains(events.Raised, e => e.Kind == EventKind.LogoutDelivered && e.ClientId == "app");
    }

    [Theory]
    [InlineData(null)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(302)]
    public async Task A_client_that_cannot_now_is_told_again_after_5_30_120_600_and_3600_seconds_and_then_given_up(int? status)
    {
        post.Answer = status;
        await EndSessionAsync();
        await logout.DeliverAsync(Ct);
        foreach (var seconds in new[] { 5, 30, 120, 600, 3600 })
        {
            var before = post.Sent.Count;
            clock.Advance(TimeSpan.FromSeconds(seconds - 1));
            await logout.DeliverAsync(Ct);
            Assert.Equal(before, post.Sent.Count);

            clock.Advance(TimeSpan.FromSeconds(1));
            await logout.DeliverAsync(Ct);
            Assert.Equal(before + 1, post.Sent.Count);
        }

        Assert.Equal(0, stores.LogoutNotices.Count);
        Assert.Equal((5, 1), (events.Raised.Count(e => e.Kind == EventKind.LogoutPutOff), events.Raised.Count(e => e.Kind == EventKind.LogoutGivenUp)));
    }

    [Theory]
    [Spec("OIDC Back-Channel Logout", "§2.8")]
    [InlineData(400)]
    [InlineData(404)]
    public async Task A_client_that_refuses_is_not_asked_again(int status)
    {
        post.Answer = status;
        await EndSessionAsync();

        await logout.DeliverAsync(Ct);

        Assert.Equal(0, stores.LogoutNotices.Count);
        Assert.Contains(events.Raised, e => e.Kind == EventKind.LogoutGivenUp && e.Detail!.Contains(status.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_retry_has_a_fresh_token()
    {
        post.Answer = null;
        await EndSessionAsync();
        await logout.DeliverAsync(Ct);
        clock.Advance(TimeSpan.FromSeconds(5));
        await logout.DeliverAsync(Ct);

        Assert.Equal(2, post.Sent.Select(s => s.Form).Distinct().Count());
    }

    [Fact]
    public async Task A_client_that_is_gone_meanwhile_is_forgotten()
    {
        await EndSessionAsync();
        stores.Clients.Add(Build.Client());

        await logout.DeliverAsync(Ct);

        Assert.Empty(post.Sent);
        Assert.Equal(0, stores.LogoutNotices.Count);
    }

    [Fact]
    [Spec("OIDC Core", "§8")]
    public async Task A_client_with_pairwise_subjects_reads_its_own_name_of_the_person()
    {
        var session = await EndSessionAsync(m => m with { SubjectType = SubjectTypes.Pairwise });

        await logout.DeliverAsync(Ct);

        var claims = Token.TokenRoom.ClaimsOf(Assert.Single(post.Sent).Form["logout_token=".Length..]);
        Assert.NotEqual(session.Subject, claims.GetProperty("sub").GetString());
    }

    private async Task<Sessions.SsoSession> EndSessionAsync(Func<ClientMetadata, ClientMetadata>? with = null)
    {
        stores.Clients.Add(Build.Client(m => (with ?? (x => x))(m with { BackchannelLogoutUri = "https://app.example/logout" })));
        var session = Build.Session(clock);
        await stores.Sessions.SaveAsync(session, Ct);
        var grant = Build.Grant(clock, g => g with { Subject = session.Subject, SessionId = session.Id });
        await stores.RefreshTokens.SaveAsync(grant, Build.RefreshToken(clock, grant.Id).Token, Ct);
        await stores.Sessions.EndAsync(session.Id, clock.Now, Ct);
        return session;
    }
}
