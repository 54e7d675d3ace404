using System.Net;
using System.Text.RegularExpressions;
using System.Web;
using Xunit;

namespace IdServer.Tests.SecondFactors;

/// <summary>A browser that follows redirects between pages of the server, and stops at one or where it leaves for the application.</summary>
public sealed partial class PageBrowser(RunningServer server) : IDisposable
{
    public TestBrowser Browser { get; } = server.NewBrowser();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>An authorization request of <see cref="Declared.App"/>.</summary>
    public Task<Arrival> AuthorizeAsync(params (string Name, string? Value)[] changes) => GoAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request(changes)));

    /// <summary>The same, with the password entered at the login page.</summary>
    public async Task<Arrival> EnterPasswordAsync(string username, params (string Name, string? Value)[] changes)
    {
        var login = await AuthorizeAsync(changes);
        Assert.Equal("/account/login", login.Path);
        return await PostAsync(login, ("username", username), ("password", Declared.Password), ("login-submit", "yes"));
    }

    public Task<Arrival> GoAsync(string address) => FollowAsync(new HttpRequestMessage(HttpMethod.Get, address));

    /// <summary>Posts the page's form.</summary>
    public async Task<Arrival> PostAsync(Arrival page, params (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent([.. fields.Select(f => KeyValuePair.Create(f.Name, f.Value)), new("anti-forgery", WebUtility.HtmlDecode(Token().Match(page.Html).Groups["value"].Value))]);
        return await FollowAsync(new HttpRequestMessage(HttpMethod.Post, page.Address) { Content = content });
    }

    /// <summary>Enters a code at the page of the second factor.</summary>
    public Task<Arrival> EnterCodeAsync(Arrival page, string code, params (string Name, string Value)[] more)
    {
        Assert.Equal("/account/second-factor", page.Path);
        return PostAsync(page, [("second-code", code), ("second-submit", "yes"), .. more]);
    }

    public Task<Arrival> EnterRecoveryCodeAsync(Arrival page, string code)
    {
        Assert.Equal("/account/second-factor", page.Path);
        return PostAsync(page, ("second-recovery", code), ("second-submit", "yes"));
    }

    public void Dispose() => Browser.Dispose();

    private async Task<Arrival> FollowAsync(HttpRequestMessage request)
    {
        for (var steps = 0; steps < 10; steps++)
        {
            using var response = await Browser.Http.SendAsync(request, Ct);
            if (response.Headers.Location is not { } location)
            {
                return new Arrival((int)response.StatusCode, request.RequestUri!.ToString(), await response.Content.ReadAsStringAsync(Ct));
            }

            var next = new Uri(request.RequestUri!, location);
            if (next.AbsoluteUri.StartsWith(Declared.RedirectUri, StringComparison.Ordinal))
            {
                return new Arrival((int)response.StatusCode, next.AbsoluteUri, "");
            }

            request = new HttpRequestMessage(HttpMethod.Get, next);
        }

        throw new InvalidOperationException("The redirects do not end.");
    }

    [GeneratedRegex("name=\"anti-forgery\"[^>]*value=\"(?<value>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Token();
}

/// <summary>Where a browser has come to a stop.</summary>
public sealed record Arrival(int Status, string Address, string Html)
{
    public string Path => new Uri(Address).AbsolutePath;

    public bool IsAtApplication => Address.StartsWith(Declared.RedirectUri, StringComparison.Ordinal);

    /// <summary>The page's words and markup, with what HTML escapes written plainly.</summary>
    public string Text => WebUtility.HtmlDecode(Html);

    public string? Query(string name) => HttpUtility.ParseQueryString(new Uri(Address).Query)[name];
}
