using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>The authenticator app of a person, confirmed by a code. <see cref="LastStep"/> is the newest time step (RFC 6238 §4.2) of which a code was used.</summary>
internal sealed class AuthenticatorRow
{
    public Guid UserId { get; init; }

    public required byte[] Secret { get; init; }

    public long LastStep { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class AuthenticatorConfiguration : IEntityTypeConfiguration<AuthenticatorRow>
{
    public void Configure(EntityTypeBuilder<AuthenticatorRow> builder) => builder.ToTable("authenticators").HasKey(row => row.UserId);
}
