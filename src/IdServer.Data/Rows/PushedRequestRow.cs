using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A pushed authorization request (<see cref="Protocol.Stores.PushedRequest"/>). Kept as long as an interaction that it began may last, so that it is spent once.</summary>
internal sealed class PushedRequestRow
{
    public Guid Id { get; init; }

    public required byte[] Digest { get; init; }

    public required string ClientId { get; init; }

    public required string Parameters { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? SpentAt { get; init; }
}

internal sealed class PushedRequestConfiguration : IEntityTypeConfiguration<PushedRequestRow>
{
    public void Configure(EntityTypeBuilder<PushedRequestRow> builder)
    {
        builder.ToTable("pushed_requests").HasKey(row => row.Id);
        builder.HasIndex(row => row.ExpiresAt);
    }
}
