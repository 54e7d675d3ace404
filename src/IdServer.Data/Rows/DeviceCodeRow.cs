using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A device's request (<see cref="Protocol.Stores.DeviceCode"/>). Scopes are separated by spaces. Kept for an hour after it has expired, so that a device and a person who come late read the truth.</summary>
internal sealed class DeviceCodeRow
{
    public Guid Id { get; init; }

    public required byte[] Digest { get; init; }

    public required string UserCode { get; init; }

    public required string ClientId { get; init; }

    public required string Scopes { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Seconds.</summary>
    public long PollInterval { get; init; }

    public DateTimeOffset? PolledAt { get; init; }

    /// <summary>Whether the last poll came before the interval was over.</summary>
    public bool TooEarly { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Null while nobody has decided, and when the person said no.</summary>
    public Guid? GrantId { get; init; }

    public DateTimeOffset? RedeemedAt { get; init; }
}

internal sealed class DeviceCodeConfiguration : IEntityTypeConfiguration<DeviceCodeRow>
{
    public void Configure(EntityTypeBuilder<DeviceCodeRow> builder)
    {
        builder.ToTable("device_codes").HasKey(row => row.Id);
        builder.HasIndex(row => row.UserCode).IsUnique();
        builder.HasIndex(row => row.ExpiresAt);
        builder.HasOne<GrantRow>().WithMany().HasForeignKey(row => row.GrantId).OnDelete(DeleteBehavior.Cascade);
    }
}
