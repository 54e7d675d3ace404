using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace IdServer.Benchmarks;

/// <summary>What the bench's <c>stats</c> address answers: bytes allocated and time in collections since the start of the process.</summary>
internal static class AllocationStats
{
    public const string Path = "/stats";

    /// <summary>Ahead of everything else, so that it stands in no other path's way.</summary>
    public static void Use(IApplicationBuilder app) => app.Use((context, next) => context.Request.Path == Path
        ? context.Response.WriteAsync(
            $$"""{"alloc":{{GC.GetTotalAllocatedBytes()}},"pause_ms":{{(long)GC.GetTotalPauseDuration().TotalMilliseconds}},"gen0":{{GC.CollectionCount(0)}},"gen1":{{GC.CollectionCount(1)}},"gen2":{{GC.CollectionCount(2)}}}""",
            context.RequestAborted)
        : next(context));
}
