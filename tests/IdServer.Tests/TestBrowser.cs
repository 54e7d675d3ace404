using System.Net;
using System.Web;
using IdServer.Sessions;
using IdServer.Testing;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests;

/// <summary>A person's browser at a <see cref="RunningServer"/>: cookies, no script, and redirects only where a method follows them.</summary>
public sealed class TestBrowser : IDisposable
{
    private readonly RunningServer server;
    private readonly CookieContainer cookies = new();

    public TestBrowser(RunningServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        this.server = server;
        Http = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = new Uri(server.Issuer + "/") };
    }

    public HttpClient Http { get; }

    public CookieCollection Cookies => cookies.GetCookies(new Uri(server.Origin));

    /// <summary>The cookies that go to this address, those of its path included.</summary>
    public CookieCollection CookiesOf(string address) => cookies.GetCookies(new Uri(address));

    /// <summary>Somebody put another browser's cookies here.</summary>
    public void Take(CookieCollection planted) => cookies.Add(new Uri(server.Origin), planted);

    /// <summary>Signs in as the login page would: a new session of the server, its cookie in this browser.</summary>
    /// <param name="amr">What the person proved; a password if nothing is said.</param>
    public async Task<string> SignInAsync(string username = Declared.User, params string[] amr)
    {
        var subject = await server.SubjectOfAsync(username);
        var request = new DefaultHttpContext();
        request.Request.Headers.Cookie = cookies.GetCookieHeader(new Uri(server.Origin));
        Assert.Equal(SignInOutcome.SignedIn, await server.Provider.GetRequiredService<SignIn>().CompleteAsync(request, subject, amr is [] ? [AuthenticationMethods.Password] : amr, server.Provider.GetRequiredService<TimeProvider>().GetUtcNow(), TestContext.Current.CancellationToken));
        foreach (var cookie in request.Response.Headers.SetCookie)
        {
            cookies.SetCookies(new Uri(server.Origin), cookie!);
        }

        return subject;
    }

    /// <summary>The parameters of a complete authorization request for <see cref="Declared.App"/>, changed or removed (null) as given.</summary>
    public static IReadOnlyDictionary<string, string> Request(params (string Name, string? Value)[] changes)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Parameters.ClientId] = Declared.App,
            [Parameters.ResponseType] = ResponseTypes.Code,
            [Parameters.RedirectUri] = Declared.RedirectUri,
            [Parameters.Scope] = "openid profile email offline_access articles.read",
            [Parameters.State] = "a state, with ünicode & signs",
            [Parameters.Nonce] = "n-0S6_WzA2Mj",
            [Parameters.CodeChallenge] = Build.CodeChallenge,
            [Parameters.CodeChallengeMethod] = "S256",
        };
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                parameters.Remove(name);
            }
            else
            {
                parameters[name] = value;
            }
        }

        return parameters;
    }

    /// <summary>Sends the authorization request by GET.</summary>
    public Task<HttpResponseMessage> AuthorizeAsync(params (string Name, string? Value)[] changes) =>
        Http.GetAsync("connect/authorize?" + Wire.Encode(Request(changes)), TestContext.Current.CancellationToken);

    /// <summary>Signs in and gets a code for <see cref="Declared.App"/>.</summary>
    public async Task<string> CodeAsync(params (string Name, string? Value)[] changes)
    {
        await SignInAsync();
        using var response = await AuthorizeAsync(changes);
        return HttpUtility.ParseQueryString(response.Headers.Location!.Query)[Parameters.Code]
            ?? throw new InvalidOperationException($"No code, but {response.Headers.Location}");
    }

    public void Dispose() => Http.Dispose();
}
