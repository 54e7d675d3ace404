using IdServer.Protocol.Stores;

namespace IdServer.Routes;

/// <summary>200 while this process answers and its database can be read, else 503: for load balancers and supervisors.</summary>
public sealed partial class HealthRoute(IRevocationStore revocations, TimeProvider time, ILogger<HealthRoute> log)
{
    public const string Path = "/health";

    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var healthy = await CanReadAsync(context.RequestAborted);
        context.Response.StatusCode = healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(healthy ? "healthy" : "the database cannot be read", context.RequestAborted);
    }

    private async ValueTask<bool> CanReadAsync(CancellationToken ct)
    {
        try
        {
            await revocations.ReadAsync(long.MaxValue, 1, time.GetUtcNow(), ct); // touches a real table and finds nothing
            return true;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogUnhealthy(e);
            return false;
        }
    }

    [LoggerMessage(1504, LogLevel.Error, "Health: the database cannot be read")]
    private partial void LogUnhealthy(Exception exception);
}
