using IdServer.Data.Statements;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace IdServer.Data;

internal sealed class PostgresContexts(IServiceProvider services, PostgresServer server) : ContextFactory
{
    private PooledDbContextFactory<PostgresDbContext>? pool;

    public override IdServerDbContext Create() => LazyInitializer.EnsureInitialized(ref pool, NewPool).CreateDbContext();

    private PooledDbContextFactory<PostgresDbContext> NewPool() => ContextPool.Of<PostgresDbContext>(services, options => options.UseNpgsql(server.Connections).AddInterceptors(new PostgresInterceptor(server)));
}
