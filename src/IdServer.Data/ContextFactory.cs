using Microsoft.EntityFrameworkCore;

namespace IdServer.Data;

/// <summary>Contexts of whichever database there is.</summary>
internal sealed class ContextFactory<TContext>(IDbContextFactory<TContext> pool) : IDbContextFactory<IdServerDbContext>
    where TContext : IdServerDbContext
{
    public IdServerDbContext CreateDbContext() => pool.CreateDbContext();

    public async Task<IdServerDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) => await pool.CreateDbContextAsync(cancellationToken);
}
