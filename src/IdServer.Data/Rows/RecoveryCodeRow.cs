using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A code that stands in for the second factor, once.</summary>
internal sealed class RecoveryCodeRow
{
    public Guid UserId { get; init; }

    public required byte[] Digest { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? UsedAt { get; init; }
}

internal sealed class RecoveryCodeConfiguration : IEntityTypeConfiguration<RecoveryCodeRow>
{
    public void Configure(EntityTypeBuilder<RecoveryCodeRow> builder) => builder.ToTable("recovery_codes").HasKey(row => new { row.UserId, row.Digest });
}
