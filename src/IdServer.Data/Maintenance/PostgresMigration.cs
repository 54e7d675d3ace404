using IdServer.Data.Statements;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace IdServer.Data.Maintenance;

/// <summary>Makes the database where it is missing and the user may. Nodes that start at once take turns by an advisory lock, which dies with its connection.</summary>
internal sealed class PostgresMigration(PostgresServer server, IDbContextFactory<PostgresDbContext> contexts) : DatabaseMigration
{
    // Waiting for a node that migrates a large database must not end in a timeout.
    private const string Wait = "SET statement_timeout = 0; SET lock_timeout = 0";

    /// <inheritdoc/>
    public override async Task MigrateAsync(CancellationToken ct)
    {
        await using var session = await OpenAsync(ct);
        using var statements = new PreparedStatements(session);
        if (await IsCurrentAsync(statements))
        {
            return;
        }

        await TakeTurnAsync(session, ct);
        if (await IsCurrentAsync(statements))
        {
            return; // made by the node before
        }

        await using var context = await contexts.CreateDbContextAsync(ct);
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
            return await Migrations.AreAppliedAsync<PostgresDbContext>(statements);
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

    private async Task TakeTurnAsync(NpgsqlConnection session, CancellationToken ct)
    {
        try
        {
#pragma warning disable CA2100 // made of constants
            await using var command = new NpgsqlCommand($"{Wait}; SELECT pg_advisory_lock({PostgresLocks.Class}, {PostgresLocks.Migration})", session) { CommandTimeout = 0 };
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(ct);
        }
        catch (Exception e) when (PostgresServer.IsOutage(e))
        {
            throw server.Translate(e);
        }
    }
}
