using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>A key of ASP.NET Core Data Protection, when keys are kept in the database. The secret inside the XML is encrypted.</summary>
internal sealed class DataProtectionKeyRow
{
    public Guid Id { get; init; }

    public required string Name { get; init; }

    public required string Xml { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class DataProtectionKeyConfiguration : IEntityTypeConfiguration<DataProtectionKeyRow>
{
    public void Configure(EntityTypeBuilder<DataProtectionKeyRow> builder) => builder.ToTable("data_protection_keys").HasKey(row => row.Id);
}
