using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace IdServer.Tests.Manage;

/// <summary>A person at the pages of their account: a browser that reads a page's anti-forgery token before it posts there, and follows no redirect.</summary>
internal sealed partial class AccountBrowser(RunningServer server) : IDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public TestBrowser Browser { get; } = server.NewBrowser();

    public static async Task<AccountBrowser> SignedInAsync(RunningServer server, string username = Declared.User)
    {
        var browser = new AccountBrowser(server);
        await browser.Browser.SignInAsync(username);
        return browser;
    }

    public Task<Answer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>Opens the page and posts a form of it.</summary>
    public async Task<Answer> PostAsync(string path, params (string Name, string Value)[] fields) => await SubmitAsync(path, Token((await GetAsync(path)).Html), fields);

    /// <summary>Posts without having opened a page: what another site makes a browser do.</summary>
    public Task<Answer> ForgeAsync(string path, params (string Name, string Value)[] fields) => SubmitAsync(path, null, fields);

    /// <summary>Posts with a token that was read before.</summary>
    public Task<Answer> PostWithAsync(string path, string token, params (string Name, string Value)[] fields) => SubmitAsync(path, token, fields);

    public void Dispose() => Browser.Dispose();

    internal static string Token(string html) => WebUtility.HtmlDecode(AntiForgery().Match(html).Groups["value"].Value);

    private async Task<Answer> SubmitAsync(string path, string? token, (string Name, string Value)[] fields)
    {
        var form = fields.Select(f => KeyValuePair.Create(f.Name, f.Value));
        using var content = new FormUrlEncodedContent(token is null ? form : [.. form, new("anti-forgery", token)]);
        return await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content });
    }

    private async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await Browser.Http.SendAsync(request, Ct);
            return new Answer((int)response.StatusCode, response.Headers.Location?.OriginalString, await response.Content.ReadAsStringAsync(Ct));
        }
    }

    [GeneratedRegex("name=\"anti-forgery\"[^>]*value=\"(?<value>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex AntiForgery();
}

/// <summary>What the server answered.</summary>
internal sealed record Answer(int Status, string? Location, string Html)
{
    /// <summary>The page's words and markup, with what HTML escapes written plainly.</summary>
    public string Text => WebUtility.HtmlDecode(Html);
}
