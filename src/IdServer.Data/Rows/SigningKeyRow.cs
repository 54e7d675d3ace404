using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A signing key (<see cref="Tokens.Jose.SigningKey"/>), when keys are kept in the database. Its private part is encrypted (<see cref="Keys.KeyEncryption"/>).</summary>
internal sealed class SigningKeyRow
{
    public required string KeyId { get; init; }

    public required string Algorithm { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ActivatesAt { get; init; }

    public required byte[] EncryptedKey { get; init; }
}

internal sealed class SigningKeyConfiguration : IEntityTypeConfiguration<SigningKeyRow>
{
    public void Configure(EntityTypeBuilder<SigningKeyRow> builder) => builder.ToTable("signing_keys").HasKey(row => row.KeyId);
}
