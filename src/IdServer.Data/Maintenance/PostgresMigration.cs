using IdServer.Data.Cluster;
using IdServer.Data.Statements;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace IdServer.Data.Maintenance;

/// <summary>Makes the database where it is missing and the user may. Nodes that start at once take turns by an advisory lock, which dies with its connection.</summary>
internal sealed class PostgresMigration(PostgresServer server, ContextFactory contexts) : DatabaseMigration
{
    /// <inheritdoc/>
    public override async Task MigrateAsync(CancellationToken ct)
    {
        await using var session = await OpenAsync(ct);
        using var statements = new PreparedStatements(session);
        if (await IsCurrentAsync(statements))
        {
            return;
        }

        await using var turn = await server.TakeTurnAsync(Turn.Migration, ct);
        if (await IsCurrentAsync(statements))
        {
            return; // made by the node before
        }

        await UpdateAsync(ct);
    }

    private async Task UpdateAsync(CancellationToken ct)
    {
        await using var context = contexts.Create();
        context.Database.SetCommandTimeout(TimeSpan.Zero);
        try
        {
            await context.Database.MigrateAsync(ct);
        }
        catch (Exception e) when (PostgresServer.IsOutage(e))
        {
            throw server.Translate(e);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        try
        {
            return await server.OpenSessionAsync(ct);
        }
        catch (DatabaseUnavailableException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName })
        {
            await server.CreateDatabaseAsync(ct);
            return await server.OpenSessionAsync(ct);
        }
    }

    private async ValueTask<bool> IsCurrentAsync(PreparedStatements statements)
    {
        try
        {
            return await Migrations.AreAppliedAsync(Migrations.Postgres, statements);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return false;
        }
        catch (Exception e) when (PostgresServer.IsOutage(e))
        {
            throw server.Translate(e);
        }
    }
}
