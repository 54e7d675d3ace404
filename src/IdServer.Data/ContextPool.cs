using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace IdServer.Data;

internal static class ContextPool
{
    public static PooledDbContextFactory<TContext> Of<TContext>(IServiceProvider services, Action<DbContextOptionsBuilder<TContext>> configure)
        where TContext : IdServerDbContext
    {
        var options = new DbContextOptionsBuilder<TContext>();
        options.UseApplicationServiceProvider(services);
        configure(options);
        foreach (var addition in services.GetServices<IDbContextOptionsConfiguration<TContext>>())
        {
            addition.Configure(services, options);
        }

        return new(options.Options);
    }
}
