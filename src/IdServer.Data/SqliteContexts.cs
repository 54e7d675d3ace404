using IdServer.Data.Statements;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace IdServer.Data;

internal sealed class SqliteContexts(IServiceProvider services, SqliteFile file) : ContextFactory
{
    private PooledDbContextFactory<SqliteDbContext>? pool;

    public override IdServerDbContext Create() => LazyInitializer.EnsureInitialized(ref pool, NewPool).CreateDbContext();

    private PooledDbContextFactory<SqliteDbContext> NewPool() => ContextPool.Of<SqliteDbContext>(services, options => options.UseSqlite(file.ConnectionString).AddInterceptors(new SqliteInterceptor(file)));
}
