using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A change other processes must hear of (<see cref="Protocol.Events.Change"/>), written in the transaction that made it.</summary>
internal sealed class ChangeRow
{
    public long Sequence { get; init; }

    public int Kind { get; init; }

    public string? Key { get; init; }

    public DateTimeOffset At { get; init; }
}

internal sealed class ChangeConfiguration : IEntityTypeConfiguration<ChangeRow>
{
    public void Configure(EntityTypeBuilder<ChangeRow> builder)
    {
        builder.ToTable("changes").HasKey(row => row.Sequence);
        builder.HasIndex(row => row.At);
    }
}
