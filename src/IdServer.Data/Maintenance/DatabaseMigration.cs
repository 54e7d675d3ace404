using System.Reflection;
using IdServer.Data.Statements;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IdServer.Data.Maintenance;

/// <summary>Brings the database to the schema of this program, creating the file and its directory from nothing.</summary>
public sealed class DatabaseMigration
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly SqliteFile file;
    private readonly IDbContextFactory<SqliteDbContext> contexts;

    internal DatabaseMigration(SqliteFile file, IDbContextFactory<SqliteDbContext> contexts)
    {
        this.file = file;
        this.contexts = contexts;
    }

    /// <summary>Does nothing when there is nothing to do. Of processes that start at once one migrates and the others wait for it.</summary>
    public async Task MigrateAsync(CancellationToken ct)
    {
        if (await IsCurrentAsync())
        {
            return;
        }

        file.Create();
        await using var turn = await TakeTurnAsync(ct);
        await using var context = await contexts.CreateDbContextAsync(ct);

        // EF's own lock is a row, which a killed process leaves behind for ever. Whoever holds our lock, which dies with its process, may remove it.
        await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS __EFMigrationsLock", ct);
        await context.Database.MigrateAsync(ct);
    }

    // EF Core would know as well, after a tenth of a second of every start.
    private async Task<bool> IsCurrentAsync()
    {
        if (!File.Exists(file.Path))
        {
            return false;
        }

        var known = typeof(SqliteDbContext).Assembly.GetTypes()
            .Where(type => type.GetCustomAttribute<DbContextAttribute>()?.ContextType == typeof(SqliteDbContext))
            .Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Id)
            .OfType<string>();
        try
        {
            using var statements = new PreparedStatements(file.Open());
            var applied = await statements.ListAsync("SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\"", row => row.Text(0));
            return !known.Except(applied, StringComparer.Ordinal).Any();
        }
        catch (SqliteException)
        {
            return false; // no such table; what else may be wrong, the migration will say
        }
    }

    private async Task<FileStream> TakeTurnAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return new FileStream(file.Path + ".migrating", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                await Task.Delay(Pause, ct); // an advisory lock cannot be waited for
            }
        }
    }
}
