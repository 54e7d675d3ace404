using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A browser on which a person has signed in. Another person on the same browser has a row of their own.</summary>
internal sealed class KnownDeviceRow
{
    public Guid Id { get; init; }

    public required byte[] Digest { get; init; }

    public Guid UserId { get; init; }

    public required string Name { get; init; }

    public string? Address { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset LastUsedAt { get; init; }

    public DateTimeOffset? TrustedUntil { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class KnownDeviceConfiguration : IEntityTypeConfiguration<KnownDeviceRow>
{
    public void Configure(EntityTypeBuilder<KnownDeviceRow> builder)
    {
        builder.ToTable("known_devices").HasKey(row => row.Id);
        builder.HasIndex(row => new { row.Digest, row.UserId }).IsUnique();
        builder.HasIndex(row => row.UserId);
        builder.HasIndex(row => row.ExpiresAt);
    }
}
