using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>What every module starts from: a client of the suite, and a browser that nobody has used. The flows of the first client read as in the tables of the requirements.</summary>
public abstract class OpModules(ConformanceServer server, string? responseMode) : IAsyncLifetime
{
    private RelyingParty? client;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected RunningServer Server => server.Running;

    protected SkippingClock Clock => server.Clock;

    protected SuiteBrowser Browser { get; } = new(server.Running);

    protected RelyingParty Client => client!;

    public async ValueTask InitializeAsync() => client = await ClientAsync(SuiteClient.One);

    public ValueTask DisposeAsync()
    {
        Browser.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected Task<RelyingParty> ClientAsync(SuiteClient suiteClient) => RelyingParty.StartAsync(server, suiteClient, responseMode);

    /// <summary>Up to the first page.</summary>
    protected Task<Attempt> OpenAsync(params (string Name, string? Value)[] changes) => Client.OpenAsync(Browser, Client.Request(changes));

    /// <summary>The whole flow.</summary>
    protected async Task<SignedIn> SignInAsync(params (string Name, string? Value)[] changes) => await Client.FinishAsync(Browser, await OpenAsync(changes));

    /// <summary>The whole flow once more, which must not show a page.</summary>
    protected async Task<SignedIn> SignInSilentlyAsync(params (string Name, string? Value)[] changes)
    {
        var attempt = await OpenAsync(changes);
        Client.CodeOf(attempt);
        return await Client.FinishAsync(Browser, attempt);
    }

    /// <summary>The whole flow once more, which must show the login page (whose text the suite looks for); afterwards the sign-in is newer.</summary>
    protected async Task<SignedIn> SignInAgainAsync(SignedIn before, params (string Name, string? Value)[] changes)
    {
        ArgumentNullException.ThrowIfNull(before);
        var attempt = await OpenAsync(changes);
        attempt.Visit.AssertLoginPage();
        var after = await Client.FinishAsync(Browser, attempt);
        Assert.Equal(before.Subject, after.Subject);
        Assert.True(after.AuthTime > before.AuthTime);
        return after;
    }

    protected Task<HttpResponseMessage> UserInfoAsync(string accessToken) => Server.SendAsync(HttpMethod.Get, Client.Metadata.Text("userinfo_endpoint"), Wire.Bearer(accessToken));

    protected static (string Name, string? Value) Scope(params string[] scopes) => (Parameters.Scope, string.Join(' ', [ScopeNames.OpenId, .. scopes]));
}
