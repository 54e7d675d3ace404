using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>What a link in a mail proves, once (<see cref="Users.OneTimeToken"/>).</summary>
internal sealed class OneTimeTokenRow
{
    public Guid Id { get; init; }

    public required byte[] Digest { get; init; }

    public required string Purpose { get; init; }

    public Guid UserId { get; init; }

    public string? Address { get; init; }

    /// <summary>What is to be done when it is spent, where that is not known before.</summary>
    public string? Payload { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; init; }
}

internal sealed class OneTimeTokenConfiguration : IEntityTypeConfiguration<OneTimeTokenRow>
{
    public void Configure(EntityTypeBuilder<OneTimeTokenRow> builder)
    {
        builder.ToTable("one_time_tokens").HasKey(row => row.Id);
        builder.HasIndex(row => row.UserId);
        builder.HasIndex(row => row.ExpiresAt);
    }
}
