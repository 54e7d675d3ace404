using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>The SHA-256 digest of something that may be used once and has been used (<see cref="Tokens.Replay.IReplayCache"/>).</summary>
internal sealed class ReplayRow
{
    public required byte[] Digest { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class ReplayConfiguration : IEntityTypeConfiguration<ReplayRow>
{
    public void Configure(EntityTypeBuilder<ReplayRow> builder)
    {
        builder.ToTable("replays").HasKey(row => row.Digest);
        builder.HasIndex(row => row.ExpiresAt);
    }
}
