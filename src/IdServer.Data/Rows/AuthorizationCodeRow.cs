using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>An authorization code (<see cref="Protocol.Stores.AuthorizationCode"/>). Kept as long as its grant, so that reuse is noticed.</summary>
internal sealed class AuthorizationCodeRow
{
    public Guid Id { get; init; }

    public required byte[] Digest { get; init; }

    public Guid GrantId { get; init; }

    public required string RedirectUri { get; init; }

    public string? CodeChallenge { get; init; }

    public string? Nonce { get; init; }

    public string? ProofKey { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RedeemedAt { get; init; }
}

internal sealed class AuthorizationCodeConfiguration : IEntityTypeConfiguration<AuthorizationCodeRow>
{
    public void Configure(EntityTypeBuilder<AuthorizationCodeRow> builder)
    {
        builder.ToTable("authorization_codes").HasKey(row => row.Id);
        builder.HasOne<GrantRow>().WithMany().HasForeignKey(row => row.GrantId).OnDelete(DeleteBehavior.Cascade);
    }
}
