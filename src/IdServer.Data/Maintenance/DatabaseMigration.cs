using IdServer.Data.Statements;
using Microsoft.EntityFrameworkCore;

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
        file.Create();
        await using var turn = await TakeTurnAsync(ct);
        await using var context = await contexts.CreateDbContextAsync(ct);

        // EF's own lock is a row, which a killed process leaves behind for ever. Whoever holds our lock, which dies with its process, may remove it.
        await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS __EFMigrationsLock", ct);
        await context.Database.MigrateAsync(ct);
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
