using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A revocation (<see cref="Tokens.Revocations.Revocation"/>).</summary>
internal sealed class RevocationRow
{
    public long Sequence { get; init; }

    public int Kind { get; init; }

    public Guid Key { get; init; }

    public DateTimeOffset At { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class RevocationConfiguration : IEntityTypeConfiguration<RevocationRow>
{
    public void Configure(EntityTypeBuilder<RevocationRow> builder)
    {
        builder.ToTable("revocations").HasKey(row => row.Sequence);
        builder.HasIndex(row => row.ExpiresAt);
    }
}
