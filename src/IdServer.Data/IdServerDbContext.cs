using System.Text.Json;
using IdServer.Data.Rows;
using IdServer.Data.Users;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace IdServer.Data;

/// <summary>
/// The schema: ASP.NET Core Identity's tables (schema version 3, with passkeys) and ours. EF Core reads and writes Identity's tables and migrates all of them;
/// our own rows are read and written by the SQL in <c>Stores</c>, which serves every database, so names, ids and times look the same in each.
/// </summary>
public abstract class IdServerDbContext(DbContextOptions options) : IdentityDbContext<User, Role, Guid>(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<Guid>().HaveConversion<GuidBytes>();
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        base.OnModelCreating(builder);
        builder
            .ApplyConfiguration(new ClientConfiguration())
            .ApplyConfiguration(new ClientSecretConfiguration())
            .ApplyConfiguration(new GrantConfiguration())
            .ApplyConfiguration(new AuthorizationCodeConfiguration())
            .ApplyConfiguration(new RefreshTokenConfiguration())
            .ApplyConfiguration(new RevocationConfiguration())
            .ApplyConfiguration(new SessionConfiguration())
            .ApplyConfiguration(new ConsentConfiguration())
            .ApplyConfiguration(new InteractionConfiguration())
            .ApplyConfiguration(new ChangeConfiguration());

        // Somebody who signs in with an address must be one person; Identity's own check of it can be raced.
        builder.Entity<User>().HasIndex(user => user.NormalizedEmail).HasDatabaseName("EmailIndex").IsUnique();

        foreach (var property in builder.Model.GetEntityTypes().Where(type => type.ClrType.Namespace == typeof(ClientRow).Namespace).SelectMany(type => type.GetProperties()))
        {
            property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
        }
    }
}
