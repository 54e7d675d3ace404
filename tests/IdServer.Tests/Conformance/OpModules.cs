using System.Text.Json;
using System.Text.Json.Nodes;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>What every module starts from: a client of the suite, and a browser that nobody has used. The flows of the first client read as in the tables of the requirements.</summary>
public abstract class OpModules(ConformanceServer server, string? responseMode) : IAsyncLifetime
{
    private readonly List<JsonElement> registered = [];
    private RelyingParty? client;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected RunningServer Server => server.Running;

    protected SkippingClock Clock => server.Clock;

    protected SuiteBrowser Browser { get; } = new(server.Running);

    protected RelyingParty Client => client!;

    public async ValueTask InitializeAsync() => client = await ClientAsync(SuiteClient.One);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Browser.Dispose();
        foreach (var answer in registered)
        {
            using var removed = await ManageAsync(HttpMethod.Delete, answer);
            Assert.Equal(204, (int)removed.StatusCode); // RFC 7592 §2.3
        }
    }

    protected SuiteDocuments Documents => server.Documents;

    /// <summary>A client made to measure, in the words of RFC 7591.</summary>
    protected async Task<RelyingParty> ClientAsync(SuiteKey? key, params (string Member, JsonNode? Value)[] with) => await ClientAsync(await server.DeclareAsync(key, with));

    /// <summary>The same, registered by itself; the suite removes it at the end.</summary>
    protected async Task<RelyingParty> RegisteredClientAsync(SuiteKey? key, params (string Member, JsonNode? Value)[] with)
    {
        var (suiteClient, answer) = await server.RegisterAsync(key, with);
        registered.Add(answer);
        return await ClientAsync(suiteClient);
    }

    protected Task<HttpResponseMessage> RegisterAsync(params (string Member, JsonNode? Value)[] with) => server.PostAsync(with);

    /// <summary>The client configuration endpoint of a client that has registered itself, the latest one.</summary>
    protected Task<HttpResponseMessage> ManageAsync(HttpMethod method) => ManageAsync(method, registered[^1]);

    protected Task<RelyingParty> ClientAsync(SuiteClient suiteClient) => RelyingParty.StartAsync(server, suiteClient, responseMode);

    /// <summary>Up to the first page.</summary>
    protected Task<Attempt> OpenAsync(params (string Name, string? Value)[] changes) => Client.OpenAsync(Browser, Client.Request(changes));

    /// <summary>The whole flow.</summary>
    protected async Task<SignedIn> SignInAsync(params (string Name, string? Value)[] changes) => await Client.FinishAsync(Browser, await OpenAsync(changes));

    /// <summary>The whole flow of another client than the first.</summary>
    protected async Task<SignedIn> SignInAsync(RelyingParty client, params (string Name, string? Value)[] changes)
    {
        ArgumentNullException.ThrowIfNull(client);
        return await client.FinishAsync(Browser, await client.OpenAsync(Browser, client.Request(changes)));
    }

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

    /// <summary>The module oidcc-refresh-token: new tokens with and without a scope, an ID token that stays the person's and the client's, and nothing for another client.</summary>
    protected async Task RefreshesAsync(RelyingParty client, RelyingParty other)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(other);
        Assert.Contains(GrantTypes.RefreshToken, client.Metadata.GetProperty("grant_types_supported").EnumerateArray().Select(g => g.GetString()));
        var first = await SignInAsync(client, Scope(ScopeNames.OfflineAccess), (Parameters.Prompt, Prompts.Consent));
        Clock.Skip(TimeSpan.FromSeconds(1));

        using var refreshed = await client.RefreshAsync(first.Tokens.Text(Parameters.RefreshToken));
        var second = await RelyingParty.CheckTokensAsync(refreshed);
        using var narrowed = await client.RefreshAsync(NewestOf(second, first.Tokens), (Parameters.Scope, ScopeNames.OpenId));
        var third = await RelyingParty.CheckTokensAsync(narrowed);

        foreach (var tokens in new[] { second, third })
        {
            var idToken = client.CheckIdToken(tokens, nonce: null); // OIDC Core §12.2: it need not come again
            Assert.All((string[])[ClaimNames.Issuer, ClaimNames.Subject, ClaimNames.Audience, ClaimNames.AuthTime], name =>
                Assert.Equal(first.IdToken.GetProperty(name).ToString(), idToken.GetProperty(name).ToString()));
            Assert.False(idToken.TryGetProperty(ClaimNames.AuthorizedParty, out _));
            Assert.True(idToken.GetProperty(ClaimNames.IssuedAt).GetInt64() > first.IdToken.GetProperty(ClaimNames.IssuedAt).GetInt64());
        }

        await SignInAsync(other, Scope(ScopeNames.OfflineAccess), (Parameters.Prompt, Prompts.Consent));
        using var stolen = await other.RefreshAsync(NewestOf(third, second));
        await stolen.AssertErrorAsync(400, ErrorCodes.InvalidGrant);
    }

    protected static (string Name, string? Value) Scope(params string[] scopes) => (Parameters.Scope, string.Join(' ', [ScopeNames.OpenId, .. scopes]));

    private Task<HttpResponseMessage> ManageAsync(HttpMethod method, JsonElement answer) =>
        Server.SendAsync(method, answer.Text("registration_client_uri"), Wire.Bearer(answer.Text("registration_access_token")));

    private static string NewestOf(JsonElement tokens, JsonElement before) =>
        (tokens.TryGetProperty(Parameters.RefreshToken, out var rotated) ? rotated : before.GetProperty(Parameters.RefreshToken)).GetString()!;
}
