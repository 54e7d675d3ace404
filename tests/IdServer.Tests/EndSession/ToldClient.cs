using System.Collections.Concurrent;
using IdServer.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IdServer.Tests.EndSession;

/// <summary>A client on a loopback port that is told of ended sessions on both channels, and the server it is registered at.</summary>
public sealed class ToldClient : IAsyncLifetime
{
    public const string Id = "told";

    private readonly ConcurrentQueue<string> logoutTokens = new();
    private readonly ConcurrentQueue<int> answers = new();
    private WebApplication? app;

    public RunningServer Server { get; private set; } = null!;

    public string Origin { get; private set; } = "";

    public string RedirectUri => Origin + "/callback";

    /// <summary>What came over the back channel.</summary>
    public IReadOnlyList<string> LogoutTokens => [.. logoutTokens];

    /// <summary>The next answers; 200 after them.</summary>
    public void AnswerFirst(params int[] statuses)
    {
        foreach (var status in statuses)
        {
            answers.Enqueue(status);
        }
    }

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapPost("/back", async (HttpContext context) =>
        {
            logoutTokens.Enqueue((await context.Request.ReadFormAsync())["logout_token"].ToString());
            context.Response.StatusCode = answers.TryDequeue(out var status) ? status : 200;
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        Origin = app.Urls.Single();
        Server = await RunningServer.StartAsync(new RunningServer
        {
            Settings = new Dictionary<string, string?>
            {
                ["IdServer:Fetching:AllowedPrivateHosts:0"] = new Uri(Origin).Authority,
                ["IdServer:Clients:10:client_id"] = Id,
                ["IdServer:Clients:10:client_secret"] = Declared.Secret,
                ["IdServer:Clients:10:redirect_uris:0"] = RedirectUri,
                ["IdServer:Clients:10:post_logout_redirect_uris:0"] = Origin + "/bye",
                ["IdServer:Clients:10:scope"] = "openid",
                ["IdServer:Clients:10:require_consent"] = "false",
                ["IdServer:Clients:10:backchannel_logout_uri"] = Origin + "/back",
                ["IdServer:Clients:10:frontchannel_logout_uri"] = Origin + "/front?fixed=1",
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        if (app is not null)
        {
            await app.DisposeAsync();
        }
    }

    /// <summary>Signs in here and at <see cref="Declared.App"/>.</summary>
    /// <returns>The ID token of this client.</returns>
    public async Task<string> SignInAsync(TestBrowser browser)
    {
        var code = await browser.CodeAsync((Tokens.Registries.Parameters.ClientId, Id), (Tokens.Registries.Parameters.RedirectUri, RedirectUri), (Tokens.Registries.Parameters.Scope, "openid"));
        using var response = await Server.PostAsync(
            "connect/token", Wire.Basic(Id), ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", RedirectUri), ("code_verifier", Build.CodeVerifier));
        return (await response.JsonAsync()).Text("id_token");
    }
}
