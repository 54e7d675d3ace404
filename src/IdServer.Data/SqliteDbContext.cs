using IdServer.Data.Statements;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace IdServer.Data;

/// <summary>The schema on SQLite; owns <c>Migrations/Sqlite</c>.</summary>
public sealed class SqliteDbContext(DbContextOptions<SqliteDbContext> options) : IdServerDbContext(options)
{
    protected override async Task<int> CommitAsync(bool tellsOthers, Func<CancellationToken, Task<int>> save, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(save);
        var lane = this.GetService<WriteLane>();
        await lane.EnterAsync(ct);
        try
        {
            return await save(ct);
        }
        finally
        {
            lane.Leave();
        }
    }
}

/// <summary>For <c>dotnet ef</c> only.</summary>
internal sealed class SqliteDesignTime : IDesignTimeDbContextFactory<SqliteDbContext>
{
    public SqliteDbContext CreateDbContext(string[] args)
    {
        // Identity's model takes its schema version from the application's services and falls back to version 1, without passkeys.
        var identity = new ServiceCollection().Configure<IdentityOptions>(DataServices.UseSchemaVersion).BuildServiceProvider();
        return new(new DbContextOptionsBuilder<SqliteDbContext>().UseApplicationServiceProvider(identity).UseSqlite("Data Source=design.db").Options);
    }
}
