using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.DataProtection;

namespace IdServer.Pages;

/// <summary>
/// What the people's lane is made of: the server's own objects, the very same ones, and the framework of the pages, made when the first person comes. To register that
/// framework is to load it, and it is a tenth of what a server that only programs call has in memory.
/// </summary>
internal sealed class PeoplesServices(IServiceCollection registered, IServiceProvider server) : IAsyncDisposable
{
    // Of the framework, these are the process's as well. The rest is made anew, since the pages add to what it consists of.
    private static readonly Type[] Shared = [typeof(ILoggerFactory), typeof(IDataProtectionProvider), typeof(IHostApplicationLifetime), typeof(IMeterFactory)];

    private readonly Lazy<ServiceProvider> provider = new(() =>
    {
        IServiceCollection services = new ServiceCollection();
        foreach (var service in registered)
        {
            services.Add(IsOfServer(service) ? ServiceDescriptor.Singleton(service.ServiceType, server.GetRequiredService(service.ServiceType)) : service); // as an instance: the server's container closes it
        }

        return services.AddIdServerPages().BuildServiceProvider();
    });

    public IServiceProvider Provider => provider.Value;

    public ValueTask DisposeAsync() => provider.IsValueCreated ? provider.Value.DisposeAsync() : default;

    private static bool IsOfServer(ServiceDescriptor service) =>
        service is { Lifetime: ServiceLifetime.Singleton, IsKeyedService: false, ServiceType.IsGenericTypeDefinition: false }
        && (Shared.Contains(service.ServiceType) || service.ServiceType.Namespace?.StartsWith(nameof(IdServer), StringComparison.Ordinal) == true);
}
