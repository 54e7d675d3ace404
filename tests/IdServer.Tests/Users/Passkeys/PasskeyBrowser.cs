using System.Net;
using System.Text.RegularExpressions;
using IdServer.Testing;
using IdServer.Tests.Upstream;
using IdServer.Users.Passkeys;
using Xunit;

namespace IdServer.Tests.Users.Passkeys;

/// <summary>A browser without script whose <see cref="SoftPasskey"/>s answer what the page's script would ask.</summary>
public sealed partial class PasskeyBrowser(RunningServer server) : IDisposable
{
    private const int LongestWay = 8;

    private readonly TestBrowser browser = server.NewBrowser();

    public PasskeyBrowser(PasskeyServer server)
        : this(server.Running)
    {
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public TestBrowser Browser => browser;

    /// <summary>Adds a passkey to the account of whoever is signed in, as <c>/manage/passkeys</c> would.</summary>
    public async Task<SoftPasskey> AddAsync(SoftPasskey passkey)
    {
        var page = await GoAsync("manage/passkeys");
        var done = await PostAsync(page, (PasskeyAnswer.CredentialField, passkey.Make(OptionsOf(page))), (PasskeyAnswer.StateField, StateOf(page)));
        Assert.Contains("The passkey was added", done.Html, StringComparison.Ordinal);
        return passkey;
    }

    /// <summary>What the page's script would fetch.</summary>
    public async Task<(string Options, string State)> ChallengeAsync()
    {
        using var response = await browser.Http.PostAsync("account/passkey/challenge", null, Ct);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        response.AssertNotStored();
        var json = await response.JsonAsync();
        return (json.GetProperty("options").GetRawText(), json.Text("state"));
    }

    /// <summary>Signs in at the login page, or at the page given.</summary>
    public async Task<Halt> SignInAsync(SoftPasskey passkey, Halt? page = null, string? state = null)
    {
        page ??= await GoAsync("account/login");
        var challenge = await ChallengeAsync();
        return await PostAsync(page, (PasskeyAnswer.CredentialField, passkey.Answer(challenge.Options)), (PasskeyAnswer.StateField, state ?? challenge.State));
    }

    public Task<Halt> AuthorizeAsync(params (string Name, string? Value)[] changes) => GoAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request(changes)));

    public Task<Halt> GoAsync(string address) => FollowAsync(new HttpRequestMessage(HttpMethod.Get, address));

    /// <summary>Posts the page's form.</summary>
    public async Task<Halt> PostAsync(Halt page, params (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent([.. fields.Select(f => KeyValuePair.Create(f.Name, f.Value)), new("anti-forgery", Token().Match(page.Html).Groups["value"].Value)]);
        return await FollowAsync(new HttpRequestMessage(HttpMethod.Post, page.Address) { Content = content });
    }

    /// <summary>The options of a page that has a passkey made.</summary>
    public static string OptionsOf(Halt page) => WebUtility.HtmlDecode(Options().Match(page.Html).Groups["value"].Value);

    public static string StateOf(Halt page) => State().Match(page.Html).Groups["value"].Value;

    public void Dispose() => browser.Dispose();

    private async Task<Halt> FollowAsync(HttpRequestMessage request)
    {
        for (var steps = 0; steps < LongestWay; steps++)
        {
            using var response = await browser.Http.SendAsync(request, Ct);
            if (response.Headers.Location is not { } location)
            {
                return new Halt((int)response.StatusCode, new Uri(browser.Http.BaseAddress!, request.RequestUri!).ToString(), await response.Content.ReadAsStringAsync(Ct));
            }

            var next = new Uri(new Uri(browser.Http.BaseAddress!, request.RequestUri!), location);
            if (next.AbsoluteUri.StartsWith(Declared.RedirectUri, StringComparison.Ordinal))
            {
                return new Halt((int)response.StatusCode, next.AbsoluteUri, "");
            }

            request = new HttpRequestMessage(HttpMethod.Get, next);
        }

        throw new InvalidOperationException("The redirects do not end.");
    }

    [GeneratedRegex("name=\"anti-forgery\"[^>]*value=\"(?<value>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Token();

    [GeneratedRegex("data-options=\"(?<value>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Options();

    [GeneratedRegex("name=\"passkey-state\" value=\"(?<value>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex State();
}
