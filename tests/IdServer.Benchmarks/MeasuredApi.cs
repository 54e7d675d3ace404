using IdServer.ResourceServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace IdServer.Benchmarks;

/// <summary>W8: an API protected by <c>IdServer.ResourceServer</c>. <c>/login</c> hands the load generator tokens of the server it trusts.</summary>
internal static class MeasuredApi
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        var settings = builder.Configuration.GetSection("Api");
        builder.Services.AddIdServerResourceServer(options => settings.Bind(options));
        builder.Services.AddAuthorization();
        await using var app = builder.Build();
        AllocationStats.Use(app);
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/ready", () => Results.Ok());
        app.MapGet("/api", (RequestDelegate)(context => context.Response.WriteAsync("{\"sub\":\"alice\"}", context.RequestAborted))).RequireAuthorization();
        using var http = new HttpClient();
        app.MapPost("/login", async (HttpContext context) =>
        {
            using var content = new StreamContent(context.Request.Body);
            content.Headers.ContentType = new("application/x-www-form-urlencoded");
            using var answer = await http.PostAsync(new Uri(settings[nameof(ResourceServerOptions.Issuer)] + "/connect/token"), content, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        await app.RunAsync();
    }
}
