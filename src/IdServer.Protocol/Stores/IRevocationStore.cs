namespace IdServer.Protocol.Stores;

/// <summary>The durable log of revocations. Access tokens are JWTs without a row, so what is revoked is written down here and kept in memory by <see cref="Issuance.RevokedSet"/>.</summary>
public interface IRevocationStore
{
    /// <summary>Revokes one access token by its <c>jti</c>. Durable, and told to the change feed, before it returns.</summary>
    ValueTask RevokeTokenAsync(Guid tokenId, DateTimeOffset expiresAt, DateTimeOffset now, CancellationToken ct);

    /// <summary>Revocations that have not expired, in order of their sequence.</summary>
    /// <param name="after">0 for all.</param>
    ValueTask<IReadOnlyList<Revocation>> ReadAsync(long after, DateTimeOffset now, CancellationToken ct);
}

/// <summary>One revocation.</summary>
/// <param name="Sequence">Grows with every revocation; where a reader resumes.</param>
/// <param name="Key">The <c>jti</c>, <c>gid</c>, <c>sid</c> or user id.</param>
/// <param name="At">For <see cref="RevocationKind.Subject"/>: tokens issued up to then are dead, later ones live.</param>
/// <param name="ExpiresAt">When the last token it could concern has expired.</param>
public readonly record struct Revocation(long Sequence, RevocationKind Kind, Guid Key, DateTimeOffset At, DateTimeOffset ExpiresAt);

/// <summary>What a revocation names. The numbers are stored.</summary>
public enum RevocationKind
{
    Token = 1,
    Grant = 2,
    Session = 3,
    Subject = 4,
}
