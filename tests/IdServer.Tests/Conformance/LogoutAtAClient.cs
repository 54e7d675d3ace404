using System.Text.Json;
using System.Text.RegularExpressions;
using System.Web;
using IdServer.Tests.EndSession;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>A person who signed in at a client with both channels and is signed out by it; what reaches the client on each.</summary>
internal sealed partial class LogoutAtAClient : IDisposable
{
    private const string State = "a-state-of-the-suite";

    private readonly ToldClient client;
    private readonly TestBrowser browser;

    private LogoutAtAClient(ToldClient client)
    {
        this.client = client;
        browser = client.Server.NewBrowser();
    }

    public required PublishedKeys Keys { get; init; }

    public required JsonElement Metadata { get; init; }

    /// <summary>The claims of the client's ID token.</summary>
    public JsonElement IdToken { get; private set; }

    /// <summary>The header and the claims of the one logout token that came.</summary>
    public (JsonElement Header, JsonElement Claims) LogoutToken { get; private set; }

    /// <summary>What the browser loads out of sight.</summary>
    public Uri Frame { get; private set; } = null!;

    public static async Task<LogoutAtAClient> RunAsync(ToldClient client)
    {
        using var document = await client.Server.SendAsync(HttpMethod.Get, ".well-known/openid-configuration");
        var metadata = await document.JsonAsync();
        using var jwks = await client.Server.SendAsync(HttpMethod.Get, metadata.Text("jwks_uri"));
        var logout = new LogoutAtAClient(client) { Metadata = metadata, Keys = new PublishedKeys(await jwks.JsonAsync()) };
        await logout.RunAsync();
        return logout;
    }

    /// <summary>Asserts that nobody is signed in any more.</summary>
    public async Task AssertSignedOutAsync()
    {
        using var silent = await browser.AuthorizeAsync((Parameters.Prompt, Prompts.None));
        Assert.Contains(ErrorCodes.LoginRequired, silent.Headers.Location!.Query, StringComparison.Ordinal);
    }

    public void Dispose() => browser.Dispose();

    private async Task RunAsync()
    {
        var before = client.LogoutTokens.Count;
        var idToken = await client.SignInAsync(browser);
        IdToken = Keys.Verify(idToken).Claims;
        var parameters = Wire.Encode([new(Parameters.IdTokenHint, idToken), new(Parameters.PostLogoutRedirectUri, client.Origin + "/bye"), new(Parameters.State, State)]);
        using var ended = await browser.Http.GetAsync($"{Metadata.Text("end_session_endpoint")}?{parameters}", TestContext.Current.CancellationToken);
        using var page = await browser.Http.GetAsync(ended.Headers.Location, TestContext.Current.CancellationToken);
        var html = HttpUtility.HtmlDecode(await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Frame = new Uri(FrameSource().Match(html).Groups["address"].Value);
        Assert.EndsWith($"url={client.Origin}/bye?state={State}", Assert.Single(page.Headers.GetValues("Refresh")), StringComparison.Ordinal); // after the frames, by itself

        var told = await Eventually.Async(() => Task.FromResult(client.LogoutTokens), tokens => tokens.Count > before, TimeSpan.FromSeconds(20));
        Assert.Equal(before + 1, told.Count);
        LogoutToken = Keys.Verify(told[^1]);
    }

    [GeneratedRegex("<iframe[^>]*src=\"(?<address>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FrameSource();
}
