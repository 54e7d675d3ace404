using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using IdServer.Data;
using IdServer.Data.Users;
using IdServer.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Upstream;

/// <summary>A running server whose people may come from a <see cref="FakeUpstream"/>.</summary>
public sealed class FederatedServer : IAsyncLifetime
{
    private FakeUpstream? upstream;
    private RunningServer? running;

    /// <summary>Beside those of the upstream.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    public string IssuerPath { get; init; } = "";

    /// <summary>Of the issuer.</summary>
    public string Host { get; init; } = "127.0.0.1";

    public FakeUpstream Upstream => upstream!;

    public RunningServer Running => running!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        upstream = await FakeUpstream.StartAsync();
        running = await RunningServer.StartAsync(new RunningServer { Settings = Settings.Concat(upstream.Settings()).DistinctBy(s => s.Key).ToDictionary(), IssuerPath = IssuerPath, Host = Host });
    }

    public async ValueTask DisposeAsync()
    {
        if (running is not null)
        {
            await running.DisposeAsync();
        }

        if (upstream is not null)
        {
            await upstream.DisposeAsync();
        }
    }

    /// <summary>The upstream as it is when nothing is wrong.</summary>
    public void Heal() =>
        (Upstream.ChangeIdToken, Upstream.SignsWithForeignKey, Upstream.Error, Upstream.Hangs, Upstream.IsBroken, Upstream.AsksPerson) = (_ => { }, false, null, false, false, false);

    /// <summary>How many accounts, logins and sessions there are.</summary>
    public async Task<string> PeopleAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Running.DatabaseFile};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Ct);
        await using var command = connection.CreateCommand();
        command.CommandText = """SELECT (SELECT COUNT(*) FROM "AspNetUsers") || ' accounts, ' || (SELECT COUNT(*) FROM "AspNetUserLogins") || ' logins, ' || (SELECT COUNT(*) FROM sessions) || ' sessions'""";
        return (string)(await command.ExecuteScalarAsync(Ct))!;
    }

    public async Task<User> UserAsync(string subject)
    {
        await using var scope = Running.Provider.CreateAsyncScope();
        var id = Guid.Parse(subject, CultureInfo.InvariantCulture);
        return await scope.ServiceProvider.GetRequiredService<ScopedContext>().Value.Users.AsNoTracking().SingleAsync(u => u.Id == id, Ct);
    }
}

/// <summary>A browser that follows every redirect, to the upstream and back, until it stands at a page or leaves for the application.</summary>
public sealed partial class FederatedBrowser(FederatedServer server) : IDisposable
{
    private const int LongestWay = 12;

    private readonly TestBrowser browser = server.Running.NewBrowser();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public CookieCollection Cookies => browser.Cookies;

    public HttpClient Http => browser.Http;

    /// <summary>The cookies that go to this address, those of its path included.</summary>
    public CookieCollection CookiesOf(string address) => browser.CookiesOf(address);

    public void Take(CookieCollection planted) => browser.Take(planted);

    /// <summary>An authorization request of <see cref="Declared.App"/>.</summary>
    public Task<Halt> AuthorizeAsync(params (string Name, string? Value)[] changes) => GoAsync("connect/authorize?" + Wire.Encode(TestBrowser.Request(changes)));

    /// <summary>From an authorization request through the provider's button.</summary>
    public async Task<Halt> SignInAsync(string provider) => await PressAsync(await AuthorizeAsync(), provider);

    /// <summary>Follows the provider's button on the page.</summary>
    public async Task<Halt> PressAsync(Halt page, string provider)
    {
        Assert.True(page.Html.Contains("button provider", StringComparison.Ordinal), $"{page.Status} {page.Address} {page.Html}");
        var link = Link().Matches(page.Html).Select(m => WebUtility.HtmlDecode(m.Groups["href"].Value)).Single(href => href.Contains($"/account/upstream/{provider}", StringComparison.Ordinal));
        return await GoAsync(link);
    }

    /// <summary>Posts the page's form.</summary>
    public async Task<Halt> PostAsync(Halt page, params (string Name, string Value)[] fields)
    {
        var token = Token().Match(page.Html).Groups["value"].Value;
        using var content = new FormUrlEncodedContent([.. fields.Select(f => KeyValuePair.Create(f.Name, f.Value)), new("anti-forgery", token)]);
        return await FollowAsync(new HttpRequestMessage(HttpMethod.Post, page.Address) { Content = content });
    }

    public Task<Halt> GoAsync(string address, int longestWay = LongestWay) => FollowAsync(new HttpRequestMessage(HttpMethod.Get, address), longestWay);

    public void Dispose() => browser.Dispose();

    private async Task<Halt> FollowAsync(HttpRequestMessage request, int longestWay = LongestWay)
    {
        for (var steps = 0; steps < longestWay; steps++)
        {
            using var response = await browser.Http.SendAsync(request, Ct);
            if (response.Headers.Location is not { } location)
            {
                return new Halt((int)response.StatusCode, request.RequestUri!.ToString(), await response.Content.ReadAsStringAsync(Ct));
            }

            var next = new Uri(request.RequestUri!, location);
            if (next.AbsoluteUri.StartsWith(Declared.RedirectUri, StringComparison.Ordinal) || steps == longestWay - 1)
            {
                return new Halt((int)response.StatusCode, next.AbsoluteUri, "");
            }

            request = new HttpRequestMessage(HttpMethod.Get, next);
        }

        throw new InvalidOperationException("The redirects do not end.");
    }

    [GeneratedRegex("<a class=\"button provider\"[^>]*href=\"(?<href>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Link();

    [GeneratedRegex("name=\"anti-forgery\"[^>]*value=\"(?<value>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Token();
}

/// <summary>Where a browser has come to a stop.</summary>
public sealed record Halt(int Status, string Address, string Html)
{
    public string Path => new Uri(Address).AbsolutePath;

    public bool IsAtApplication => Address.StartsWith(Build.RedirectUri, StringComparison.Ordinal);

    public string? Query(string name) => System.Web.HttpUtility.ParseQueryString(new Uri(Address).Query)[name];

    /// <summary>Asserts that the person stands at the login page of the request that still waits, with a sentence that holds this.</summary>
    public void AssertLoginPage(string sentence)
    {
        Assert.Equal("/account/login", Path);
        Assert.Contains(sentence, WebUtility.HtmlDecode(Html), StringComparison.Ordinal);
    }
}
