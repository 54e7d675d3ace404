using IdServer.Data.Cluster;
using IdServer.Data.Statements;
using Microsoft.EntityFrameworkCore;

namespace IdServer.Data.Maintenance;

/// <summary>Makes the file and its directory where they are missing.</summary>
internal sealed class SqliteMigration(SqliteFile file, ContextFactory contexts) : DatabaseMigration
{
    private const int Busy = 5; // https://sqlite.org/rescode.html
    private const int ReadOnly = 8;

    /// <inheritdoc/>
    public override async Task MigrateAsync(CancellationToken ct)
    {
        if (await IsCurrentAsync())
        {
            return;
        }

        file.Create();
        await using var turn = await file.TakeTurnAsync(Turn.Migration, ct);
        await UpdateAsync(ct);
    }

    private async Task UpdateAsync(CancellationToken ct)
    {
        await using var context = contexts.Create();

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
            using var statements = file.Open();
            if (!await Migrations.AreAppliedAsync(Migrations.Sqlite, statements))
            {
                return false;
            }

            DemandWritable(statements);
            return true;
        }
        catch (Exception e) when (SqliteFile.CodeOf(e) == ReadOnly)
        {
            throw file.Translate(e);
        }
        catch (Exception e) when (SqliteFile.CodeOf(e) is not null)
        {
            return false; // no such table; what else may be wrong, the migration will say
        }
    }

    // A start must not find nothing wrong with a file that every sign-in will find read-only.
    private static void DemandWritable(PreparedStatements statements)
    {
        try
        {
            statements.Execute("DELETE FROM \"__EFMigrationsHistory\" WHERE FALSE"); // BEGIN IMMEDIATE succeeds on a read-only file
        }
        catch (Exception e) when (SqliteFile.CodeOf(e) == Busy)
        {
            // Somebody is writing, so one can.
        }
    }
}
