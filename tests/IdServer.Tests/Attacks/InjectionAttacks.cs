using System.Net;
using IdServer.Testing;
using IdServer.Tests.Manage;
using IdServer.Tokens.Registries;
using IdServer.Users;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IdServer.Tests.Attacks;

/// <summary>Markup in what people, browsers and applications call themselves, and addresses of ours that lead elsewhere.</summary>
public sealed class InjectionAttacks(InjectionAttacks.Fixture fixture) : IClassFixture<InjectionAttacks.Fixture>
{
    private const string Hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    private const string Client = "hostile";

    private RunningServer Server => fixture.Server;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Attack("cross-site scripting")]
    public async Task Nothing_that_anybody_is_called_becomes_markup_of_a_page()
    {
        using var person = await AccountBrowser.SignedInAsync(Server, "mallory");
        person.Browser.Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", Hostile + " Firefox/1.0 (Linux)");
        await person.PostAsync("account/login?to=/manage", ("username", "mallory"), ("password", Declared.Password), ("login-submit", "yes")); // on a device of that name
        using var toConsent = await person.Browser.AuthorizeAsync((Parameters.ClientId, Client), (Parameters.Scope, ScopeNames.OpenId), (Parameters.LoginHint, Hostile), (Parameters.State, Hostile), (Parameters.UiLocales, Hostile));
        var consent = toConsent.Headers.Location!.OriginalString.TrimStart('/');
        var seen = 0;

        foreach (var path in new[]
        {
            "", "manage", "manage/profile", "manage/devices", "manage/apps", "manage/activity", "manage/security", "manage/second-factor", "manage/passkeys", "manage/logins", "account/review", "account/logout", consent,
            consent.Replace("authorize/consent", "account/login", StringComparison.Ordinal), consent.Replace("authorize/consent", "account/register", StringComparison.Ordinal), $"account/signed-out?client={Client}",
            "device?user_code=" + WebUtility.UrlEncode(Hostile), "account/login?provider=google&fault=" + WebUtility.UrlEncode(Hostile), "error?e=" + WebUtility.UrlEncode(Hostile), "account/verify?token=" + WebUtility.UrlEncode(Hostile),
            "account/login?interaction=" + WebUtility.UrlEncode(Hostile), "no/such/" + WebUtility.UrlEncode(Hostile),
        })
        {
            seen += AssertHarmless(await person.GetAsync(path));
        }

        AssertHarmless(await person.PostAsync("account/login?to=/manage", ("username", Hostile), ("password", "x"), ("login-submit", "yes")));
        using var stranger = new AccountBrowser(Server);
        AssertHarmless(await stranger.PostAsync("account/register", ("register-email", Hostile), ("register-username", Hostile), ("register-name", Hostile), ("register-password", "short"), ("register-submit", "yes")));
        AssertHarmless(await stranger.PostAsync("device", ("device-code", Hostile)));
        Assert.True(seen >= 4, $"The names were shown on {seen} pages only: there is nothing to see here.");
    }

    [Theory]
    [InlineData("//evil.example?lang=es")]
    [InlineData("//evil.example/%2e%2e?lang=es")]
    [InlineData("/%5Cevil.example?lang=es")]
    [InlineData("/account/login?lang=es&to=//evil.example")]
    [InlineData("/account/login?lang=es&to=https://evil.example/manage")]
    [InlineData("/account/login?idp_hint=https://evil.example")]
    [InlineData("/account/logout?to=https://evil.example&post_logout_redirect_uri=https://evil.example")]
    [InlineData("/account/signed-out?client=hostile&next=https://evil.example&visit=https://evil.example")]
    [InlineData("/account/second-factor?to=//evil.example")]
    [InlineData("/account/upstream/google?to=https://evil.example")]
    [Attack("open redirect")]
    public async Task No_address_of_ours_leads_to_another_site(string path)
    {
        using var wire = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var answer = await wire.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(Server.Origin + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })), Ct);

        Assert.InRange((int)answer.StatusCode, 200, 499);
        if (answer.Headers.Location is { } location)
        {
            Assert.Equal(new Uri(Server.Origin).Authority, new Uri(new Uri(Server.Origin + "/"), location).Authority);
            Assert.DoesNotContain("refresh", answer.Headers.Select(h => h.Key), StringComparer.OrdinalIgnoreCase);
        }
    }

    /// <returns>1 when the page shows the name.</returns>
    private static int AssertHarmless(Answer page)
    {
        Assert.DoesNotContain("<script>alert", page.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img src=x", page.Html, StringComparison.OrdinalIgnoreCase);
        return page.Html.Contains("&lt;script&gt;alert(1)", StringComparison.Ordinal) ? 1 : 0;
    }

    /// <summary>With an application and a person of hostile names.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        public RunningServer Server { get; } = new()
        {
            Settings = new Dictionary<string, string?>
            {
                ["IdServer:Clients:6:client_id"] = Client,
                ["IdServer:Clients:6:client_secret"] = Declared.Secret,
                ["IdServer:Clients:6:client_name"] = Hostile,
                ["IdServer:Clients:6:redirect_uris:0"] = Declared.RedirectUri,
                ["IdServer:Clients:6:scope"] = "openid",
            },
        };

        public async ValueTask InitializeAsync()
        {
            await Server.InitializeAsync();
            var made = await Server.Provider.GetRequiredService<Accounts>().AddAsync(
                new() { Username = "mallory", Email = "mallory@example.com", EmailVerified = true, Password = Declared.Password, Name = Hostile, GivenName = Hostile, Nickname = Hostile }, TestContext.Current.CancellationToken);
            Assert.Empty(made.Faults);
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
