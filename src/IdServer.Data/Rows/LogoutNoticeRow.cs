using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A client that is to be told of the end of a session (<see cref="Protocol.Stores.LogoutNotice"/>).</summary>
internal sealed class LogoutNoticeRow
{
    public Guid SessionId { get; init; }

    public required string ClientId { get; init; }

    public required string Subject { get; init; }

    public DateTimeOffset DueAt { get; init; }

    public int Attempts { get; init; }
}

internal sealed class LogoutNoticeConfiguration : IEntityTypeConfiguration<LogoutNoticeRow>
{
    public void Configure(EntityTypeBuilder<LogoutNoticeRow> builder)
    {
        builder.ToTable("logout_notices").HasKey(row => new { row.SessionId, row.ClientId });
        builder.HasIndex(row => row.DueAt);
        builder.HasIndex(row => row.Subject);
    }
}
