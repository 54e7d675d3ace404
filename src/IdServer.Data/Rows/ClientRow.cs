using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A registered client. Its metadata is the JSON of <see cref="Protocol.Clients.ClientMetadataJson"/>, without the secret.</summary>
internal sealed class ClientRow
{
    public required string ClientId { get; init; }

    public required string Metadata { get; init; }

    /// <summary>SHA-256 of the token that a client that registered itself manages its registration with.</summary>
    public byte[]? RegistrationDigest { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed class ClientConfiguration : IEntityTypeConfiguration<ClientRow>
{
    public void Configure(EntityTypeBuilder<ClientRow> builder) => builder.ToTable("clients").HasKey(row => row.ClientId);
}
