using IdServer.Tokens.Revocations;

namespace IdServer.Protocol.Stores;

/// <summary>The durable log of revocations. Access tokens are JWTs without a row, so what is revoked is written down here and kept in memory by <see cref="Issuance.RevokedSet"/>.</summary>
public interface IRevocationStore
{
    /// <summary>Revokes one access token by its <c>jti</c>. Durable, and told to the change feed, before it returns.</summary>
    ValueTask RevokeTokenAsync(Guid tokenId, DateTimeOffset expiresAt, DateTimeOffset now, CancellationToken ct);

    /// <summary>Revocations that have not expired, in order of their sequence.</summary>
    /// <param name="after">0 for all.</param>
    /// <param name="limit">Most of them; a full answer means that there may be more.</param>
    ValueTask<IReadOnlyList<Revocation>> ReadAsync(long after, int limit, DateTimeOffset now, CancellationToken ct);
}
