using IdServer.Data.Maintenance;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IdServer.Data;

/// <summary>The explicit list of what this project offers.</summary>
public static class DataServices
{
    /// <summary>
    /// The stores of the engine, the change feed, the admin commands and <see cref="IdServerDbContext"/> for ASP.NET Core Identity
    /// (<c>AddIdentityCore&lt;User&gt;().AddRoles&lt;Role&gt;().AddEntityFrameworkStores&lt;IdServerDbContext&gt;()</c> is the host's).
    /// </summary>
    public static IServiceCollection AddIdServerData(this IServiceCollection services, DatabaseSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Provider != DatabaseProviders.Sqlite)
        {
            throw new ArgumentException($"The database provider is \"{settings.Provider}\": write \"{DatabaseProviders.Sqlite}\".", nameof(settings));
        }

        services.Configure<IdentityOptions>(UseSchemaVersion);
        services.AddPooledDbContextFactory<SqliteDbContext>(options => options.UseSqlite(settings.ConnectionString));
        services.AddScoped<IdServerDbContext>(provider => provider.GetRequiredService<IDbContextFactory<SqliteDbContext>>().CreateDbContext());
        services.AddSingleton<DatabaseMigration>();
        return services;
    }

    internal static void UseSchemaVersion(IdentityOptions options) => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;
}
