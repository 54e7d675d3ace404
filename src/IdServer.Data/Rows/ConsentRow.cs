using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>What a person has allowed a client (<see cref="Protocol.Stores.Consent"/>). Scopes are separated by spaces; claims are a JSON array, since their names may hold anything.</summary>
internal sealed class ConsentRow
{
    public required string Subject { get; init; }

    public required string ClientId { get; init; }

    public required string Scopes { get; init; }

    public required string Claims { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed class ConsentConfiguration : IEntityTypeConfiguration<ConsentRow>
{
    public void Configure(EntityTypeBuilder<ConsentRow> builder)
    {
        builder.ToTable("consents").HasKey(row => new { row.Subject, row.ClientId });
        builder.HasIndex(row => row.ClientId);
    }
}
