using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace IdServer.Data;

/// <summary>Contexts of whichever database there is. EF Core is set up when the first one is asked for, which most starts never do.</summary>
internal sealed class ContextFactory<TContext>(IServiceProvider services, Action<DbContextOptionsBuilder<TContext>> configure) : IDbContextFactory<IdServerDbContext>
    where TContext : IdServerDbContext
{
    private readonly Lazy<PooledDbContextFactory<TContext>> pool = new(() =>
    {
        var options = new DbContextOptionsBuilder<TContext>();
        options.UseApplicationServiceProvider(services);
        configure(options);
        foreach (var addition in services.GetServices<IDbContextOptionsConfiguration<TContext>>())
        {
            addition.Configure(services, options);
        }

        return new(options.Options);
    });

    public IdServerDbContext CreateDbContext() => pool.Value.CreateDbContext();
}
