using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IdServer.Data.Rows;

/// <summary>What lets strangers register clients (<see cref="Protocol.Stores.InitialAccessToken"/>).</summary>
internal sealed class InitialAccessTokenRow
{
    public Guid Id { get; init; }

    public required byte[] Digest { get; init; }

    public int UsesLeft { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class InitialAccessTokenConfiguration : IEntityTypeConfiguration<InitialAccessTokenRow>
{
    public void Configure(EntityTypeBuilder<InitialAccessTokenRow> builder)
    {
        builder.ToTable("initial_access_tokens").HasKey(row => row.Id);
        builder.HasIndex(row => row.ExpiresAt);
    }
}
