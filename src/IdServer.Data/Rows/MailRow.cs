using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A message that is to be sent, or was. What it says is sealed, since its links are credentials, and goes as soon as it has been sent.</summary>
internal sealed class MailRow
{
    public Guid Id { get; init; }

    public Guid? UserId { get; init; }

    public required string Kind { get; init; }

    public byte[]? Sealed { get; init; }

    public DateTimeOffset DueAt { get; init; }

    public int Attempts { get; init; }

    public string? LastError { get; init; }

    public DateTimeOffset? SentAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class MailConfiguration : IEntityTypeConfiguration<MailRow>
{
    public void Configure(EntityTypeBuilder<MailRow> builder)
    {
        builder.ToTable("mails").HasKey(row => row.Id);
        builder.HasIndex(row => row.DueAt);
        builder.HasIndex(row => row.UserId);
        builder.HasIndex(row => row.ExpiresAt);
    }
}
