using System.Text.RegularExpressions;
using System.Web;
using IdServer.Protocol.Stores;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.EndSession;

public sealed partial class LogoutChannelTests : IAsyncLifetime
{
    private readonly ToldClient client = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => client.InitializeAsync();

    public ValueTask DisposeAsync() => client.DisposeAsync();

    [Fact]
    [Spec("OIDC Back-Channel Logout", "§2.5"), Spec("requirement", "47")]
    public async Task When_another_client_signs_the_person_out_this_one_is_told_server_to_server()
    {
        using var browser = client.Server.NewBrowser();
        var sid = Claim(await client.SignInAsync(browser), "sid");
        using var redeemed = await client.Server.RedeemAsync(await browser.CodeAsync());

        using var ended = await EndAsync(browser, (await redeemed.JsonAsync()).Text("id_token"));

        Assert.Equal(sid, Claim(await ToldAsync(1), "sid"));
    }

    [Fact]
    [Spec("requirement", "47")]
    public async Task A_client_that_cannot_answer_is_told_again()
    {
        client.AnswerFirst(503);
        using var browser = client.Server.NewBrowser();
        var idToken = await client.SignInAsync(browser);

        using var ended = await EndAsync(browser, idToken);

        await ToldAsync(2);
    }

    [Fact]
    [Spec("OIDC Back-Channel Logout", "§2.5")]
    public async Task A_session_that_an_administrator_ends_is_told_too()
    {
        using var browser = client.Server.NewBrowser();
        var sid = Claim(await client.SignInAsync(browser), "sid");

        Assert.NotNull(await client.Server.Provider.GetRequiredService<ISessionStore>().EndAsync(Guid.Parse(sid), TimeProvider.System.GetUtcNow(), Ct));

        Assert.Equal(sid, Claim(await ToldAsync(1), "sid"));
    }

    [Fact]
    [Spec("OIDC Front-Channel Logout", "§3"), Spec("requirement", "47")]
    public async Task The_browser_passes_a_page_that_loads_the_client_out_of_sight_and_goes_on_by_itself()
    {
        using var browser = client.Server.NewBrowser();
        var idToken = await client.SignInAsync(browser);

        using var ended = await EndAsync(browser, idToken, (Parameters.PostLogoutRedirectUri, client.Origin + "/bye"), (Parameters.State, "s"));
        Assert.StartsWith("/account/signed-out?visit=", ended.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var page = await browser.Http.GetAsync(ended.Headers.Location, Ct);

        var html = HttpUtility.HtmlDecode(await page.Content.ReadAsStringAsync(Ct));
        var frame = FrameSource().Match(html).Groups["address"].Value;
        Assert.Equal($"{client.Origin}/front?fixed=1&iss={Uri.EscapeDataString(client.Server.Issuer)}&sid={Claim(idToken, "sid")}", frame);
        Assert.Contains($"id=\"signed-out-continue\" href=\"{client.Origin}/bye?state=s\"", html, StringComparison.Ordinal);
        Assert.Equal($"5;url={client.Origin}/bye?state=s", Assert.Single(page.Headers.GetValues("Refresh")));
        Assert.EndsWith($"; frame-src {client.Origin}", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    [Spec("OIDC Front-Channel Logout", "§3")]
    public async Task Nobody_can_write_where_the_signed_out_page_leads()
    {
        using var browser = client.Server.NewBrowser();
        using var page = await browser.Http.GetAsync("account/signed-out?visit=" + Uri.EscapeDataString("""{"SessionId":"019a2b3c-4d5e-7f60-8192-a3b4c5d6e7f8","Next":"https://evil.example/"}"""), Ct);

        var html = await page.Content.ReadAsStringAsync(Ct);
        Assert.DoesNotContain("href=\"https://evil", html, StringComparison.Ordinal); // the languages' links carry the query, as text
        Assert.DoesNotContain("<iframe", html, StringComparison.Ordinal);
        Assert.False(page.Headers.Contains("Refresh"));
        Assert.DoesNotContain("frame-src", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> EndAsync(TestBrowser browser, string idToken, params (string Name, string Value)[] more) =>
        browser.Http.GetAsync("connect/endsession?" + Wire.Encode([KeyValuePair.Create(Parameters.IdTokenHint, idToken), .. more.Select(p => KeyValuePair.Create(p.Name, p.Value))]), Ct);

    private async Task<string> ToldAsync(int times)
    {
        var told = await Eventually.Async(() => Task.FromResult(client.LogoutTokens), t => t.Count >= times, TimeSpan.FromSeconds(20));
        Assert.Equal(times, told.Count);
        return told[^1];
    }

    private static string Claim(string jwt, string name) => System.Text.Json.JsonElement.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(jwt.Split('.')[1])).GetProperty(name).GetString()!;

    [GeneratedRegex("<iframe class=\"unseen\" src=\"(?<address>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FrameSource();
}
