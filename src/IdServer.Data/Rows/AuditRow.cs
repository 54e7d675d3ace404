using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A security event (<see cref="Audit.AuditTrail"/>). Its id begins with its time, so that the newest are found, and the oldest removed, by id.</summary>
internal sealed class AuditRow
{
    public Guid Id { get; init; }

    public DateTimeOffset At { get; init; }

    public int Kind { get; init; }

    public string? ClientId { get; init; }

    public string? Subject { get; init; }

    public Guid? SessionId { get; init; }

    public Guid? GrantId { get; init; }

    public string? RemoteAddress { get; init; }

    public string? Error { get; init; }

    public string? Detail { get; init; }
}

internal sealed class AuditConfiguration : IEntityTypeConfiguration<AuditRow>
{
    public void Configure(EntityTypeBuilder<AuditRow> builder)
    {
        builder.ToTable("audit").HasKey(row => row.Id);
        builder.HasIndex(row => new { row.Subject, row.Id });
        builder.HasIndex(row => new { row.ClientId, row.Id });
        builder.HasIndex(row => new { row.Kind, row.Id });
    }
}
