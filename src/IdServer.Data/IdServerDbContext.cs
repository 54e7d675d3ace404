using System.Text.Json;
using IdServer.Data.Rows;
using IdServer.Data.Users;
using IdServer.Protocol.Events;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace IdServer.Data;

/// <summary>
/// The schema: ASP.NET Core Identity's tables (schema version 3, with passkeys) and ours. EF Core reads and writes Identity's tables and migrates all of them;
/// our own rows are read and written by the SQL in <c>Stores</c>, which serves every database, so names, ids and times look the same in each.
/// </summary>
public abstract class IdServerDbContext(DbContextOptions options) : IdentityDbContext<User, Role, Guid>(options)
{
    /// <summary>The column with the last sign-in by a passkey, or null. Identity's own class does not have it.</summary>
    public const string PasskeyLastUsedAt = "LastUsedAt";

    // A column that Identity's own class does not have.
    private const string LinkedAt = "CreatedAt";

    /// <summary>Saves, and tells the change feed which users have changed: other processes by rows of the same transaction, this one before it returns.</summary>
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        if (Database.CurrentTransaction is not null)
        {
            throw new InvalidOperationException("One SaveChangesAsync is one transaction: an open one would wait for the writer that waits for it.");
        }

        var changes = UserChanges();
        var now = this.GetService<TimeProvider>().GetUtcNow();
        foreach (var login in ChangeTracker.Entries<IdentityUserLogin<Guid>>().Where(entry => entry.State is EntityState.Added))
        {
            login.Property(LinkedAt).CurrentValue = now;
        }

        var rows = changes.Select(change => new ChangeRow { Kind = (int)change.Kind, Key = change.Key, At = now }).ToArray();
        AddRange(rows);
        int saved;
        try
        {
            saved = await CommitAsync(rows.Length > 0, ct => base.SaveChangesAsync(acceptAllChangesOnSuccess, ct), cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is DatabaseUnavailableException outage)
        {
            throw new DatabaseUnavailableException(outage.Message, e);
        }
        finally
        {
            foreach (var row in rows)
            {
                Entry(row).State = EntityState.Detached;
            }
        }

        var feed = this.GetService<IChangeFeed>();
        foreach (var change in changes)
        {
            feed.Publish(change);
        }

        return saved;
    }

    public override int SaveChanges(bool acceptAllChangesOnSuccess) => throw new NotSupportedException("Save with SaveChangesAsync.");

    /// <summary>Saves in one transaction, when the database lets it write.</summary>
    /// <param name="tellsOthers">Whether rows of <c>changes</c> are among what is saved.</param>
    protected abstract Task<int> CommitAsync(bool tellsOthers, Func<CancellationToken, Task<int>> save, CancellationToken ct);

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
            .ApplyConfiguration(new InitialAccessTokenConfiguration())
            .ApplyConfiguration(new GrantConfiguration())
            .ApplyConfiguration(new AuthorizationCodeConfiguration())
            .ApplyConfiguration(new DeviceCodeConfiguration())
            .ApplyConfiguration(new RefreshTokenConfiguration())
            .ApplyConfiguration(new RevocationConfiguration())
            .ApplyConfiguration(new SessionConfiguration())
            .ApplyConfiguration(new LogoutNoticeConfiguration())
            .ApplyConfiguration(new ConsentConfiguration())
            .ApplyConfiguration(new InteractionConfiguration())
            .ApplyConfiguration(new PushedRequestConfiguration())
            .ApplyConfiguration(new ReplayConfiguration())
            .ApplyConfiguration(new ChangeConfiguration())
            .ApplyConfiguration(new AuditConfiguration())
            .ApplyConfiguration(new MailConfiguration())
            .ApplyConfiguration(new OneTimeTokenConfiguration())
            .ApplyConfiguration(new KnownDeviceConfiguration())
            .ApplyConfiguration(new AuthenticatorConfiguration())
            .ApplyConfiguration(new RecoveryCodeConfiguration())
            .ApplyConfiguration(new SigningKeyConfiguration())
            .ApplyConfiguration(new DataProtectionKeyConfiguration());

        // Somebody who signs in with an address must be one person; Identity's own check of it can be raced.
        builder.Entity<User>().HasIndex(user => user.NormalizedEmail).HasDatabaseName("EmailIndex").IsUnique();
        builder.Entity<User>().HasIndex(user => user.DeletesAt).HasFilter("\"DeletesAt\" IS NOT NULL");
        builder.Entity<IdentityUserLogin<Guid>>().Property<DateTimeOffset>(LinkedAt);
        builder.Entity<IdentityUserPasskey<Guid>>().Property<DateTimeOffset?>(PasskeyLastUsedAt).IsConcurrencyToken(); // of two uses at once, one counts

        foreach (var property in builder.Model.GetEntityTypes().Where(type => type.ClrType.Namespace == typeof(ClientRow).Namespace).SelectMany(type => type.GetProperties()))
        {
            property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
        }
    }

    private HashSet<Change> UserChanges() =>
    [
        .. ChangeTracker.Entries()
            .Where(entry => entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted)
            .Select(entry => entry.Entity switch
            {
                User user => new Change(ChangeKind.User, user.Id.ToString()),
                IdentityUserRole<Guid> membership => new Change(ChangeKind.User, membership.UserId.ToString()),
                Role when entry.State is not EntityState.Added => new Change(ChangeKind.Everything), // its name is a claim of all its members
                _ => default(Change?),
            })
            .OfType<Change>(),
    ];
}
