using IdServer.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace IdServer.Benchmarks;

/// <summary>The server as it is, with <see cref="AllocationStats"/> in front: for bytes per request, which the published build does not tell.</summary>
internal static class MeasuredServer
{
    public static async Task RunAsync(string[] args)
    {
        await using var app = ServerHost.Build(args, builder => builder.Services.AddSingleton<IStartupFilter, StatsFirst>());
        await ServerHost.PrepareAsync(app, CancellationToken.None);
        await app.RunAsync();
    }

    private sealed class StatsFirst : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            AllocationStats.Use(app);
            next(app);
        };
    }
}
