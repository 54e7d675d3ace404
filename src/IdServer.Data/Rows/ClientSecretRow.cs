using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>The SHA-256 digest of a client's secret, and of a client that signs with it the secret itself, encrypted with <see cref="Keys.SecretSeal"/>.</summary>
internal sealed class ClientSecretRow
{
    public Guid Id { get; init; }

    public required string ClientId { get; init; }

    public required byte[] Digest { get; init; }

    public byte[]? Encrypted { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }
}

internal sealed class ClientSecretConfiguration : IEntityTypeConfiguration<ClientSecretRow>
{
    public void Configure(EntityTypeBuilder<ClientSecretRow> builder)
    {
        builder.ToTable("client_secrets").HasKey(row => row.Id);
        builder.HasOne<ClientRow>().WithMany().HasForeignKey(row => row.ClientId).OnDelete(DeleteBehavior.Cascade);
    }
}
