using System.Security.Claims;
using System.Text.Json;
using IdServer.ResourceServer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IdServer.Tests.ResourceServer;

/// <summary>An API protected by the library, over HTTP on a loopback port, with one route of each kind.</summary>
internal sealed class ProtectedApi : IAsyncDisposable
{
    private readonly WebApplication running;
    private readonly HttpClient client;

    private ProtectedApi(WebApplication app)
    {
        running = app;
        client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public IServiceProvider Services => running.Services;

    public int Port => client.BaseAddress!.Port;

    public static Task<ProtectedApi> StartAsync(TestIssuer issuer, TokenValidation validation = TokenValidation.Local, Action<ResourceServerOptions>? configure = null, Action<WebApplicationBuilder>? listen = null) =>
        StartAsync(issuer.Clock, options =>
        {
            options.Issuer = issuer.Issuer;
            options.Audience = TestIssuer.Audience;
            options.Validation = validation;
            options.Introspection = new IntrospectionCredentials { ClientId = "my api", ClientSecret = "s3cret:+%&ñ" };
            options.IntrospectionCache = TimeSpan.Zero;
            configure?.Invoke(options);
        }, listen);

    public static async Task<ProtectedApi> StartAsync(TimeProvider clock, Action<ResourceServerOptions> configure, Action<WebApplicationBuilder>? listen = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        listen?.Invoke(builder);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(clock);
        builder.Services.AddIdServerResourceServer(configure);
        var app = builder.Build();
        app.MapGet("/me", (ClaimsPrincipal caller) => caller.Claims.GroupBy(c => c.Type).ToDictionary(g => g.Key, g => g.Select(c => c.Value))).RequireAuthorization();
        app.MapGet("/optional", (ClaimsPrincipal caller) => new { name = caller.Identity?.Name });
        app.MapGet("/open", (ClaimsPrincipal caller) => new { name = caller.Identity?.Name }).AllowAnonymous();
        app.MapGet("/admin", () => "ok").RequireRol("admin");
        app.MapGet("/staff", () => "ok").RequireRol("admin", "editor");
        app.MapGet("/framework", [Authorize(Roles = "admin")] () => "ok");
        app.MapGet("/scoped", () => "ok").RequireScope("api", "api.write");
        app.MapGet("/forbidden", () => Results.Forbid());
        return await StartAsync(app);
    }

    /// <summary>Starts an API that a test has built.</summary>
    public static async Task<ProtectedApi> StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new ProtectedApi(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public Task<ApiAnswer> GetAsync(string path, string? token = null, string? language = null) =>
        SendAsync(path, request =>
        {
            if (token is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
            }

            if (language is not null)
            {
                request.Headers.TryAddWithoutValidation("Accept-Language", language);
            }
        });

    public Task<ApiAnswer> SendAsync(HttpMethod method, string path, string token) =>
        SendAsync(path, request => (request.Method, request.Headers.Authorization) = (method, new("Bearer", token)));

    public async Task<ApiAnswer> SendAsync(string path, Action<HttpRequestMessage> prepare)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        prepare(request);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await ApiAnswer.ReadAsync(response);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await running.DisposeAsync();
    }
}

/// <summary>An answer of an API, read to its end.</summary>
internal sealed record ApiAnswer(int Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string? Codigo => Json.GetProperty("codigo").GetString();

    public string? Error => Json.GetProperty("error").GetString();

    public string? Challenge => Headers.GetValueOrDefault("WWW-Authenticate");

    public static async Task<ApiAnswer> ReadAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode,
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
        response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
}
