using IdServer.Data.Admin;
using IdServer.Data.Audit;
using IdServer.Data.Changes;
using IdServer.Data.Cluster;
using IdServer.Data.Keys;
using IdServer.Data.Mail;
using IdServer.Data.Maintenance;
using IdServer.Data.Statements;
using IdServer.Data.Stores;
using IdServer.Data.Users;
using IdServer.Protocol.Events;
using IdServer.Protocol.Stores;
using IdServer.Protocol.Users;
using IdServer.Tokens.Replay;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IdServer.Data;

/// <summary>The explicit list of what this project offers.</summary>
public static class DataServices
{
    /// <summary>
    /// The engine's stores, its change feed and its source of users; migration, pruning and admin commands; <see cref="ScopedContext"/> for ASP.NET Core Identity,
    /// which the host adds: <c>AddIdentityCore&lt;User&gt;().AddRoles&lt;Role&gt;()</c>.
    /// Needs <see cref="Protocol.Options.ProtocolOptions"/> and <see cref="IProtocolEvents"/>; takes <see cref="AuditSettings"/> that are there. Opens nothing before it is used.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such provider, or the connection string names no file or no database.</exception>
    public static IServiceCollection AddIdServerData(this IServiceCollection services, DatabaseSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        services.TryAddSingleton(TimeProvider.System);
        services.Configure<IdentityOptions>(UseSchemaVersion);
        switch (settings.Provider.ToUpperInvariant())
        {
            case "SQLITE":
                AddSqlite(services, settings.ConnectionString);
                break;

            case "POSTGRESQL":
                AddPostgres(services, settings.ConnectionString);
                break;

            default:
                throw new ArgumentException(
                    $"The database provider is \"{settings.Provider}\": write \"{DatabaseProviders.Sqlite}\" or \"{DatabaseProviders.PostgreSql}\".", nameof(settings));
        }

        services.AddScoped<ScopedContext>();

        // What AddEntityFrameworkStores does, without asking EF Core for its types at every start.
        services.AddScoped<IUserStore<User>>(provider => new UserStore<User, Role, IdServerDbContext, Guid>(provider.GetRequiredService<ScopedContext>().Value));
        services.AddScoped<IRoleStore<Role>>(provider => new RoleStore<Role, IdServerDbContext, Guid>(provider.GetRequiredService<ScopedContext>().Value));

        services.AddSingleton<IChangeFeed, ChangeFeed>();
        services.AddDataProtection();
        services.AddSingleton<SecretSeal>();
        services.AddSingleton<Outbox>();

        services.AddSingleton<IClientStore, SqlClientStore>();
        services.AddSingleton<IGrantStore, SqlGrantStore>();
        services.AddSingleton<IAuthorizationCodeStore, SqlAuthorizationCodeStore>();
        services.AddSingleton<IDeviceCodeStore, SqlDeviceCodeStore>();
        services.AddSingleton<IRefreshTokenStore, SqlRefreshTokenStore>();
        services.AddSingleton<IRevocationStore, SqlRevocationStore>();
        services.AddSingleton<ISessionStore, SqlSessionStore>();
        services.AddSingleton<IConsentStore, SqlConsentStore>();
        services.AddSingleton<IInteractionStore, SqlInteractionStore>();
        services.AddSingleton<IPushedRequestStore, SqlPushedRequestStore>();
        services.AddSingleton<ILogoutNoticeStore, SqlLogoutNoticeStore>();
        services.AddSingleton<IInitialAccessTokenStore, SqlInitialAccessTokenStore>();
        services.AddSingleton<IReplayCache, SqlReplayCache>();
        services.AddSingleton<IUserClaimsSource, UserClaimsSource>();

        services.TryAddSingleton(new AuditSettings());
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<AuditQueries>();

        services.AddSingleton<ExpiredRowPruner>();
        services.AddSingleton<ClientAdmin>();
        services.AddSingleton<IClientRegistry>(provider => provider.GetRequiredService<ClientAdmin>());
        services.AddSingleton<UserQueries>();
        services.AddSingleton<RowGenerator>();
        services.AddSingleton<StoredUsers>();
        services.AddSingleton<StoredPasswords>();
        services.AddSingleton<OneTimeTokens>();
        services.AddSingleton<Authenticators>();
        services.AddSingleton<RecoveryCodes>();
        services.AddSingleton<AccountQueries>();
        services.AddSingleton<AppAccess>();
        services.AddSingleton<AccountRemoval>();
        services.AddSingleton<PersonalData>();
        services.AddSingleton<KnownDevices>();
        services.AddSingleton<AccountStates>();
        services.AddSingleton<PasswordResets>();
        services.AddSingleton<LinkedLogins>();
        return services;
    }

    /// <summary>Signing keys as files in a directory, made when the first key is. <c>dataprotection</c> in the same directory is free for the framework's own keys.</summary>
    public static IServiceCollection AddSigningKeyDirectory(this IServiceCollection services, string directory) => services.AddSingleton<ISigningKeyStore>(
        provider => ActivatorUtilities.CreateInstance<DirectorySigningKeyStore>(provider, Path.GetFullPath(directory)));

    /// <summary>Signing keys and Data Protection's keys as encrypted rows, the same for every node.</summary>
    /// <param name="encryptionKey">32 bytes, the same on every node.</param>
    public static IServiceCollection AddKeysInDatabase(this IServiceCollection services, byte[] encryptionKey)
    {
        services.AddSingleton(_ => new KeyEncryption(encryptionKey));
        services.AddSingleton<ISigningKeyStore, SqlSigningKeyStore>();
        services.AddOptions<KeyManagementOptions>().Configure<IDatabase, TimeProvider, KeyEncryption>((options, database, time, encryption) =>
        {
            options.XmlRepository = new SqlXmlRepository(database, time);
            options.XmlEncryptor = new XmlKeyEncryptor(encryption);
        });
        return services;
    }

    internal static void UseSchemaVersion(IdentityOptions options) => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;

    private static void AddSqlite(IServiceCollection services, string connectionString)
    {
        var file = new SqliteFile(connectionString);
        services.AddSingleton(_ => file); // by a factory, so that the container closes it
        services.AddSingleton<WriteLane>();
        services.AddSingleton<IDatabase, SqliteDatabase>();
        services.AddSingleton<ContextFactory, SqliteContexts>();
        services.AddSingleton<DatabaseMigration, SqliteMigration>();
        services.AddSingleton<ICluster, SqliteCluster>();
        services.AddHostedService<SqliteChangePoller>();
    }

    private static void AddPostgres(IServiceCollection services, string connectionString)
    {
        var server = new PostgresServer(connectionString);
        services.AddSingleton(_ => server); // likewise
        services.AddSingleton<IDatabase, PostgresDatabase>();
        services.AddSingleton<ContextFactory, PostgresContexts>();
        services.AddSingleton<DatabaseMigration, PostgresMigration>();
        services.AddSingleton<ICluster, PostgresCluster>();
        services.AddHostedService<PostgresChangePoller>();
    }
}
