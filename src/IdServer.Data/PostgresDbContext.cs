using IdServer.Data.Changes;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.DependencyInjection;

namespace IdServer.Data;

/// <summary>The schema on PostgreSQL; owns <c>Migrations/Postgres</c>.</summary>
public sealed class PostgresDbContext(DbContextOptions<PostgresDbContext> options) : IdServerDbContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<string>().UseCollation("C"); // bytes, as on SQLite: the same order everywhere, whatever the operating system's locale
    }

    protected override async Task<int> CommitAsync(bool tellsOthers, Func<CancellationToken, Task<int>> save, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(save);
        if (!tellsOthers)
        {
            return await save(ct);
        }

        await using var transaction = await Database.BeginTransactionAsync(ct);
        await Database.ExecuteSqlRawAsync(ChangeLog.Turn, ct);
        var saved = await save(ct);
        await transaction.CommitAsync(ct);
        return saved;
    }
}

/// <summary>For <c>dotnet ef</c> only.</summary>
internal sealed class PostgresDesignTime : IDesignTimeDbContextFactory<PostgresDbContext>
{
    public PostgresDbContext CreateDbContext(string[] args)
    {
        var identity = new ServiceCollection().Configure<IdentityOptions>(DataServices.UseSchemaVersion).BuildServiceProvider(); // as in SqliteDesignTime
        return new(new DbContextOptionsBuilder<PostgresDbContext>().UseApplicationServiceProvider(identity).UseNpgsql("Host=design;Database=design").Options);
    }
}
