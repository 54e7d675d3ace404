using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IdServer.Browser.Tests.Samples;

/// <summary>An API that takes the first token it sees for an expired one, and on <c>/api/articulos</c> every token.</summary>
public sealed class SuspiciousApi
{
    /// <summary>What was sent, by path, in order.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<string>> Tokens { get; } = new(StringComparer.Ordinal);

    /// <returns>Its address.</returns>
    internal async Task<string> StartAsync(List<WebApplication> running)
    {
        var builder = WebApplication.CreateSlimBuilder(["--Urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        running.Add(app);
        app.MapGet("/api/{name}", (HttpContext context) =>
        {
            var seen = Tokens.GetOrAdd(context.Request.Path, _ => []);
            seen.Enqueue(context.Request.Headers.Authorization.ToString());
            return seen.Count == 1 || context.Request.Path == "/api/articulos" ? Results.Json(new { codigo = "TOKEN_EXPIRED" }, statusCode: 401) : Results.Json(new { ok = true });
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app.Urls.Single();
    }
}
