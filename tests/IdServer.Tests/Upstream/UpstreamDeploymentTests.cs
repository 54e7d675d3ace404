using IdServer.Testing;
using IdServer.Tokens.Registries;
using Xunit;

namespace IdServer.Tests.Upstream;

/// <summary>Providers on servers that are configured in other ways.</summary>
public sealed class UpstreamDeploymentTests
{
    private static readonly string[] CookieFlags = ["secure", "httponly", "samesite=lax", "path=/account/upstream/google/callback"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Attack("stolen cookie")]
    public async Task Under_https_the_cookie_of_a_sign_in_is_Secure_and_the_callback_that_of_the_issuer_whatever_host_was_asked()
    {
        await using var server = await StartAsync(new FederatedServer { Settings = new Dictionary<string, string?> { ["IdServer:Issuer"] = "https://id.example.com" } });
        using var request = new HttpRequestMessage(HttpMethod.Get, "account/upstream/google");
        request.Headers.Host = "evil.example";
        using var response = await server.Running.Http.SendAsync(request, Ct);

        var cookie = response.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("idserver.upstream.", StringComparison.Ordinal));
        Assert.All(CookieFlags, flag => Assert.Contains(flag, cookie, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("redirect_uri=https%3A%2F%2Fid.example.com%2Faccount%2Fupstream%2Fgoogle%2Fcallback", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_people_of_the_hosted_domain_come_in_however_they_came_by_an_answer()
    {
        await using var server = await StartAsync(new FederatedServer { Settings = new Dictionary<string, string?> { ["IdServer:UpstreamProviders:Google:HostedDomain"] = "corporation.example" } });
        server.Upstream.BePerson("outside", "outside@gmail.example");
        using var outsider = new FederatedBrowser(server);
        using var insider = new FederatedBrowser(server);
        var before = await server.PeopleAsync();

        (await outsider.SignInAsync("google")).AssertLoginPage("does not belong to the organisation");
        Assert.Equal("corporation.example", server.Upstream.Request["hd"]);
        server.Upstream.Person["hd"] = "evil.example";
        (await outsider.SignInAsync("google")).AssertLoginPage("does not belong to the organisation");
        Assert.Equal(before, await server.PeopleAsync());

        server.Upstream.Person["hd"] = "corporation.example";
        Assert.True((await insider.SignInAsync("google")).IsAtApplication);
    }

    [Fact]
    public async Task An_issuer_with_a_path_has_its_callbacks_under_it()
    {
        await using var server = await StartAsync(new FederatedServer { IssuerPath = "/tenant" });
        server.Upstream.BePerson("tenant", "tenant@gmail.example");
        using var browser = new FederatedBrowser(server);

        Assert.True((await browser.SignInAsync("google")).IsAtApplication);
        Assert.EndsWith("/tenant/account/upstream/google/callback", server.Upstream.Request["redirect_uri"].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_whose_discovery_document_cannot_be_had_is_out_of_order()
    {
        await using var server = await StartAsync(new FederatedServer { Settings = new Dictionary<string, string?> { ["IdServer:UpstreamProviders:Corporate:Authority"] = "http://127.0.0.1:1" } });
        using var browser = new FederatedBrowser(server);

        (await browser.SignInAsync("corporate")).AssertLoginPage("Example Corporation is not answering properly");
    }

    [Fact]
    [Spec("RFC 8628", "§3.3")]
    public async Task Who_signs_in_for_a_device_comes_back_to_its_confirmation()
    {
        await using var server = await StartAsync(new FederatedServer());
        server.Upstream.BePerson("viewer", "viewer@gmail.example");
        using var begun = await server.Running.PostAsync("connect/deviceauthorization", null, (Parameters.ClientId, Declared.Tv), (Parameters.Scope, "openid profile"));
        using var browser = new FederatedBrowser(server);
        var page = await browser.GoAsync((await begun.JsonAsync()).Text("verification_uri_complete"));
        var login = await browser.PostAsync(page, ("device-code", (await begun.JsonAsync()).Text("user_code")), ("device-continue", "yes"));
        Assert.Equal("/account/login", login.Path);

        Assert.Equal("/device/confirm", (await browser.PressAsync(login, "google")).Path);
    }

    private static async Task<FederatedServer> StartAsync(FederatedServer server)
    {
        await server.InitializeAsync();
        return server;
    }
}
