using System.Net;
using System.Text.RegularExpressions;
using System.Web;
using IdServer.Testing;
using Xunit;

namespace IdServer.Tests.Conformance;

/// <summary>
/// A person at a browser as the suite drives one: follows redirects within the server, fills forms and presses buttons by their ids, and stops where the answer
/// leaves for the client. It knows pages by what part C of the requirements promises: paths, ids, plain forms.
/// </summary>
public sealed partial class SuiteBrowser(RunningServer server, TestBrowser browser) : IDisposable
{
    private const int LongestWay = 10;

    public SuiteBrowser(RunningServer server)
        : this(server, server?.NewBrowser()!)
    {
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>How often a login page was filled.</summary>
    public int SignIns { get; private set; }

    public CookieCollection Cookies => browser.Cookies;

    /// <summary>A session without the login page, for modules and attacks that begin with one.</summary>
    public Task<string> BeSignedInAsync(string username = Declared.User, params string[] amr) => browser.SignInAsync(username, amr);

    public Task<Visit> OpenAsync(string url) => FollowAsync(new HttpRequestMessage(HttpMethod.Get, url));

    public Task<Visit> PostAsync(string url, IEnumerable<KeyValuePair<string, string>> form) =>
        FollowAsync(new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(form) });

    /// <summary>Presses a button of the page's only form, with what was typed and what is hidden in it.</summary>
    public Task<Visit> PressAsync(Visit page, string button, params (string Id, string Text)[] typed)
    {
        ArgumentNullException.ThrowIfNull(page);
        var inputs = Input().Matches(Assert.Single(Form().Matches(page.Html)).Value).ToDictionary(m => AttributeOf(m.Value, "name")!, m => m.Value);
        Assert.Contains($"id=\"{button}\"", page.Html, StringComparison.Ordinal);
        Assert.All(typed, field => Assert.Equal(field.Id, AttributeOf(inputs[field.Id], "id")));
        var form = inputs.Where(i => i.Value.Contains("type=\"hidden\"", StringComparison.Ordinal)).Select(i => KeyValuePair.Create(i.Key, AttributeOf(i.Value, "value") ?? ""));
        return PostAsync(page.Address, [.. form, .. typed.Select(field => KeyValuePair.Create(field.Id, field.Text)), new(button, "yes")]);
    }

    public Task<Visit> SignInAsync(Visit page)
    {
        SignIns++;
        return PressAsync(page, "login-submit", ("username", ConformanceServer.Person), ("password", Build.Password));
    }

    /// <summary>Signs in and allows wherever a page asks for it, until the answer leaves for the client or a page asks something else.</summary>
    public async Task<Visit> LetThePersonAgreeAsync(Visit visit)
    {
        for (var pages = 0; pages < 3 && visit is { Answer: null }; pages++)
        {
            if (visit.Path.EndsWith("/account/login", StringComparison.Ordinal))
            {
                visit = await SignInAsync(visit);
            }
            else if (visit.Path.EndsWith("/authorize/consent", StringComparison.Ordinal))
            {
                visit = await PressAsync(visit, "consent-accept");
            }
        }

        return visit;
    }

    public void Dispose() => browser.Dispose();

    public static string HiddenFieldOf(Visit page, string name)
    {
        ArgumentNullException.ThrowIfNull(page);
        return AttributeOf(Input().Matches(page.Html).Single(input => AttributeOf(input.Value, "name") == name).Value, "value")!;
    }

    private async Task<Visit> FollowAsync(HttpRequestMessage request)
    {
        for (var steps = 0; steps < LongestWay; steps++)
        {
            using var response = await browser.Http.SendAsync(request, Ct);
            var address = request.RequestUri!.IsAbsoluteUri ? request.RequestUri : new Uri(browser.Http.BaseAddress!, request.RequestUri);
            if (response.Headers.Location is not { } location)
            {
                return await ReadPageAsync(address, response);
            }

            Assert.True(response.StatusCode is HttpStatusCode.Found or HttpStatusCode.SeeOther, $"{response.StatusCode} would repeat a POST"); // requirement 4
            var next = new Uri(address, location);
            if (next.GetLeftPart(UriPartial.Authority) != server.Origin)
            {
                return new Visit(next.AbsoluteUri, (int)response.StatusCode, "", Read(next.Query));
            }

            request = new HttpRequestMessage(HttpMethod.Get, next);
        }

        throw new InvalidOperationException($"More than {LongestWay} redirects.");
    }

    private async Task<Visit> ReadPageAsync(Uri address, HttpResponseMessage response)
    {
        var html = await response.Content.ReadAsStringAsync(Ct);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType); // part C.7
        var form = Form().Match(html).Value;
        if (AttributeOf(form, "action") is not { } action || action.StartsWith('/') || action.StartsWith(server.Origin, StringComparison.Ordinal))
        {
            return new Visit(address.AbsoluteUri, (int)response.StatusCode, html, null);
        }

        // The form post response mode: a script presses the button, a person can.
        Assert.Contains("<button type=\"submit\"", form, StringComparison.Ordinal);
        Assert.Contains("<script", html, StringComparison.Ordinal);
        var answer = Input().Matches(form).ToDictionary(m => AttributeOf(m.Value, "name")!, m => AttributeOf(m.Value, "value")!);
        return new Visit(action, (int)response.StatusCode, html, answer) { IsFormPost = true };
    }

    private static Dictionary<string, string> Read(string query)
    {
        var read = HttpUtility.ParseQueryString(query);
        return read.AllKeys.ToDictionary(name => name!, name => Assert.Single(read.GetValues(name)!));
    }

    private static string? AttributeOf(string element, string name) =>
        Regex.Match(element, $"\\s{name}=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)) is { Success: true } match ? WebUtility.HtmlDecode(match.Groups["value"].Value) : null;

    [GeneratedRegex("<form[^>]*method=\"post\".*?</form>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();

    [GeneratedRegex("<input[^>]*>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Input();
}

/// <summary>Where a browser stopped: at a page of the server, or on its way to the client with an answer.</summary>
/// <param name="Answer">What the client gets, by query or by form post; null at a page.</param>
public sealed record Visit(string Address, int Status, string Html, IReadOnlyDictionary<string, string>? Answer)
{
    public bool IsFormPost { get; init; }

    public string Path => new Uri(Address).AbsolutePath;

    /// <summary>Asserts the error page with its code and a piece of its sentence.</summary>
    public void AssertErrorPage(string code, string sentence)
    {
        Assert.Null(Answer);
        Assert.EndsWith("/error", Path, StringComparison.Ordinal);
        Assert.Contains($"id=\"error-code\">{code}<", Html, StringComparison.Ordinal);
        Assert.Contains(sentence, Html, StringComparison.Ordinal);
    }

    public void AssertLoginPage()
    {
        Assert.EndsWith("/account/login", Path, StringComparison.Ordinal);
        Assert.Contains("<h1 id=\"login-heading\">Sign in</h1>", Html, StringComparison.Ordinal);
    }
}
