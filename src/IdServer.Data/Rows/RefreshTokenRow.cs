using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A refresh token (<see cref="Protocol.Stores.RefreshToken"/>). A rotated one stays until it expires, so that reuse is noticed.</summary>
internal sealed class RefreshTokenRow
{
    public Guid Id { get; init; }

    public required byte[] Digest { get; init; }

    public Guid GrantId { get; init; }

    public string? ProofKey { get; init; }

    public string? Certificate { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RotatedAt { get; init; }

    public Guid? SuccessorId { get; init; }

    public byte[]? SealedSecret { get; init; }
}

internal sealed class RefreshTokenConfiguration : IEntityTypeConfiguration<RefreshTokenRow>
{
    public void Configure(EntityTypeBuilder<RefreshTokenRow> builder)
    {
        builder.ToTable("refresh_tokens").HasKey(row => row.Id);
        builder.HasOne<GrantRow>().WithMany().HasForeignKey(row => row.GrantId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(row => row.ExpiresAt);
    }
}
