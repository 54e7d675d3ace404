using IdServer.Data.Cluster;
using IdServer.Data.Statements;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace IdServer.Data.Maintenance;

/// <summary>Makes the file and its directory where they are missing.</summary>
internal sealed class SqliteMigration(SqliteFile file, IDbContextFactory<SqliteDbContext> contexts) : DatabaseMigration
{
    /// <inheritdoc/>
    public override async Task MigrateAsync(CancellationToken ct)
    {
        if (await IsCurrentAsync())
        {
            return;
        }

        file.Create();
        await using var turn = await file.TakeTurnAsync(Turn.Migration, ct);
        await using var context = await contexts.CreateDbContextAsync(ct);

        // EF's own lock is a row, which a killed process leaves behind for ever. Whoever holds our lock, which dies with its process, may remove it.
        await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS __EFMigrationsLock", ct);
        await context.Database.MigrateAsync(ct);
    }

    private async Task<bool> IsCurrentAsync()
    {
        if (!File.Exists(file.Path))
        {
            return false;
        }

        try
        {
            using var statements = new PreparedStatements(file.Open());
            return await Migrations.AreAppliedAsync<SqliteDbContext>(statements);
        }
        catch (SqliteException)
        {
            return false; // no such table; what else may be wrong, the migration will say
        }
    }
}
