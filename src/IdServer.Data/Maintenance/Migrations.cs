using System.Reflection;
using IdServer.Data.Statements;

namespace IdServer.Data.Maintenance;

/// <summary>What EF Core would know as well, after a tenth of a second and twenty megabytes of every start.</summary>
internal static class Migrations
{
    public const string Sqlite = "Migrations/Sqlite/";
    public const string Postgres = "Migrations/Postgres/";

    /// <summary>The ids of this program's migrations of one database, which the build takes from the names of their files.</summary>
    public static IEnumerable<string> Of(string folder) => typeof(Migrations).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Where(file => file.Key.Replace('\\', '/').StartsWith(folder, StringComparison.Ordinal))
        .Select(file => file.Value!);

    /// <summary>Whether every migration of this program has been applied. Fails when there is no table of them.</summary>
    public static async ValueTask<bool> AreAppliedAsync(string folder, PreparedStatements statements)
    {
        var applied = await statements.ListAsync("SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\"", row => row.Text(0));
        return !Of(folder).Except(applied, StringComparer.Ordinal).Any();
    }
}
