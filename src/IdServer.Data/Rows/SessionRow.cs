using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A browser session (<see cref="Protocol.Sessions.SsoSession"/>).</summary>
internal sealed class SessionRow
{
    public Guid Id { get; init; }

    public required string Subject { get; init; }

    public DateTimeOffset AuthTime { get; init; }

    public required string Amr { get; init; }

    public required string Acr { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public string? UserAgent { get; init; }

    public string? Address { get; init; }

    public Guid? DeviceId { get; init; }
}

internal sealed class SessionConfiguration : IEntityTypeConfiguration<SessionRow>
{
    public void Configure(EntityTypeBuilder<SessionRow> builder)
    {
        builder.ToTable("sessions").HasKey(row => row.Id);
        builder.HasIndex(row => row.Subject);
        builder.HasIndex(row => row.ExpiresAt);
    }
}
