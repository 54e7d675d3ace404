using System.Reflection;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using IdServer.Data.Statements;

namespace IdServer.Data.Maintenance;

/// <summary>What EF Core would know as well, after a tenth of a second of every start.</summary>
internal static class Migrations
{
    /// <summary>Whether every migration of this program has been applied. Fails when there is no table of them.</summary>
    public static async ValueTask<bool> AreAppliedAsync<TContext>(PreparedStatements statements)
    {
        var known = typeof(TContext).Assembly.GetTypes()
            .Where(type => type.GetCustomAttribute<DbContextAttribute>()?.ContextType == typeof(TContext))
            .Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Id)
            .OfType<string>();
        var applied = await statements.ListAsync("SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\"", row => row.Text(0));
        return !known.Except(applied, StringComparer.Ordinal).Any();
    }
}
