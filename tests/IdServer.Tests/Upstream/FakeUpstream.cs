using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using IdServer.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IdServer.Tests.Upstream;

/// <summary>
/// A real HTTP server on loopback that behaves as the documented endpoints do of Google (<c>/o/oauth2/v2/auth</c>, <c>/token</c>, <c>/certs</c>; all in the ID token), of GitHub
/// (<c>/login/oauth</c>, <c>/user</c>, <c>/user/emails</c>; errors with 200), and of any OpenID Connect provider (discovery, <c>/userinfo</c>). Each request is checked as they check it.
/// </summary>
public sealed class FakeUpstream : IAsyncDisposable
{
    public const string ClientId = "idserver-at-upstream";
    public const string ClientSecret = "the secret & sign of + idserver";

    private static readonly string[] Names = ["Google", "GitHub", "Corporate", "Members"];

    private readonly ConcurrentDictionary<string, (string RedirectUri, string Challenge, string? Nonce)> codes = new();
    private readonly ConcurrentDictionary<string, byte> tokens = new();
    private readonly ClientKeyPair key = ClientKeyPair.Create("RS256");
    private readonly ClientKeyPair foreignKey = ClientKeyPair.Create("RS256");
    private WebApplication? app;

    public string Origin { get; private set; } = "";

    /// <summary>Host and port, as the configuration allows it.</summary>
    public string Authority => new Uri(Origin).Authority;

    /// <summary>The claims of the person in front of the browser; for GitHub the members of <c>/user</c>.</summary>
    public JsonObject Person { get; set; } = [];

    /// <summary>What GitHub's <c>/user/emails</c> lists.</summary>
    public JsonArray Emails { get; set; } = [];

    /// <summary>Changes the ID token before it is signed.</summary>
    public Action<JsonObject> ChangeIdToken { get; set; } = _ => { };

    /// <summary>Whether the ID token is signed with a key that is not published, under the name of one that is.</summary>
    public bool SignsWithForeignKey { get; set; }

    /// <summary>Whether the person, or the provider, says no.</summary>
    public string? Error { get; set; }

    /// <summary>Whether the token endpoint never answers.</summary>
    public bool Hangs { get; set; }

    /// <summary>Whether the token endpoint is broken.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Whether it shows a page with a button, as for a person, rather than going on by itself.</summary>
    public bool AsksPerson { get; set; }

    /// <summary>The last authorization request.</summary>
    public IQueryCollection Request { get; private set; } = QueryCollection.Empty;

    public static async Task<FakeUpstream> StartAsync()
    {
        var upstream = new FakeUpstream();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        upstream.app = builder.Build();
        upstream.Map(upstream.app);
        await upstream.app.StartAsync(TestContext.Current.CancellationToken);
        upstream.Origin = upstream.app.Urls.Single();
        return upstream;
    }

    /// <summary>What a server is configured with to come here under these names: <c>Google</c>, <c>GitHub</c>, and two OpenID Connect providers, of which <c>Members</c> makes no accounts.</summary>
    public IReadOnlyDictionary<string, string?> Settings() => new (string Name, string Value)[]
    {
        ("Fetching:AllowedPrivateHosts:0", Authority),
        ("UpstreamProviders:Google:Issuer", Origin),
        ("UpstreamProviders:Google:AuthorizationEndpoint", $"{Origin}/o/oauth2/v2/auth"),
        ("UpstreamProviders:Google:TokenEndpoint", $"{Origin}/token"),
        ("UpstreamProviders:Google:JwksUri", $"{Origin}/certs"),
        ("UpstreamProviders:GitHub:AuthorizationEndpoint", $"{Origin}/login/oauth/authorize"),
        ("UpstreamProviders:GitHub:TokenEndpoint", $"{Origin}/login/oauth/access_token"),
        ("UpstreamProviders:GitHub:UserInfoEndpoint", $"{Origin}/user"),
        ("UpstreamProviders:GitHub:EmailsEndpoint", $"{Origin}/user/emails"),
        ("UpstreamProviders:Corporate:DisplayName", "Example Corporation"),
        ("UpstreamProviders:Corporate:Authority", $"{Origin}/corporate"),
        ("UpstreamProviders:Corporate:ClaimMapping:name", "displayName"),
        ("UpstreamProviders:Corporate:Role", "editor"),
        ("UpstreamProviders:Corporate:RequireVerifiedEmail", "true"),
        ("UpstreamProviders:Members:Authority", $"{Origin}/corporate"),
        ("UpstreamProviders:Members:CreateUsers", "false"),
    }.Concat(Names.SelectMany(name => new[] { ($"UpstreamProviders:{name}:ClientId", ClientId), ($"UpstreamProviders:{name}:ClientSecret", ClientSecret) }))
        .ToDictionary(s => $"IdServer:{s.Item1}", string? (s) => s.Item2, StringComparer.Ordinal);

    /// <summary>Somebody at Google or an OpenID Connect provider.</summary>
    public void BePerson(string subject, string? email, bool verified = true, string? name = "Gala Eluard") => Person = new JsonObject
    {
        ["sub"] = subject,
        ["email"] = email,
        ["email_verified"] = verified,
        ["name"] = name,
        ["given_name"] = "Gala",
        ["picture"] = "https://lh3.example/photo.jpg",
    };

