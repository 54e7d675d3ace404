using System.Text.Json;
using IdServer.Testing;
using IdServer.Tests;
using IdServer.Tokens.Registries;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace IdServer.Browser.Tests.Pages;

/// <summary>The site of a client that asks for consent and has a logo, a policy and terms: where browsers come back to, on loopback.</summary>
public sealed class ApplicationSite : IAsyncDisposable
{
    public const string ClientId = "gazette";
    public const string ClientName = "The Northern Gazette";
    public const string ClientHome = "https://gazette.example/";
    public const string State = "a state, with ünicode & signs";

    private readonly WebApplication site;

    private ApplicationSite(WebApplication site) => this.site = site;

    public string CallbackUri => $"{site.Urls.Single()}/callback";

    /// <summary>What a server is configured with to know the client.</summary>
    /// <remarks>After the clients of <see cref="Declared"/>, of which there are fewer than ten.</remarks>
    public IReadOnlyDictionary<string, string?> Settings => new (string Member, string Value)[]
    {
        ("client_id", ClientId),
        ("client_name", ClientName),
        ("client_uri", ClientHome),
        ("logo_uri", "https://gazette.example/logo.png"),
        ("policy_uri", "https://gazette.example/policy"),
        ("tos_uri", "https://gazette.example/terms"),
        ("token_endpoint_auth_method", ClientAuthenticationMethods.None),
        ("grant_types:0", GrantTypes.AuthorizationCode),
        ("grant_types:1", GrantTypes.RefreshToken),
        ("redirect_uris:0", CallbackUri),
        ("redirect_uris:1", AddressOf("onward")),
        ("post_logout_redirect_uris:0", AddressOf("signed-out")),
        ("frontchannel_logout_uri", AddressOf("front-channel")),
        ("scope", "openid profile email phone offline_access articles.read"),
    }.ToDictionary(m => $"IdServer:Clients:10:{m.Member}", string? (m) => m.Value, StringComparer.Ordinal);

    public static async Task<ApplicationSite> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var built = builder.Build();
        built.MapMethods("/callback", ["GET", "POST"], () => Results.Content("<!DOCTYPE html><title>Callback</title><p id=callback>Back at the application</p>", "text/html"));
        built.MapGet("/onward", (HttpContext context) => Results.Redirect($"http://localhost:{context.Request.Host.Port}/callback{context.Request.QueryString}")); // another origin
        built.MapGet("/signed-out", () => Results.Content("<!DOCTYPE html><title>Signed out</title><p id=callback>Signed out of the application</p>", "text/html"));
        built.MapGet("/front-channel", () => Results.Content("<!DOCTYPE html><title>Cleared</title>", "text/html"));
        await built.StartAsync(TestContext.Current.CancellationToken);
        return new(built);
    }

    /// <summary>The address of an authorization request, changed or without what is null.</summary>
    public string Authorize(string issuer, params (string Name, string? Value)[] changes)
    {
        var parameters = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [Parameters.ClientId] = ClientId,
            [Parameters.ResponseType] = ResponseTypes.Code,
            [Parameters.RedirectUri] = CallbackUri,
            [Parameters.Scope] = "openid profile email offline_access articles.read",
            [Parameters.State] = State,
            [Parameters.CodeChallenge] = Build.CodeChallenge,
            [Parameters.CodeChallengeMethod] = "S256",
        };
        foreach (var (name, value) in changes)
        {
            parameters[name] = value;
        }

        return $"{issuer}/connect/authorize{QueryString.Create(parameters.Where(p => p.Value is not null))}";
    }

    /// <summary>What the application was told, once the browser is back.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> CallbackAsync(IPage page)
    {
        await Expect(page.Locator("#callback")).ToBeVisibleAsync();
        return QueryHelpers.ParseQuery(new Uri(page.Url).Query).ToDictionary(p => p.Key, p => p.Value.ToString(), StringComparer.Ordinal);
    }

    /// <summary>What the token endpoint gives for the code that the browser has brought back.</summary>
    public async Task<JsonElement> TokensAsync(RunningServer server, IPage page)
    {
        using var response = await server.PostAsync(
            "connect/token",
            null,
            (Parameters.GrantType, GrantTypes.AuthorizationCode),
            (Parameters.ClientId, ClientId),
            (Parameters.Code, (await CallbackAsync(page))["code"]),
            (Parameters.RedirectUri, CallbackUri),
            (Parameters.CodeVerifier, Build.CodeVerifier));
        return await response.JsonAsync();
    }

    /// <summary>The claims of the ID token for that code.</summary>
    public async Task<JsonElement> ClaimsAsync(RunningServer server, IPage page) =>
        JsonElement.Parse(WebEncoders.Base64UrlDecode((await TokensAsync(server, page)).Text(Parameters.IdToken).Split('.')[1]));

    public ValueTask DisposeAsync() => site.DisposeAsync();

    private string AddressOf(string page) => CallbackUri.Replace("callback", page, StringComparison.Ordinal);
}

/// <summary>What an application reads in the claims of an ID token.</summary>
internal static class ReadClaims
{
    /// <summary>How the person has signed in.</summary>
    public static (string Acr, string Amr) Proved(this JsonElement claims) => (claims.Text("acr"), string.Join(' ', claims.GetProperty("amr").EnumerateArray().Select(method => method.GetString())));
}
