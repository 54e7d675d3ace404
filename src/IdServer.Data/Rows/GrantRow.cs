using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>An authorization (<see cref="Protocol.Stores.Grant"/>). Scopes and amr are separated by spaces.</summary>
internal sealed class GrantRow
{
    public Guid Id { get; init; }

    public required string ClientId { get; init; }

    public required string Subject { get; init; }

    public required string Scopes { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public Guid? SessionId { get; init; }

    public DateTimeOffset? AuthTime { get; init; }

    public required string Amr { get; init; }

    public string? Acr { get; init; }

    public string? Claims { get; init; }

    /// <summary>Whether it outlives its session (requirement 48).</summary>
    public bool Offline { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When it ended, or the last code or token expires that was known when this was written. The pruner brings it up to date when it is due, so that a rotation need not.</summary>
    public DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class GrantConfiguration : IEntityTypeConfiguration<GrantRow>
{
    public void Configure(EntityTypeBuilder<GrantRow> builder)
    {
        builder.ToTable("grants").HasKey(row => row.Id);
        builder.HasIndex(row => row.Subject);
        builder.HasIndex(row => row.ClientId);
        builder.HasIndex(row => row.SessionId);
        builder.HasIndex(row => row.ExpiresAt);
    }
}