    /// <summary>Somebody at GitHub who shows no address.</summary>
    public void BeGitHubPerson(long id, string login, string? name, params (string Email, bool Primary, bool Verified)[] emails)
    {
        Person = new JsonObject { ["id"] = id, ["login"] = login, ["name"] = name, ["email"] = null, ["avatar_url"] = $"https://avatars.example/u/{id}" };
        Emails = [.. emails.Select(e => new JsonObject { ["email"] = e.Email, ["primary"] = e.Primary, ["verified"] = e.Verified, ["visibility"] = "private" })];
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
        {
            await app.DisposeAsync();
        }

        key.Dispose();
        foreignKey.Dispose();
    }

    private void Map(WebApplication routes)
    {
        routes.MapGet("/o/oauth2/v2/auth", context => AuthorizeAsync(context, "openid profile email"));
        routes.MapGet("/corporate/authorize", context => AuthorizeAsync(context, "openid profile email"));
        routes.MapGet("/login/oauth/authorize", context => AuthorizeAsync(context, "read:user user:email"));
        routes.MapPost("/token", context => TokenAsync(context, Origin));
        routes.MapPost("/corporate/token", context => TokenAsync(context, $"{Origin}/corporate"));
        routes.MapPost("/login/oauth/access_token", context => TokenAsync(context, null));
        foreach (var path in new[] { "/certs", "/corporate/keys" })
        {
            routes.MapGet(path, () => Results.Content(key.Jwks, "application/json"));
        }

        routes.MapGet("/corporate/.well-known/openid-configuration", () => Results.Content(
            new JsonObject
            {
                ["issuer"] = $"{Origin}/corporate",
                ["authorization_endpoint"] = $"{Origin}/corporate/authorize",
                ["token_endpoint"] = $"{Origin}/corporate/token",
                ["userinfo_endpoint"] = $"{Origin}/corporate/userinfo",
                ["jwks_uri"] = $"{Origin}/corporate/keys",
            }.ToJsonString(),
            "application/json"));
        routes.MapGet("/corporate/userinfo", context => ApiAsync(context, Person));
        routes.MapGet("/user", context => ApiAsync(context, Person));
        routes.MapGet("/user/emails", context => ApiAsync(context, Emails));
    }

    private async Task AuthorizeAsync(HttpContext context, string scope)
    {
        var request = Request = context.Request.Query; // several browsers may be here at once
        var redirectUri = request["redirect_uri"].ToString();
        if (request["client_id"] != ClientId || request["response_type"] != "code" || request["code_challenge_method"] != "S256" || request["scope"] != scope || !redirectUri.EndsWith("/callback", StringComparison.Ordinal))
        {
            context.Response.StatusCode = 400;
            return;
        }

        var code = RandomNumberGenerator.GetHexString(20);
        codes[code] = (redirectUri, request["code_challenge"]!, request["nonce"]);
        var answer = Error is null ? new Dictionary<string, string?> { ["code"] = code } : new Dictionary<string, string?> { ["error"] = Error };
        answer["state"] = request["state"];
        var back = QueryHelpers.AddQueryString(redirectUri, answer);
        if (!AsksPerson)
        {
            context.Response.Redirect(back);
            return;
        }

        context.Response.ContentType = "text/html";
        await context.Response.WriteAsync($"<!DOCTYPE html><html lang=en><title>Upstream</title><h1>Upstream</h1><p><a id=upstream-continue href=\"{System.Net.WebUtility.HtmlEncode(back)}\">Continue</a>", context.RequestAborted);
    }

    private async Task TokenAsync(HttpContext context, string? issuer)
    {
        if (Hangs)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default); // what is tested is that nobody waits for it
            return;
        }

        if (IsBroken)
        {
            context.Response.StatusCode = 503;
            return;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(ClientId)}:{Uri.EscapeDataString(ClientSecret)}"));
        var isKnown = context.Request.Headers.Authorization.ToString() is { Length: > 0 } header ? header == basic : form["client_id"] == ClientId && form["client_secret"] == ClientSecret;
        var challenge = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (!isKnown || form["grant_type"] != "authorization_code" || !codes.TryRemove(form["code"].ToString(), out var issued) || issued.RedirectUri != form["redirect_uri"] || issued.Challenge != challenge)
        {
            context.Response.StatusCode = issuer is null ? 200 : 400; // GitHub says errors with 200
            await context.Response.WriteAsJsonAsync(new JsonObject { ["error"] = issuer is null ? "bad_verification_code" : "invalid_grant" }, context.RequestAborted);
            return;
        }

        var accessToken = RandomNumberGenerator.GetHexString(40);
        tokens[accessToken] = 0;
        var answer = new JsonObject { ["access_token"] = accessToken, ["token_type"] = "bearer" };
        if (issuer is not null)
        {
            answer["id_token"] = IdToken(issuer, issued.Nonce);
        }

        await context.Response.WriteAsJsonAsync(answer, context.RequestAborted);
    }

    private string IdToken(string issuer, string? nonce)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = issuer == Origin ? (JsonObject)Person.DeepClone() : new JsonObject { ["sub"] = Person["sub"]!.DeepClone() }; // Google puts everything there, others leave it to userinfo
        (claims["iss"], claims["aud"], claims["azp"], claims["iat"], claims["exp"], claims["nonce"]) = (issuer, ClientId, ClientId, now, now + 3600, nonce);
        ChangeIdToken(claims);
        return SignsWithForeignKey ? foreignKey.Sign(claims) : key.Sign(claims);
    }

    private async Task ApiAsync(HttpContext context, JsonNode answer)
    {
        var isKnown = context.Request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token] && tokens.ContainsKey(token);
        context.Response.StatusCode = !isKnown ? 401 : context.Request.Headers.UserAgent.Count == 0 ? 403 : 200; // GitHub refuses requests without User-Agent
        await context.Response.WriteAsJsonAsync(answer, context.RequestAborted);
    }
}
