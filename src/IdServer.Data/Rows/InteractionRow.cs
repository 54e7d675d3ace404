using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A request that waits for a person (<see cref="Protocol.Stores.Interaction"/>).</summary>
internal sealed class InteractionRow
{
    public Guid Id { get; init; }

    public required byte[] BrowserDigest { get; init; }

    public int Kind { get; init; }

    public required string Parameters { get; init; }

    public Guid? PushedRequestId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public string? ConsentedScopes { get; init; }

    public bool Refused { get; init; }

    public bool Completed { get; init; }
}

internal sealed class InteractionConfiguration : IEntityTypeConfiguration<InteractionRow>
{
    public void Configure(EntityTypeBuilder<InteractionRow> builder)
    {
        builder.ToTable("interactions").HasKey(row => row.Id);
        builder.HasIndex(row => row.ExpiresAt);
    }
}
