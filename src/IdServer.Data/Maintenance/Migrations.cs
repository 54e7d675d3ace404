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
    /// <exception cref="DatabaseUnavailableException">Some have not been, and others have that this program does not know: it cannot tell what it would change.</exception>
    public static async ValueTask<bool> AreAppliedAsync(string folder, PreparedStatements statements)
    {
        var applied = await statements.ListAsync("SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\"", row => row.Text(0));
        var known = Of(folder).ToArray();
        if (known.All(id => applied.Contains(id, StringComparer.Ordinal)))
        {
            return true; // and perhaps more, of a newer version whose nodes are being started
        }

        return applied.FirstOrDefault(id => !known.Contains(id, StringComparer.Ordinal)) is not { } foreign ? false : throw new DatabaseUnavailableException(
            $"The database was made by a version of IdServer that this one does not follow: it holds \"{foreign}\", which is not known here. Start the version that made it, or name another database.");
    }
}
