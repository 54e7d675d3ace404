namespace IdServer.Data.Maintenance;

/// <summary>Brings the database to the schema of this program, creating it from nothing.</summary>
public abstract class DatabaseMigration
{
    /// <summary>Does nothing when there is nothing to do. Of processes that start at once one migrates and the others wait for it.</summary>
    public abstract Task MigrateAsync(CancellationToken ct);
}
