using Microsoft.EntityFrameworkCore;

namespace IdServer.Data.Maintenance;

/// <summary>Brings the database to the schema of this program, creating it and its directory from nothing.</summary>
public sealed class DatabaseMigration(IDbContextFactory<SqliteDbContext> contexts)
{
    /// <summary>Does nothing when there is nothing to do. Safe when two processes start at once.</summary>
    public async Task MigrateAsync(CancellationToken ct)
    {
        await using var context = await contexts.CreateDbContextAsync(ct);
        await context.Database.MigrateAsync(ct);
    }
}
